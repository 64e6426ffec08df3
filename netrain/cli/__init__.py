"""The command line: the commands and their options, what is printed, and how mistakes are told."""

from netrain.cli.program import main

__all__ = ["main"]
