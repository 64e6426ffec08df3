"""`netrain resume`: go on from a run's last checkpoint as if it had never stopped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from netrain.folds import all_folds, read_folds, train_folds
from netrain.run import Run, open_run
from netrain.single import go_on, keep_config, open_source, resolve
from netrain.summary import say


def resume(path: Path, overrides: Sequence[str], *, console: Console, quiet: bool) -> tuple[Run, int]:
    """The run, and the exit code."""
    run = open_run(path)
    source = open_source(run, tuple(overrides))
    if all_folds(source):
        source, basis = resolve(source)
        reads = read_folds(source, basis)
        if overrides:  # for the folds that have not begun
            keep_config(run, source, source.config)
        code = train_folds(source, basis, reads, run, tuple(overrides), console=console, quiet=quiet)
        return run, code
    ended = go_on(run, source, console=console, quiet=quiet)
    if isinstance(ended, str):
        if not quiet:
            say(console, f"{run.path} is finished: {ended}; `--set training.epochs=N` trains on")
        return run, 0
    ended.tell(run, str(run.path), console, quiet=quiet)
    return run, ended.code
