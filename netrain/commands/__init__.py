"""The commands: each file reads top to bottom."""
