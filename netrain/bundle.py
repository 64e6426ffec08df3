"""What a checkpoint holds, as values: a network with all that it needs to predict from a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from pydantic import TypeAdapter, ValidationError

from netrain.config import Config, without_paths
from netrain.data.cells import finished, normalise
from netrain.data.features import Preprocessor
from netrain.data.table import check_column
from netrain.data.target import TargetCoding
from netrain.errors import CheckpointError, DataError, StorageError
from netrain.experiment import Experiment, make_network, threads
from netrain.hints import as_trained, hints
from netrain.inputs import Floats
from netrain.nn.losses import Loss
from netrain.nn.network import Network
from netrain.storage import write_file
from netrain.training.checkpoint import Tensors, pack, unpack
from netrain.training.fit import Figures, State, slot_names
from netrain.version import __version__
from netrain.wording import dotted

MAX_BYTES = 1 << 33

PLAIN = [f.name for f in fields(State) if f.name not in ("slots", "best")]  # of a State, what is JSON


@dataclass(frozen=True)
class Bundle:
    """A trained network, ready to predict."""

    config: Config
    loss: Loss
    preprocessor: Preprocessor
    coding: TargetCoding
    network: Network
    facts: Mapping[str, Any]
    tensors: Tensors

    def prediction(self, frame: pl.DataFrame) -> Floats:
        """Probabilities or values, as the target's coding has them, from a normalised frame."""
        with threads(self.config, self.network):
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
        plain = self.facts.get("state")
        if not isinstance(plain, dict) or set(plain) != set(PLAIN):
            raise CheckpointError("this checkpoint holds no training to resume", hint="resume the run, not `best`")
        slots = {name: self.tensors[f"optimizer.{name}"].copy() for name in slot_names(self.config.training)}
        return State(**plain, slots=slots)


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
    write_file(path, pack(_tensors(network, state.best), facts))


def save_last(path: Path, experiment: Experiment, network: Network, state: State) -> None:
    """Write the weights as they are with all that resuming needs."""
    figures = state.history[-1] if state.history else {}
    facts = facts_of(experiment, "last", state.epoch, figures)
    facts["state"] = {name: getattr(state, name) for name in PLAIN}
    slots = {f"optimizer.{name}": slot for name, slot in state.slots.items()}
    write_file(path, pack(_tensors(network, network.flat.values) | slots, facts))


def facts_of(experiment: Experiment, kind: str, epoch: int, figures: Figures) -> dict[str, Any]:
    """What every checkpoint says of itself. It holds no path and no time: equal runs give equal bytes."""
    return {
        "kind": kind,
        "netrain": __version__,
        "numpy": np.__version__,
        "config": without_paths(experiment.config).model_dump(mode="json"),
        "preprocessor": experiment.preprocessor.model_dump(mode="json"),
        "coding": experiment.coding.model_dump(mode="json"),
        "fingerprint": experiment.record.fingerprint,
        "epoch": epoch,
        "figures": figures,
    }


def load_bundle(path: Path) -> Bundle:
    """The bundle of a checkpoint file. Raises CheckpointError, and StorageError where it cannot be read."""
    tensors, facts = unpack(read_bytes(path), str(path))
    try:
        config = Config.model_validate(facts["config"])
        preprocessor = Preprocessor.model_validate(facts["preprocessor"])
        coding: TargetCoding = TypeAdapter(TargetCoding).validate_python(facts["coding"])
    except (KeyError, ValidationError) as error:
        raise CheckpointError(f"its content is not a checkpoint's: {reason(error)}", where=str(path)) from None
    if config.loss.name == "auto":
        raise CheckpointError("its config is not complete: the loss is open", where=str(path))
    network = make_network(config, preprocessor, coding, config.loss)
    fill_network(network, tensors, path)
    return Bundle(config, config.loss, preprocessor, coding, network, facts, tensors)


def reason(error: KeyError | ValidationError) -> str:
    """The first thing that is wrong, in a line."""
    if isinstance(error, KeyError):
        return f"{error} is missing"
    first = error.errors(include_url=False)[0]
    return f"`{dotted(first['loc'])}`: {first['msg'][:1].lower()}{first['msg'][1:]}"


def fill_network(network: Network, tensors: Tensors, path: Path) -> None:
    """Put the saved weights into a network. Raises CheckpointError where they do not fit it."""
    for name, view in network.flat.named.items():
        tensor = tensors.get(f"network.{name}")
        if tensor is None or tensor.shape != view.shape or tensor.dtype != view.dtype:
            found = "missing" if tensor is None else f"{tensor.dtype} {tensor.shape}, not {view.dtype} {view.shape}"
            raise CheckpointError(f"`{name}` is {found}", where=str(path))
        if not np.isfinite(tensor).all():
            raise CheckpointError(f"`{name}` holds numbers that are not finite", where=str(path))
        view[...] = tensor


def read_bytes(path: Path) -> bytes:
    """The content of a regular file of a sane size."""
    if not path.exists():
        raise CheckpointError("no such checkpoint", where=str(path))
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        raise CheckpointError("not a checkpoint file", where=str(path))
    try:
        return path.read_bytes()
    except OSError as error:
        raise StorageError(f"cannot be read: {error.strerror}", where=str(path)) from None


def _tensors(network: Network, values: Floats) -> dict[str, np.ndarray]:
    """The parameters by name, of a vector laid out like the network's."""
    views, start = {}, 0
    for name, view in network.flat.named.items():
        views[f"network.{name}"] = values[start : start + view.size].reshape(view.shape)
        start += view.size
    return views
