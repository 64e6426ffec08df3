"""`netrain resume`: go on from a run's last checkpoint as if it had never stopped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from netrain.bag import go_on
from netrain.errors import UsageError
from netrain.folds import all_folds, check_alike, read_folds, train_folds
from netrain.hints import hints
from netrain.runs.run import Run, open_run
from netrain.shown.summary import say
from netrain.single import keep_config, open_source, resolve
from netrain.storage import locked


@hints(str)
def resume(path: Path, overrides: Sequence[str], *, console: Console, quiet: bool) -> tuple[Run, int]:
    """The run, and the exit code. Raises LockedError where another process works in it."""
    run = open_run(path)
    with locked(run.path):
        return run, resumed(run, tuple(overrides), console=console, quiet=quiet)


def resumed(run: Run, overrides: tuple[str, ...], *, console: Console, quiet: bool) -> int:
    """The exit code."""
    source = open_source(run, overrides)
    if all_folds(source):
        check_alike(source, run)
        source, basis = resolve(source)
        source, reads = read_folds(source, basis)
        if overrides:  # for the folds that have not begun
            keep_config(run, source, source.config)
        return train_folds(source, basis, reads, run, console=console, quiet=quiet)
    ended = go_on(run, source, console=console, quiet=quiet)
    if isinstance(ended, str):
        wanted, done = source.config.training.epochs, (run.read_report() or {}).get("epochs", 0)
        again = ["--set training.stop=never"] * (wanted > done) + [f"--set training.epochs={max(wanted, done + 1)}"]
        again[-1] = again[-1] if overrides else "--set training.epochs=N"
        command = f"`netrain resume {run.path} {' '.join(again)}`"
        if overrides and wanted > done:
            raise UsageError(f"{run.path} is finished: {ended}, so that more epochs alone change nothing", hint=command)
        if not quiet:
            say(console, f"{run.path} is finished: {ended}; {command} trains on")
        return 0
    ended.tell(run, str(run.path), console, quiet=quiet)
    return ended.code
