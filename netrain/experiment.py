"""An experiment ready to train: rows as arrays, with all that turns a network's outputs into figures."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from netrain.config import Config
from netrain.data.columns import Column
from netrain.data.declared import Data, Given
from netrain.data.features import Preprocessor
from netrain.data.parted import SplitRecord
from netrain.data.table import Table
from netrain.data.target import Classes, Labels, TargetCoding, Values
from netrain.data.weights import balanced, given, row_weights
from netrain.finding import Finding
from netrain.inputs import Floats, Rows
from netrain.metrics import MAIN, ClassScores, LabelScores, QuantileScores, Scores, ValueScores
from netrain.nn.bag import Bag
from netrain.nn.build import Shape, build
from netrain.nn.losses import Loss
from netrain.nn.network import Network, Predictor
from netrain.nn.pool import Pool, pool
from netrain.random import stream
from netrain.training.fit import Figures
from netrain.training.threads import blas_threads

PREDICT_ROWS = 2048  # rows of a forward pass outside training


@dataclass(frozen=True)
class Part:
    """A part of the split: the rows for the network, the true targets in the user's terms, the rows' weights."""

    rows: Rows
    truth: NDArray[np.int32] | Floats  # as `TargetCoding.truth`
    weights: Floats | None  # of a column, for metrics; those of the classes are in `rows` alone


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
    reason: str = ""  # why the task is what it is, where the config left it open
    findings: tuple[Finding, ...] = ()  # of the doctor
    columns: Mapping[str, Column] = field(default_factory=dict)  # as declared or inferred, where it was made anew
    start: Mapping[str, Floats] = field(default_factory=dict)  # weights of another run, by name
    frozen: tuple[str, ...] = ()  # parameters that training leaves as they are

    @property
    def main(self) -> str:
        """The task's main metric."""
        return MAIN[self.loss.task]

    def network(self) -> Network:
        """A freshly drawn network, with the weights it starts from; it has not looked at the rows."""
        return self._with_start(make_network(self.config, self.preprocessor, self.coding, self.loss))

    def started(self) -> Network:
        """A network ready for its first step: it has looked at the training rows."""
        network, rows = self.network(), self.parts["train"].rows
        network.start(rows.inputs, rows.y, seed_of(self.config))
        return self._with_start(network)

    def _with_start(self, network: Network) -> Network:
        for name, weights in self.start.items():
            network.flat.named[name][...] = weights
        return network

    def figures(self, network: Predictor, part: str) -> Figures:
        """Loss and metrics of a part; empty where it has no rows."""
        chosen = self.parts[part]
        if not len(chosen.rows):
            return {}
        with np.errstate(over="ignore", invalid="ignore"):  # a figure that is not finite is never the best
            out = network.predict(chosen.rows.inputs)
            loss = self.loss.value_and_grad(out, chosen.rows.y, chosen.rows.weights, np.empty_like(out))
        prediction = self.coding.prediction(self.loss.link(out))
        figures: Figures = {"loss": loss, **scores(self.coding, chosen.truth, prediction).score(chosen.weights)}
        return {name: None if value is None or not isfinite(value) else value for name, value in figures.items()}


def part_of(
    table: Table, weight: str, preprocessor: Preprocessor, coding: TargetCoding, by_class: Floats | None = None
) -> Part:
    """A table with its targets and weights, as arrays. `by_class`: the weight of each class, for the loss alone."""
    y = coding.encode(table)
    weights = row_weights(table, weight) if weight else None
    for_loss = weights
    if by_class is not None:
        for_loss = by_class[y] if weights is None else by_class[y] * weights
    if for_loss is not None and len(for_loss):
        for_loss = (for_loss / max(float(for_loss.mean()), 1e-300)).astype(np.float32)
    return Part(Rows(preprocessor.transform(table.frame), y, for_loss), coding.truth(table), weights)


def out_of_fold(part: Part, held: NDArray[np.intp]) -> Part:
    """The same rows, for a bag of which one has not seen each."""
    return replace(part, rows=replace(part.rows, inputs=replace(part.rows.inputs, held=held)))


def class_weights(data: Data, train: Table, coding: TargetCoding) -> Floats | None:
    """What a row of each class weighs in the loss; None where all weigh alike, or there are no classes."""
    if data.class_weight.name == "none" or not isinstance(coding, Classes):
        return None
    if isinstance(data.class_weight, Given):
        return given(data.class_weight.weights, coding, train.path)
    weights = row_weights(train, data.weight) if data.weight else np.ones(len(train))
    return balanced(coding.encode(train), weights, coding.classes)


def make_network(config: Config, preprocessor: Preprocessor, coding: TargetCoding, loss: Loss) -> Network:
    """The network that a config declares for these inputs and this target."""
    shape = shape_of(preprocessor, coding, loss)
    rows = max(config.training.batch_size, PREDICT_ROWS // config.model.members)
    return build(config.model, shape, seed=seed_of(config), rows=rows, pool=pool(loss))


def make_predictor(config: Config, preprocessor: Preprocessor, coding: TargetCoding, loss: Loss) -> Network | Bag:
    """What a checkpoint of a config holds: the network, or the bag of them."""
    network, members = make_network(config, preprocessor, coding, loss), config.training.networks
    return network if members == 1 else Bag(network, members, pool_within(coding, loss))


def pool_within(coding: TargetCoding, loss: Loss) -> Pool:
    """The pooling of a loss, of outputs that stay in the range of the target where predictions do."""
    pooled = pool(loss)
    if not isinstance(coding, Values) or not coding.ranges:
        return pooled
    low, high = coding.bounds
    if loss.raw:  # the network gives their logarithms
        with np.errstate(divide="ignore"):
            low, high = np.log(low), np.log(high)
    return lambda out: pooled(np.clip(out, low, high))


def seed_of(config: Config) -> int:
    """What the chance of a network comes from; each of a bag has its own."""
    member = config.training.member
    return int(stream(config.seed, "bag", member).integers(2**63)) if member else config.seed


def shape_of(preprocessor: Preprocessor, coding: TargetCoding, loss: Loss) -> Shape:
    """What a network connects for these inputs and this target."""
    outputs = loss.outputs(coding.classes, coding.columns)
    return Shape(preprocessor.width, preprocessor.levels, outputs, preprocessor.numbers)


def threads(config: Config, network: Predictor) -> AbstractContextManager[object]:
    """The BLAS threads that the network is worth, in training and wherever it predicts."""
    return blas_threads(config.training.batch_size * network.largest_product)


def scores(coding: TargetCoding, truth: NDArray[np.int32] | Floats, prediction: Floats) -> Scores:
    """The metrics of predictions, in the user's terms."""
    match coding:
        case Classes():
            return ClassScores(truth, prediction)
        case Labels():
            return LabelScores(truth, prediction)
        case Values(quantiles=()):
            return ValueScores(truth, prediction)
        case Values():
            return QuantileScores(truth, prediction, coding.quantiles)
        case _:
            assert_never(coding)


def no_scores(coding: TargetCoding) -> Scores:
    """The scores of no rows, for the names of the metrics."""
    k = coding.classes if isinstance(coding, Classes) else coding.columns
    each = max(1, len(coding.quantiles)) if isinstance(coding, Values) else 1
    truth = np.zeros(0, np.int32) if isinstance(coding, Classes) else np.zeros((0, k))
    return scores(coding, truth, np.zeros((0, k * each)))
