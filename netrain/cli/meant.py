"""Which run is meant by a word on the command line; stderr says which."""

from __future__ import annotations

from pathlib import Path

from netrain.cli.output import say


def meant(given: Path, *, quiet: bool = False) -> Path:
    """The run that `latest` or `best` stands for; another path as it is. Raises UsageError where there is none."""
    from netrain.runs.catalogue import chosen

    path, told = chosen(given)
    if told and not quiet:
        say(told)
    return path
