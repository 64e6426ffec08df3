"""`netrain resume`: go on from a run's last checkpoint as if it had never stopped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from netrain.folds import all_folds, train_folds
from netrain.run import Run, open_run
from netrain.single import go_on, open_source
from netrain.summary import say


def resume(path: Path, overrides: Sequence[str], *, console: Console, quiet: bool) -> tuple[Run, int]:
    """The run, and the exit code."""
    run = open_run(path)
    source = open_source(run, tuple(overrides))
    if all_folds(source):
        return run, train_folds(source, run, tuple(overrides), console=console, quiet=quiet)
    ended = go_on(run, source, console=console, quiet=quiet)
    if isinstance(ended, str):
        if not quiet:
            say(console, f"{run.path} is finished: {ended}; `--set training.epochs=N` trains on")
        return run, 0
    ended.tell(run, str(run.path), console, quiet=quiet)
    return run, ended.code
