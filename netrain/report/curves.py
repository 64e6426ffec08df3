"""Curves over every threshold of a probability: ROC, precision against recall, and what each threshold counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from netrain.inputs import Floats
from netrain.metrics.ranks import Ranks

POINTS = 200  # of a curve, at most
MANY = 5_000
THRESHOLDS = 101


def counted_down(y: Floats, p: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """The weight of the true and the false rows at or above each distinct p, from the highest down."""
    order = np.argsort(-p, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(p[order])), len(p) - 1)
    return np.cumsum((weights * y)[order])[ends], np.cumsum((weights * (1.0 - y))[order])[ends]


def two_kinds(y: Floats, weights: Floats) -> bool:
    """Whether there are true and false rows, so that the curves are defined."""
    return bool((weights * y).sum() > 0.0 and (weights * (1.0 - y)).sum() > 0.0)


def roc(y: Floats, p: Floats, weights: Floats) -> dict[str, Any]:
    """The false and true positive rates (Fawcett, 2006), and the area below; y [n] of 0 and 1."""
    tp, fp = counted_down(y, p, weights)
    fpr, tpr = np.append(0.0, fp / fp[-1]), np.append(0.0, tp / tp[-1])
    shown = thinned(fpr, tpr)
    return {"fpr": fpr[shown], "tpr": tpr[shown], "auc": areas(y, p, weights)[0]}


def precision_recall(y: Floats, p: Floats, weights: Floats) -> dict[str, Any]:
    """Precision against recall, from nothing found on, with the average precision and the share of true rows."""
    tp, fp = counted_down(y, p, weights)
    found = tp + fp > 0.0
    tp, fp = tp[found], fp[found]
    recall, precision = np.append(0.0, tp / tp[-1]), np.append(1.0, tp / (tp + fp))
    shown = thinned(recall, precision)
    share = float((weights * y).sum() / weights.sum())
    average = areas(y, p, weights)[1]
    return {"recall": recall[shown], "precision": precision[shown], "average_precision": average, "share": share}


def areas(y: Floats, p: Floats, weights: Floats) -> tuple[float | None, float | None]:
    """Under the ROC curve, and the average precision, as the metrics have them."""
    return Ranks(p[None], y[None] > 0.0).first_areas(weights)


def thinned(x: Floats, y: Floats) -> np.ndarray:
    """Which points of a curve to show, in order: those go that change it least (Visvalingam and Whyatt, 1993).

    As many bends to one side go as to the other, so that the area below stays.
    """
    kept, turn = np.arange(len(x)), 0
    if len(x) > MANY:  # evenly along the curve first, which is quicker
        along = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
        kept = np.unique(np.searchsorted(along, np.linspace(0.0, along[-1], MANY)).clip(0, len(x) - 1))
        kept[-1] = len(x) - 1
    while len(kept) > POINTS:
        px, py = x[kept], y[kept]
        bend = np.diff(px[:-1]) * np.diff(py)[1:] - np.diff(px)[1:] * np.diff(py[:-1])
        turn = (turn + 1) % 3  # of three neighbours one may go at a time
        least = np.arange(turn, len(bend), 3)
        least = least[np.argsort(np.abs(bend[least]), kind="stable")[: max(1, len(least) // 2)]]
        left, right = least[bend[least] >= 0.0], least[bend[least] < 0.0]
        pairs = min(len(left), len(right)) or len(least)
        gone = np.stack([left[:pairs], right[:pairs]], axis=1).ravel() if len(left) and len(right) else least
        kept = np.delete(kept, 1 + gone[: len(kept) - POINTS])
    return kept


def thresholds(y: Floats, p: Floats, weights: Floats | None) -> dict[str, Any]:
    """What is called positive from each threshold on, and how much of it rightly; rows, or their weight."""
    at = np.arange(THRESHOLDS) / (THRESHOLDS - 1)
    w = np.ones(len(y)) if weights is None else weights
    last = np.searchsorted(at, p, side="right") - 1  # of the thresholds that p reaches
    true = np.bincount(last, weights=w * y, minlength=THRESHOLDS)
    false = np.bincount(last, weights=w * (1.0 - y), minlength=THRESHOLDS)
    tp, fp = np.cumsum(true[::-1])[::-1], np.cumsum(false[::-1])[::-1]
    figures = {"tp": tp, "fp": fp, "fn": np.maximum(true.sum() - tp, 0.0), "tn": np.maximum(false.sum() - fp, 0.0)}
    if weights is None:
        figures = {name: counts.astype(np.intp) for name, counts in figures.items()}
    return {"threshold": at, **figures}
