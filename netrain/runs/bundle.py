"""What a checkpoint holds, as values: a network with all that it needs to predict from a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from pydantic import ValidationError

from netrain.config import AutoLoss, Config, without_paths
from netrain.data.cells import finished, normalise
from netrain.data.features import Preprocessor
from netrain.data.table import check_column
from netrain.data.target import TargetCoding
from netrain.environment import environment
from netrain.errors import CheckpointError, DataError, DivergedError, StorageError
from netrain.experiment import Experiment, make_predictor, shape_of, threads
from netrain.hints import as_trained, hints
from netrain.inputs import Floats
from netrain.nn.bag import Bag, of_member
from netrain.nn.build import shapes
from netrain.nn.losses import Loss
from netrain.nn.network import Network, Predictor
from netrain.runs.facts import PLAIN, Facts
from netrain.storage import plain_file, write_file
from netrain.training.checkpoint import MAX_BYTES, Tensors, pack, unpack
from netrain.training.fit import Figures, State
from netrain.version import __version__
from netrain.wording import dotted

VALUES, BEST, SLOT = "training.values", "training.best", "optimizer."  # tensors of `last` beside the network's


@dataclass(frozen=True)
class Bundle:
    """A trained network, ready to predict."""

    config: Config
    loss: Loss
    preprocessor: Preprocessor
    coding: TargetCoding
    network: Network | Bag
    facts: Mapping[str, Any]
    checked: Facts
    tensors: Tensors

    def prediction(self, frame: pl.DataFrame) -> Floats:
        """Probabilities or values, as the target's coding has them, from a normalised frame."""
        with threads(self.config, self.network), np.errstate(over="ignore", invalid="ignore"):  # a stranger's weights
            return self.coding.prediction(self.loss.link(self.network.predict(self.preprocessor.transform(frame))))

    @hints(as_trained)
    def predict(self, frame: Any) -> pl.DataFrame:
        """Predictions for a polars or pandas frame or a dict of columns, one row each, in order.

        Columns: `prediction`, and for classes `probability_<class>`; several targets and quantiles have a
        `prediction_<target>`, `prediction_<quantile>` each. Raises DataError for missing columns, for infinite
        numbers, and for what is no frame.
        """
        table = as_frame(frame)
        text = self.preprocessor.text
        used = {*self.preprocessor.numeric, *text}
        chosen = table.select([name for name in table.columns if name in used])
        normal = finished([normalise(chosen, "the frame", missing=self.config.data.missing, text=text)])
        for column in normal:
            check_column(column, ".", lambda row: f"the frame, row {row}", declared=column.name not in text)
        return self.coding.frame(self.prediction(normal))

    def state(self) -> State:
        """The state of the training, of a `last` checkpoint. Raises CheckpointError for another kind."""
        plain = self.checked.state
        if plain is None:
            raise CheckpointError("this checkpoint holds no training to resume", hint="resume the run, not `best`")
        flat, best = self.network.flat, self.tensors.get(BEST)
        training = self.config.training
        slots = {name: self._vector(SLOT + name, flat.trained) for name in training.optimizer.slots if plain.step}
        slots |= {name: self._vector(SLOT + name, len(flat.values)) for name in training.average.slots if plain.step}
        if plain.best_epoch and best is None:
            raise CheckpointError("this checkpoint does not hold the weights of its best epoch")
        kept = None if best is None else self._vector(BEST, len(flat.values))
        return State(**plain.model_dump() | {"history": list(plain.history)}, slots=slots, best=kept)

    def values(self) -> Floats:
        """The weights that training goes on with; under an average they are not those that predict."""
        size = len(self.network.flat.values)
        return self._vector(VALUES, size) if VALUES in self.tensors else self.network.flat.values.copy()

    def _vector(self, name: str, size: int) -> Floats:
        tensor = self.tensors.get(name)
        if tensor is None or tensor.shape != (size,):
            raise CheckpointError(f"`{name}` is missing, or not of {size} numbers")
        if name in (VALUES, BEST) and not np.isfinite(tensor).all():
            raise CheckpointError(f"`{name}` holds numbers that are not finite")
        return tensor.copy()


def as_frame(frame: Any) -> pl.DataFrame:
    """A polars or pandas frame, or a dict of columns, as a polars frame. Raises DataError for anything else."""
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, Mapping):
        try:
            return pl.DataFrame(frame)
        except (pl.exceptions.PolarsError, TypeError, ValueError) as error:
            raise DataError(f"these columns make no frame: {error}") from None
    if not (hasattr(frame, "columns") and hasattr(frame, "dtypes")):
        what = type(frame).__name__
        raise DataError(f"not a frame: {what}", hint="a polars or pandas frame, or a dict of columns: `{name: values}`")
    return pl.DataFrame([_from_pandas(str(name), frame[name]) for name in frame.columns])


def _from_pandas(name: str, column: Any) -> pl.Series:
    if column.dtype.kind in "iuf":
        return pl.Series(name, column.to_numpy(dtype=np.float64, na_value=np.nan))
    there = column.notna()
    return pl.Series(name, [str(v) if ok else None for v, ok in zip(column, there, strict=True)], dtype=pl.String)


def save_best(path: Path, experiment: Experiment, network: Network, state: State) -> None:
    """Write the weights of the best epoch with all that predicting needs."""
    assert state.best is not None
    figures = state.history[state.best_epoch - 1]
    facts = facts_of(experiment, "best", state.best_epoch, figures)
    write_file(path, pack(named(network, state.best), facts))


