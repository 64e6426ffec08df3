"""The figures of a run on every part of its split, as report.json keeps them."""

from __future__ import annotations

import platform
from typing import Any, assert_never

import numpy as np
import polars as pl
import pydantic

from netrain.data.lots import PARTS
from netrain.data.target import Classes, Labels, TargetCoding, Values
from netrain.experiment import Experiment, Part, scores
from netrain.inputs import Floats
from netrain.metrics import (
    MAIN,
    ClassScores,
    Scores,
    bootstrap,
    confusion,
    constant_classes,
    constant_values,
    per_class,
)
from netrain.nn.losses import Loss
from netrain.nn.network import Predictor
from netrain.random import stream
from netrain.training.fit import Figures, State
from netrain.version import __version__


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


def build_report(
    experiment: Experiment, network: Predictor, state: State, *, reason: str, seconds: float
) -> dict[str, Any]:
    """All figures of a run, with the weights of its best epoch in `network`."""
    loss, coding, parts = experiment.loss, experiment.coding, experiment.parts
    filled = [name for name in PARTS if len(parts[name].rows)]
    metrics, found, base, more = {}, {}, {}, {}
    for name in filled:
        of, prediction = part_scores(loss, coding, network, parts[name])
        metrics[name] = of.score(parts[name].weights)
        if name == "test" or (name == "valid" and "test" not in filled):
            found[name] = intervals(of, experiment.config.seed, parts[name].weights)
            base[name] = baseline(coding, parts["train"], parts[name])
            more[name] = details(coding, parts[name], prediction)
    return {
        "task": experiment.config.task,
        "target": ", ".join(coding.names),
        "main": MAIN[loss.task],
        "metric": experiment.config.metric,
        "rows": {name: len(parts[name].rows) for name in PARTS},
        "metrics": metrics,
        "intervals": found,
        "baseline": base,
        "details": more,
        "epochs": state.epoch,
        "best_epoch": state.best_epoch,
        "stopped": {"reason": reason},
        "seconds": round(seconds, 3),
        "parameters": network.flat.trained,
        "notes": [*filter(None, [experiment.reason]), *experiment.notes],
        "findings": [finding.to_json() for finding in experiment.findings],
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """What the run was made with."""
    return {
        "netrain": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "polars": pl.__version__,
        "pydantic": pydantic.__version__,
    }
