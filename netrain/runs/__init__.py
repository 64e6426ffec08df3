"""Runs: their folders, the checkpoints in them, which ones there are, and what a stopped one left."""
