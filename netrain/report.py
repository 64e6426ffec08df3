"""The figures of a run on every part of its split, as report.json keeps them."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
import polars as pl
import pydantic

from netrain.data.split import PARTS
from netrain.data.target import Classes, TargetCoding
from netrain.experiment import Experiment, Part, scores
from netrain.metrics import MAIN, Scores, bootstrap, confusion, constant_classes, constant_values
from netrain.nn.losses import Loss
from netrain.nn.network import Network
from netrain.random import stream
from netrain.training.fit import Figures, State
from netrain.version import __version__


def part_scores(loss: Loss, coding: TargetCoding, network: Network, part: Part) -> tuple[Scores, np.ndarray]:
    """The scores of a part and its predictions."""
    prediction = loss.link(network.predict(part.rows.inputs))
    return scores(coding, part.truth, prediction), prediction


def intervals(of: Scores, seed: int) -> dict[str, list[float] | None]:
    """Bootstrap 95% intervals of every metric."""
    found = bootstrap(of, stream(seed, "bootstrap"))
    return {name: None if pair is None else list(pair) for name, pair in found.items()}


def baseline(coding: TargetCoding, train: Part, part: Part) -> Figures:
    """The metrics of answering without looking: the classes' shares in training, or the training mean."""
    if isinstance(coding, Classes):
        counts = np.bincount(train.truth, minlength=coding.outputs).astype(np.float64)
        return scores(coding, part.truth, constant_classes(counts, len(part.rows))).score()
    constant = (constant_values(float(train.truth.mean()), len(part.rows)) - coding.mean) / coding.deviation
    return scores(coding, part.truth, constant[:, None]).score()


def details(coding: TargetCoding, part: Part, prediction: np.ndarray) -> dict[str, Any]:
    """Classes and their confusion; nothing for values."""
    if not isinstance(coding, Classes):
        return {}
    counts = confusion(part.truth, prediction.argmax(axis=1), coding.outputs)
    return {"classes": list(coding.labels), "confusion": counts.astype(int).tolist()}


def build_report(
    experiment: Experiment, network: Network, state: State, *, reason: str, seconds: float
) -> dict[str, Any]:
    """All figures of a run, with the weights of its best epoch in `network`."""
    loss, coding, parts = experiment.loss, experiment.coding, experiment.parts
    filled = [name for name in PARTS if len(parts[name].rows)]
    metrics, found, base, more = {}, {}, {}, {}
    for name in filled:
        of, prediction = part_scores(loss, coding, network, parts[name])
        metrics[name] = of.score()
        if name == "test" or (name == "valid" and "test" not in filled):
            found[name] = intervals(of, experiment.config.seed)
            base[name] = baseline(coding, parts["train"], parts[name])
            more[name] = details(coding, parts[name], prediction)
    return {
        "task": experiment.config.task,
        "target": experiment.config.data.target,
        "main": MAIN[loss.task],
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
        "notes": list(experiment.notes),
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
