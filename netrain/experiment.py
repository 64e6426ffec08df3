"""An experiment ready to train: the table read, split, and turned into arrays as the config says."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np
import polars as pl

from netrain.config import AutoLoss, Config, Source
from netrain.data import features
from netrain.data.columns import Categorical, Numeric
from netrain.data.features import Preprocessor
from netrain.data.split import PARTS, SplitRecord
from netrain.data.table import Table, read_table
from netrain.data.target import Classes, TargetCoding, Values, fit_classes, fit_values, infer_task
from netrain.errors import DataError, did_you_mean
from netrain.inputs import Rows
from netrain.metrics import MAIN, ClassScores, Scores, ValueScores
from netrain.nn.build import Shape, build
from netrain.nn.losses import CrossEntropy, Loss, SquaredError
from netrain.nn.network import Network
from netrain.random import stream
from netrain.training.fit import Figures
from netrain.training.threads import blas_threads

PREDICT_ROWS = 2048  # rows of a forward pass outside training


@dataclass(frozen=True)
class Part:
    """A part of the split: the rows for the network, and the true targets in the user's terms."""

    rows: Rows
    truth: np.ndarray  # class numbers int32 [n], or values float64 [n]


@dataclass(frozen=True)
class Experiment:
    """A complete config with what its table gave."""

    config: Config
    loss: Loss
    preprocessor: Preprocessor
    coding: TargetCoding
    record: SplitRecord
    parts: Mapping[str, Part]
    notes: tuple[str, ...]

    @property
    def main(self) -> str:
        """The task's main metric."""
        return MAIN[self.loss.task]

    def network(self) -> Network:
        """A freshly drawn network."""
        return make_network(self.config, self.preprocessor, self.coding, self.loss)

    def figures(self, network: Network, part: str) -> Figures:
        """Loss and metrics of a part; empty where it has no rows."""
        chosen = self.parts[part]
        if not len(chosen.rows):
            return {}
        out = network.predict(chosen.rows.inputs)
        loss = self.loss.value_and_grad(out, chosen.rows.y, chosen.rows.weights, np.empty_like(out))
        return {"loss": loss} | scores(self.coding, chosen.truth, self.loss.link(out)).score()


def prepare(source: Source) -> Experiment:
    """Read, decide what is open, split, fit on training rows, transform. Raises ConfigError and DataError."""
    data = source.config.data
    declared = data.columns
    table = read_table(
        source.table,
        missing=data.missing,
        text=[name for name, column in declared.items() if isinstance(column, Categorical)],
        numbers=[name for name, column in declared.items() if isinstance(column, Numeric)],
    )
    features.check_declared(table.frame, declared)
    used = rows_with_target(table, data.target, drop=data.missing_target == "drop")
    whole = table.take(used)
    target = whole.frame[data.target]
    config, reason = decide_task(source, target)
    coding: TargetCoding
    if config.task == "classification":
        coding = fit_classes(target, table.path)
        classes = coding.encode(whole)
    else:
        classes = np.zeros(len(whole), np.int32)
    parts = data.split.assign(classes, stream(config.seed, "split"))
    train = whole.frame.filter(pl.Series(parts == PARTS.index("train")))
    if config.task == "regression":
        coding = fit_values(train[data.target], table.path)
    inferred = features.infer(whole.frame, data.target, declared)
    preprocessor, left_out = features.fit_columns(train, inferred.columns)
    dropped = f"dropped {int((~used).sum()):,} rows without a target" if not used.all() else ""
    notes = (*table.notes, dropped, reason, *inferred.notes, *left_out)
    record = SplitRecord.of(table.fingerprint, parts, used)
    return assemble(source, config, table, record, preprocessor, coding, tuple(filter(None, notes)))


def again(source: Source, record: SplitRecord, preprocessor: Preprocessor, coding: TargetCoding) -> Experiment:
    """The experiment of a run, from its complete config and what was fitted. DataError if the table changed."""
    data = source.config.data
    table = read_table(source.table, missing=data.missing, text=preprocessor.categorical, numbers=preprocessor.numeric)
    record.check(table.fingerprint, len(table), table.path)
    return assemble(source, source.config, table, record, preprocessor, coding, ())


