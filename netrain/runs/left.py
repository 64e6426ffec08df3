"""What a stopped run left: the newest whole state to go on from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from netrain.environment import changed
from netrain.errors import CheckpointError, NewerCheckpointError
from netrain.inputs import Floats
from netrain.runs.bundle import Bundle, load_bundle
from netrain.runs.run import Run
from netrain.storage import set_aside
from netrain.training.fit import Figures, State


@dataclass(frozen=True)
class Left:
    """A checkpoint, the state to go on from, its weights, and what there is to say about it."""

    bundle: Bundle
    state: State
    values: Floats
    best_saved: int  # the epoch of a whole `best` of the same training; 0: none
    notes: tuple[str, ...]
    mended: bool  # whether a file is to be written again, even if nothing is left to train


def left_by(run: Run) -> Left | None:
    """What to go on from; None where the run was stopped before its first checkpoint.

    A bad file is set aside as `*.corrupt`, and the other one taken. Raises CheckpointError where there is none.
    """
    notes: list[str] = []
    here = [path.exists() for path in (run.last, run.best)]
    last, best = (whole(path, notes) for path in (run.last, run.best))
    if last is not None:
        state, values = last.state(), last.values()
        saved = best.checked.epoch if best is not None else 0
        saved = saved if saved == state.best_epoch else 0
        if (now := changed(last.checked.environment)) and last.checked.environment:
            notes.append(f"warning: {now}: the last digits may differ from those of the unbroken run")
        return Left(last, state, values, saved, tuple(notes), saved != state.best_epoch)
    if not here[0]:
        return None
    if best is None:
        raise CheckpointError(
            "; ".join([*notes, "no whole checkpoint is left"]),
            where=str(run.path),
            hint="`netrain resume` once more trains from the start",
        )
    epoch = best.checked.epoch
    notes.append(
        f"going on from the best epoch, {epoch}, with the optimizer begun anew: "
        "the end will differ from that of the unbroken run"
    )
    values = best.network.flat.values.copy()
    return Left(best, state_of_best(run, epoch, values), values, epoch, tuple(notes), True)


def whole(path: Path, notes: list[str]) -> Bundle | None:
    """The bundle of a checkpoint; None where it is not there, or was bad and is set aside now, with a note.

    Raises NewerCheckpointError for one that only another netrain reads: it is not bad.
    """
    if not path.exists():
        return None
    try:
        bundle = load_bundle(path)
        if path.name.startswith("last"):
            bundle.state()
            bundle.values()
    except NewerCheckpointError:
        raise
    except CheckpointError as error:
        aside = set_aside(path)
        notes.append(f"{aside.with_suffix('').name} is set aside as {aside.name}: {error.problems[0].message}")
        return None
    return bundle


def state_of_best(run: Run, epoch: int, values: Floats) -> State:
    """A state at the end of the best epoch, with what the log says of those before it. Raises CheckpointError."""
    logged = [line for line in run.logged() if line["epoch"] <= epoch]
    if len(logged) < epoch:
        raise CheckpointError(f"the log holds {len(logged)} of {epoch} epochs", where=str(run.epochs))
    history: list[Figures] = [line["valid"] for line in logged]
    step = int(logged[-1]["step"])
    return State(epoch=epoch, step=step, best_epoch=epoch, history=history, best=values.copy())
