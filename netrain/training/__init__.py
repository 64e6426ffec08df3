"""The training loop, when it stops, and what it saves."""
