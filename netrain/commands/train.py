"""`netrain train`: from a config to a run."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from netrain.config import Source
from netrain.sources import said, source_of, words

if TYPE_CHECKING:
    from rich.console import Console

    from netrain.runs.run import Run


def train(
    what: Path,
    target: Sequence[str],
    preset: str,
    overrides: Sequence[str],
    run_dir: Path | None,
    *,
    talk: Callable[[], Console],
    quiet: bool,
) -> tuple[Run, int]:
    """The finished run of a config, or of a table with its target, and the exit code."""
    with said(what, target):
        given = source_of(what, target, preset, overrides)  # what is wrong with it is told before the rest is imported
        given = replace(given, command=command(what, target, preset, overrides))
        return trained(given, what.name.partition(".")[0], run_dir, talk(), quiet=quiet)


def command(what: Path, target: Sequence[str], preset: str, overrides: Sequence[str]) -> str:
    """The command that trains this into a run of its own; empty where it does not fit a line."""
    line = shlex.join(["netrain", "train", *words(what, target, preset, overrides)])
    return line if line.isprintable() else ""


def trained(given: Source, stem: str, run_dir: Path | None, console: Console, *, quiet: bool) -> tuple[Run, int]:
    """The same of a config, with hints as for a config."""
    from netrain.bag import begin
    from netrain.folds import all_folds, read_folds, train_folds
    from netrain.runs.run import new_run
    from netrain.single import keep_config, resolve
    from netrain.storage import locked

    source, basis = resolve(given)
    if all_folds(source):
        source, reads = read_folds(source, basis)  # nothing is written before they have proved good
        run = new_run(stem, run_dir)
        run.last.parent.rmdir()  # each fold has its own
        with locked(run.path):
            keep_config(run, source, source.config)
            return run, train_folds(source, basis, reads, run, console=console, quiet=quiet)
    run, ended = begin(source, basis, stem, run_dir, console=console, quiet=quiet)
    ended.tell(run, str(run.path), console, quiet=quiet)
    return run, ended.code