def assemble(
    source: Source,
    config: Config,
    table: Table,
    record: SplitRecord,
    preprocessor: Preprocessor,
    coding: TargetCoding,
    notes: tuple[str, ...],
) -> Experiment:
    """Everything fitted, applied to the parts of the table."""
    loss = decide_loss(source, config, coding)
    config = config.model_copy(update={"loss": loss})
    check_metrics(source, config, coding)
    parts = {name: part_of(table.take(record.part(name)), preprocessor, coding) for name in PARTS}
    return Experiment(config, loss, preprocessor, coding, record, parts, notes)


def part_of(table: Table, preprocessor: Preprocessor, coding: TargetCoding) -> Part:
    """A table with its targets, as arrays."""
    y = coding.encode(table)
    truth = y if isinstance(coding, Classes) else table.values(coding.column)
    return Part(Rows(preprocessor.transform(table.frame), y), truth)


def rows_with_target(table: Table, target: str, *, drop: bool) -> np.ndarray:
    """Which rows have a target, bool [n]. Raises DataError for missing ones unless they are dropped."""
    if target not in table.frame.columns:
        raise DataError(
            f"the target `{target}` is not a column", where=table.path, hint=did_you_mean(target, table.frame.columns)
        )
    there = table.frame[target].is_not_null().to_numpy()
    if not there.any():
        raise DataError(f"the target `{target}` is missing in every row", where=table.path)
    if not there.all() and not drop:
        first = int(np.argmin(there))
        raise DataError(
            f"the target `{target}` is missing in {int((~there).sum()):,} of {len(there):,} rows, first here",
            where=table.where(first),
            hint="`data.missing_target: drop` leaves these rows out",
        )
    return there


def decide_task(source: Source, target: pl.Series) -> tuple[Config, str]:
    """The config with its task decided, and why in words where it was open."""
    config = source.config
    if config.task != "auto":
        return config, ""
    task, reason = infer_task(target)
    return config.model_copy(update={"task": task}), f"{task}: {reason}"


def decide_loss(source: Source, config: Config, coding: TargetCoding) -> Loss:
    """The loss, chosen by the task where it is open. Raises ConfigError where it does not fit."""
    loss = config.loss
    if isinstance(loss, AutoLoss):
        return CrossEntropy() if config.task == "classification" else SquaredError()
    if loss.task != config.task:
        raise source.document.error(("loss",), f"`{loss.name}` is a loss for {loss.task}; this is {config.task}")
    if loss.name == "binary_cross_entropy" and coding.outputs != 2:
        raise source.document.error(
            ("loss",), f"`{loss.name}` is for two classes; the target has {coding.outputs}", "`loss: cross_entropy`"
        )
    return loss


def check_metrics(source: Source, config: Config, coding: TargetCoding) -> None:
    """Raise ConfigError for a metric that this task does not have."""
    k = coding.outputs
    known = ["loss", *scores(coding, np.zeros(0, np.int32), np.zeros((0, k), np.float32)).score()]
    named: list[tuple[tuple[str | int, ...], Any]] = [(("metric",), config.metric)]
    named += [
        (("training", "stop", i, "metric"), rule.metric)
        for i, rule in enumerate(config.training.stop)
        if rule.name in ("patience", "target")
    ]
    for path, name in named:
        if name not in known:
            raise source.document.error(path, f"`{name}` is not a metric of {config.task}", did_you_mean(name, known))


def make_network(config: Config, preprocessor: Preprocessor, coding: TargetCoding, loss: Loss) -> Network:
    """The network that a config declares for these inputs and this target."""
    rows = max(config.training.batch_size, PREDICT_ROWS)
    shape = Shape(sum(preprocessor.widths), preprocessor.levels, loss.outputs(coding.outputs))
    return build(config.model, shape, seed=config.seed, rows=rows)


def threads(config: Config, network: Network) -> AbstractContextManager[object]:
    """The BLAS threads that the network is worth, in training and wherever it predicts."""
    return blas_threads(config.training.batch_size * network.largest_product)


def scores(coding: TargetCoding, truth: np.ndarray, prediction: np.ndarray) -> Scores:
    """The metrics of predictions, in the user's terms."""
    match coding:
        case Classes():
            return ClassScores(truth, prediction)
        case Values():
            return ValueScores(truth, coding.decode(prediction))
        case _:
            assert_never(coding)
