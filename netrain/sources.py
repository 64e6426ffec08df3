"""The way in of a training: a config in a file, or a table with its target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from netrain import files
from netrain.config import Source, read_config, table_config
from netrain.hints import as_arguments, hints


def is_table(what: Path, target: Sequence[str]) -> bool:
    """Whether a table is meant, not a config."""
    return bool(target) or files.is_table(what)


def source_of(what: Path, target: Sequence[str], preset: str, overrides: Sequence[str]) -> Source:
    """The config in a file, or the one that a table and its target make."""
    if is_table(what, target):
        return table_config(what, target, preset, overrides)
    return read_config(what, [*overrides, f"preset={preset}"] if preset else overrides)


def said(what: Path, target: Sequence[str]) -> AbstractContextManager[None]:
    """Hints as they can be typed where this was given."""
    way: Callable[[str], str] = as_arguments if is_table(what, target) else str
    return hints(way)


def words(what: Path, target: Sequence[str], preset: str, overrides: Sequence[str]) -> list[str]:
    """The words of a command line that give the same."""
    return [
        str(what),
        *(word for name in target for word in ("--target", name)),
        *(["--preset", preset] if preset else []),
        *(word for setting in overrides for word in ("--set", setting)),
    ]
