"""How good a network is on a part: its metrics, how sure they are, and the trivial answer beside them."""

from __future__ import annotations

from typing import Any, assert_never

import numpy as np

from netrain.data.target import Classes, Labels, TargetCoding, Values
from netrain.experiment import Part, scores
from netrain.inputs import Floats
from netrain.metrics import (
    ClassScores,
    Scores,
    bootstrap,
    confusion,
    constant_classes,
    constant_values,
    middle_of,
    per_class,
)
from netrain.nn.losses import Loss
from netrain.nn.network import Predictor
from netrain.random import stream
from netrain.training.fit import Figures


def part_scores(loss: Loss, coding: TargetCoding, network: Predictor, part: Part) -> tuple[Scores, Floats]:
    """The scores of a part and its predictions."""
    prediction = coding.prediction(loss.link(network.predict(part.rows.inputs)))
    return scores(coding, part.truth, prediction), prediction


def intervals(of: Scores, seed: int, weights: Floats | None) -> dict[str, list[float] | None]:
    """Bootstrap 95% intervals of every metric."""
    found = bootstrap(of, stream(seed, "bootstrap"), weights)
    return {name: None if pair is None else list(pair) for name, pair in found.items()}


def baseline(coding: TargetCoding, train: Part, part: Part) -> Figures:
    """The metrics of answering without looking: as the training rows are on average, whatever the columns say."""
    return scores(coding, part.truth, trivial(coding, train, len(part.rows))).score(part.weights)


def trivial(coding: TargetCoding, train: Part, n: int) -> Floats:
    """The classes' or labels' shares in training, the mean, or the quantiles, for each of n rows."""
    match coding:
        case Classes():
            counts = np.bincount(train.truth, weights=train.weights, minlength=coding.classes).astype(np.float64)
            return constant_classes(counts, n)
        case Values(quantiles=quantiles) if quantiles:
            # column by column, as the predictions are
            levels = np.quantile(train.truth, quantiles, axis=0, weights=train.weights, method="inverted_cdf")
            return constant_values(levels.T.reshape(-1), n)
        case Labels() | Values():
            return constant_values(np.average(train.truth, axis=0, weights=train.weights), n)
        case _:
            assert_never(coding)


def trivial_words(coding: TargetCoding) -> str:
    """What the trivial answer is, in words: of quantiles the one nearest to the median, as the metrics take it."""
    match coding:
        case Classes() | Labels():
            return "always answering the commonest class"
        case Values(quantiles=quantiles) if quantiles:
            middle = quantiles[middle_of(quantiles)]
            return "always answering the " + ("median" if middle == 0.5 else f"{middle:g} quantile")
        case Values():
            return "always answering the mean"
        case _:
            assert_never(coding)


def details(coding: TargetCoding, part: Part, prediction: Floats) -> dict[str, Any]:
    """Classes with their confusion and figures each; labels with their shares; nothing for values."""
    match coding:
        case Classes():
            said = prediction.argmax(axis=1)
            return {
                "classes": list(coding.labels),
                "confusion": confusion(part.truth, said, coding.classes).astype(int).tolist(),
                "per_class": per_class(part.truth, prediction, part.weights),
            }
        case Labels():
            each = [
                ClassScores(y, np.stack([1.0 - p, p], axis=1)) for y, p in zip(part.truth.T, prediction.T, strict=True)
            ]
            return {"labels": {name: of.score(part.weights) for name, of in zip(coding.names, each, strict=True)}}
        case Values():
            return {}
        case _:
            assert_never(coding)