def save_bag(path: Path, experiment: Experiment, bag: Bag, members: Sequence[Mapping[str, Any]]) -> None:
    """Write all networks of a bag as one that predicts. `members`: epoch and figures of each."""
    epoch = max(member["epoch"] for member in members)
    facts = facts_of(experiment, "best", epoch, experiment.figures(bag, "valid"))
    write_file(path, pack(named(bag, bag.flat.values), facts | {"members": list(members)}))


def save_last(path: Path, experiment: Experiment, network: Network, state: State) -> None:
    """Write the weights as they are with all that resuming needs, those of the best epoch included.

    Raises DivergedError, and writes nothing, where they are not finite.
    """
    values = network.flat.values
    if not np.isfinite(values).all():
        raise DivergedError(f"training diverged: weights are not finite after step {state.step}; nothing is saved")
    figures = state.history[-1] if state.history else {}
    facts = facts_of(experiment, "last", state.epoch, figures)
    facts["state"] = {name: getattr(state, name) for name in PLAIN}
    averaged = bool(state.step and experiment.config.training.average.slots)
    predicting = experiment.config.training.average.weights(values, state.slots) if averaged else values
    tensors = named(network, predicting) | {SLOT + name: slot for name, slot in state.slots.items()}
    if averaged:
        tensors[VALUES] = values
    if state.best_epoch and state.best is not None:
        tensors[BEST] = state.best
    write_file(path, pack(tensors, facts))


def facts_of(experiment: Experiment, kind: str, epoch: int, figures: Figures) -> dict[str, Any]:
    """What every checkpoint says of itself. It holds no path and no time: equal runs give equal bytes."""
    return {
        "kind": kind,
        "netrain": __version__,
        "environment": environment(),
        "config": without_paths(experiment.config).model_dump(mode="json"),
        "preprocessor": experiment.preprocessor.model_dump(mode="json"),
        "coding": experiment.coding.model_dump(mode="json"),
        "fingerprint": experiment.record.fingerprint,
        "epoch": epoch,
        "figures": figures,
    }


def load_bundle(path: Path) -> Bundle:
    """The bundle of a checkpoint file. Raises CheckpointError, and StorageError where it cannot be read.

    Nothing that the file says of a size is believed before the file itself proves it.
    """
    try:
        with plain_file(path, MAX_BYTES) as (stream, size):
            packed = unpack(stream, size, str(path))
            facts = checked(packed.facts, path)
            check_shapes(facts, {name: entry.shape for name, entry in packed.entries.items()}, path)
            tensors = packed.tensors()
    except FileNotFoundError:
        raise CheckpointError("no such checkpoint", where=str(path)) from None
    except OSError as error:
        raise StorageError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except ValueError as error:
        raise CheckpointError(f"not a checkpoint file: {error}", where=str(path)) from None
    config, loss = facts.config, facts.config.loss
    assert not isinstance(loss, AutoLoss)
    network = make_predictor(config, facts.preprocessor, facts.coding, loss)
    fill_network(network, tensors, path)
    plain = packed.facts | facts.model_dump(mode="json", include={"config"})  # one serializer: another takes 13 ms
    return Bundle(config, loss, facts.preprocessor, facts.coding, network, plain, facts, tensors)


def checked(facts: dict[str, Any], path: Path) -> Facts:
    """The facts as values. Raises CheckpointError that names the first that is none."""
    try:
        return Facts.model_validate(facts)
    except ValidationError as error:
        raise CheckpointError(f"its content is not a checkpoint's: {reason(error)}", where=str(path)) from None


def check_shapes(facts: Facts, found: Mapping[str, tuple[int, ...]], path: Path) -> None:
    """Raise CheckpointError where the tensors are not those of the network that the config declares."""
    loss, members = facts.config.loss, facts.config.training.networks
    assert not isinstance(loss, AutoLoss)
    for name, shape in shapes(facts.config.model, shape_of(facts.preprocessor, facts.coding, loss)).items():
        for full in [of_member(i, name) for i in range(members)] if members > 1 else [name]:
            there = found.get(f"network.{full}")
            if there != shape:
                told = "missing" if there is None else f"of {there}, not of {shape}"
                raise CheckpointError(f"`{full}` is {told}", where=str(path))


def reason(error: ValidationError) -> str:
    """The first thing that is wrong, in a line."""
    first = error.errors(include_url=False)[0]
    told = first["msg"].removeprefix("Value error, ")
    place = f"`{dotted(first['loc'])}`: " if first["loc"] else ""
    return f"{place}{told[:1].lower()}{told[1:]}"[:300]


def fill_network(network: Predictor, tensors: Tensors, path: Path) -> None:
    """Put the saved weights into a network. Raises CheckpointError where they are no finite numbers."""
    for name, view in network.flat.named.items():
        tensor = tensors[f"network.{name}"]
        if not np.isfinite(tensor).all():
            raise CheckpointError(f"`{name}` holds numbers that are not finite", where=str(path))
        view[...] = tensor


def named(network: Predictor, values: Floats) -> dict[str, np.ndarray]:
    """The parameters by name, of a vector laid out like the network's."""
    views, start = {}, 0
    for name, view in network.flat.named.items():
        views[f"network.{name}"] = values[start : start + view.size].reshape(view.shape)
        start += view.size
    return views
