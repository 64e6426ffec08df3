"""`netrain train`: from a config to a run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from netrain.config import read_config
from netrain.folds import all_folds, train_folds
from netrain.run import Run, new_run
from netrain.single import begin, keep_config


def train(
    config: Path, overrides: Sequence[str], run_dir: Path | None, *, console: Console, quiet: bool
) -> tuple[Run, int]:
    """The finished run, and the exit code."""
    source = read_config(config, overrides)
    if all_folds(source):
        run = new_run(config.stem, run_dir)
        keep_config(run, source, source.config)
        return run, train_folds(source, run, (), console=console, quiet=quiet)
    run, ended = begin(source, config.stem, run_dir, console=console, quiet=quiet)
    ended.tell(run, str(run.path), console, quiet=quiet)
    return run, ended.code
