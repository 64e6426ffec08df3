"""`netrain resume`: go on from a run's last checkpoint as if it had never stopped."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console

from netrain.bundle import load_bundle
from netrain.commands.train import INTERRUPTED, carry_on, finished
from netrain.config import Config, read_config
from netrain.errors import UsageError
from netrain.experiment import again
from netrain.run import Run, open_run
from netrain.storage import write_file
from netrain.summary import say

MAY_CHANGE = ("training.epochs", "training.stop", "training.save_every")


def resume(path: Path, overrides: Sequence[str], *, console: Console, quiet: bool) -> tuple[Run, int]:
    """The run, and the exit code."""
    run = open_run(path)
    for override in overrides:
        key = override.partition("=")[0].strip()
        if not any(key == may or key.startswith(f"{may}.") for may in MAY_CHANGE):
            raise UsageError(
                f"`{key}` cannot change on resume",
                where=f"--set {override}",
                hint="only " + ", ".join(f"`{may}`" for may in MAY_CHANGE) + "; for the rest train anew",
            )
    source = read_config(run.config, overrides)
    last = load_bundle(run.last)
    check_same(source.config, last.config, run)
    state = last.state()
    report = run.read_report()
    reason = finished(source.config, state)
    if reason and report is not None and report["stopped"]["reason"] != INTERRUPTED:
        if not quiet:
            say(console, f"{run.path} is finished: {reason}; `--set training.epochs=N` trains on")
        return run, 0
    if state.best_epoch:
        state.best = load_bundle(run.best).network.flat.values.copy()
    experiment = again(source, run.split_record(), last.preprocessor, last.coding)
    if source.config.training.epochs != last.config.training.epochs:
        write_file(run.config, source.config.to_yaml().encode())
        if source.config.training.schedule.looks_ahead and not quiet:
            say(console, "the learning rate is scheduled anew for the new number of epochs")
    seconds = run.cut_log(state.epoch)
    values = np.asarray(last.network.flat.values)
    return run, carry_on(experiment, run, state, seconds, console=console, quiet=quiet, values=values)


def check_same(config: Config, saved: Config, run: Run) -> None:
    """Raise UsageError where the run's config is no longer that of its checkpoint."""
    now, before = comparable(config), comparable(saved)
    changed = [key for key in now if now[key] != before[key]]
    if changed:
        raise UsageError(
            "the config has changed since the checkpoint: " + ", ".join(f"`{key}`" for key in changed),
            where=str(run.config),
            hint="put the old values back, or train anew",
        )


def comparable(config: Config) -> dict[str, object]:
    """A config without what may change, by its keys of one or two words."""
    flat: dict[str, object] = {}
    for key, value in config.model_dump().items():
        if isinstance(value, dict) and key in ("data", "training"):
            flat |= {f"{key}.{below}": part for below, part in value.items()}
        else:
            flat[key] = value
    return {key: value for key, value in flat.items() if key not in (*MAY_CHANGE, "data.path")}
