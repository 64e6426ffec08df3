"""Curves over every threshold of a probability: ROC, precision against recall, and what each threshold counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from netrain.inputs import Floats
from netrain.metrics.ranks import Ranks

POINTS = 200  # of a curve, at most
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
    both = Ranks(p[None], y[None] > 0.0).areas(weights)
    return (None, None) if both is None else (float(both[0][0]), float(both[1][0]))


def thinned(x: Floats, y: Floats) -> np.ndarray:
    """Which points of a curve to show: half of them evenly along x, half along the curve; first and last always."""
    if len(x) <= POINTS:
        return np.arange(len(x))
    along = np.append(0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y))))
    half = POINTS // 2
    by_x = np.searchsorted(x, np.linspace(x[0], x[-1], half))
    by_length = np.searchsorted(along, np.linspace(0.0, along[-1], half))
    return np.unique(np.concatenate(([0], by_x, by_length, [len(x) - 1])).clip(0, len(x) - 1))[:POINTS]


def thresholds(y: Floats, p: Floats, weights: Floats | None) -> dict[str, Any]:
    """What is called positive from each threshold on, and how much of it rightly; rows, or their weight."""
    at = np.linspace(0.0, 1.0, THRESHOLDS)
    w = np.ones(len(y)) if weights is None else weights
    last = np.searchsorted(at, p, side="right") - 1  # of the thresholds that p reaches
    true = np.bincount(last, weights=w * y, minlength=THRESHOLDS)
    false = np.bincount(last, weights=w * (1.0 - y), minlength=THRESHOLDS)
    tp, fp = np.cumsum(true[::-1])[::-1], np.cumsum(false[::-1])[::-1]
    figures = {"tp": tp, "fp": fp, "fn": np.maximum(true.sum() - tp, 0.0), "tn": np.maximum(false.sum() - fp, 0.0)}
    if weights is None:
        figures = {name: counts.astype(np.intp) for name, counts in figures.items()}
    return {"threshold": at.round(2), **figures}
