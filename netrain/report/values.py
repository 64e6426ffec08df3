"""How far predicted values are from the true ones, and where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from netrain.data.target import Values
from netrain.inputs import Floats
from netrain.random import stream
from netrain.report.groups import groups
from netrain.report.numbers import bin_of, bins_of, edges_of, effective, quantiles_of, wilson
from netrain.report.subject import Subject, answers

MOST_POINTS = 2_000
CELLS = 40  # of the density, each way
BARS = 40  # of the errors
SPREAD = [0.1, 0.5, 0.9]  # quantiles of the residuals


def values(subject: Subject, coding: Values, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Every figure of each target; residuals also along the columns named."""
    truth, said = subject.part.truth.astype(np.float64), answers(coding, subject.prediction).astype(np.float64)
    found = []
    for t, name in enumerate(coding.names):
        y, p = truth[:, t], said[:, t]
        of: dict[str, Any] = {"target": name}
        if subject.config.report.rows:
            some = np.sort(stream(subject.config.seed, "points").permutation(len(y))[:MOST_POINTS])
            of["points"] = {"true": y[some], "predicted": p[some]}
        of["density"] = density(y, p)
        of["errors"] = distribution(p - y, subject.part.weights)
        of["by_prediction"] = along_prediction(p, p - y, subject.part.weights)
        of["by_column"] = [along(subject, column, p - y) for column in columns]
        if coding.quantiles:
            each = subject.prediction.reshape(len(y), len(coding.names), -1)[:, t]
            of["quantiles"] = [
                quantile(level, y, q, subject.weights) for level, q in zip(coding.quantiles, each.T, strict=True)
            ]
            if len(coding.quantiles) > 1:
                of["interval"] = interval(coding.quantiles, y, each, subject.weights)
        found.append(of)
    return found


def density(y: Floats, p: Floats) -> dict[str, Any]:
    """How many rows have which true and predicted value. counts [true, predicted]."""
    across, down = edges_of(y, CELLS), edges_of(p, CELLS)
    cells = np.bincount(bin_of(y, across) * CELLS + bin_of(p, down), minlength=CELLS**2)
    return {"true_edges": across, "predicted_edges": down, "counts": cells.reshape(CELLS, CELLS)}


def distribution(error: Floats, weights: Floats | None) -> dict[str, Any]:
    """Predicted minus true: a histogram of the rows, mean and quantiles."""
    edges = edges_of(error, BARS)
    levels = [0.05, 0.25, 0.5, 0.75, 0.95]
    low, first, half, third, high = quantiles_of(error, levels, weights).tolist()
    return {
        "edges": edges,
        "counts": np.bincount(bin_of(error, edges), minlength=BARS),
        "mean": mean(error, weights),
        "median": half,
        "quantiles": {"0.05": low, "0.25": first, "0.75": third, "0.95": high},
    }


def mean(of: Floats, weights: Floats | None) -> float | None:
    """Of weighted rows; None where none weighs anything."""
    if weights is None:
        return float(of.mean())
    total = float(weights.sum())
    return float(of @ weights) / total if total > 0.0 else None


def along_prediction(p: Floats, error: Floats, weights: Floats | None) -> dict[str, Any]:
    """The spread of the errors in bins of equal rows by prediction."""
    bins = bins_of(p, 20, 10)
    return {"x": [float(p[rows].mean()) for rows in bins], **spreads(bins, error, weights)}


def along(subject: Subject, column: str, error: Floats) -> dict[str, Any]:
    """The spread of the errors along a column."""
    of = groups(subject, column)
    return {"column": column, "kind": of.kind, "x": list(of.names), **spreads(of.rows, error, subject.part.weights)}


def spreads(bins: Sequence[np.ndarray], error: Floats, weights: Floats | None) -> dict[str, Any]:
    """The 10%, 50% and 90% quantiles of the errors in each bin."""
    each = [quantiles_of(error[rows], SPREAD, None if weights is None else weights[rows]) for rows in bins]
    low, middle, high = np.array(each).reshape(-1, 3).T
    return {"low": low, "middle": middle, "high": high, "rows": [len(rows) for rows in bins]}


def quantile(level: float, y: Floats, q: Floats, weights: Floats) -> dict[str, Any]:
    """The share of the rows below a predicted quantile, with its Wilson 95% interval."""
    share, n = mean((y <= q).astype(np.float64), weights), effective(weights)
    if share is None:
        return {"level": level, "share_below": None, "low": None, "high": None}
    low, high = wilson(np.array([share]), np.array([n]))
    return {"level": level, "share_below": share, "low": low[0], "high": high[0]}


def interval(levels: Sequence[float], y: Floats, q: Floats, weights: Floats) -> dict[str, Any]:
    """How much lies between the outermost quantiles q [n, levels], and how far apart they are."""
    inside = ((q[:, 0] <= y) & (y <= q[:, -1])).astype(np.float64)
    width = float(np.median(q[:, -1] - q[:, 0]))
    return {"level": round(levels[-1] - levels[0], 9), "coverage": mean(inside, weights), "width": width}
