"""Where piecewise linear curves of a number bend: at its quantiles, or where a tree would split it."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrain.inputs import Floats

NARROW = 1e-4  # of the way from the first edge to the last: no piece is narrower, or it would be steep
FEW = 8  # rows to a piece between quantiles, at least, on the mean: fewer would be learned by heart
LEAF = 64  # rows on either side of a split of a tree, at least; fewer where there are few rows


def quantile_edges(x: Floats, bins: int) -> Floats:
    """Two to bins + 1 edges of pieces that hold about as many of the values [n] each.

    A value of more rows than its share has an edge of its own, and the others are quantiles of the rows that are left:
    where most rows are 0, plain quantiles would be 0 too, and one straight piece would serve all others.
    """
    bins = max(2, min(bins, len(x) // FEW))
    values, counts = np.unique(x, return_counts=True)
    if len(values) <= bins + 1:
        return apart(values)
    rows, left = len(x), bins + 1
    heaviest = np.argsort(-counts, kind="stable")
    taken = 0
    while left > 2 and counts[heaviest[taken]] * left > rows:
        rows, left, taken = rows - int(counts[heaviest[taken]]), left - 1, taken + 1
    light = np.sort(heaviest[taken:])
    quantiles = np.quantile(np.repeat(values[light], counts[light]), np.linspace(0.0, 1.0, left))
    return apart(np.unique(np.concatenate((values[heaviest[:taken]], quantiles))))


def tree_edges(x: Floats, y: NDArray[Any], bins: int) -> Floats:
    """Two to bins + 1 edges: the splits of the best tree of `bins` leaves for y, from x [n] alone.

    The leaf whose split leaves least variance of the target (Gini impurity of classes) is split next.
    """
    order = np.argsort(x, kind="stable")
    x, sums = x[order], running_sums(y[order])
    least = max(1, min(LEAF, len(x) // (4 * bins)))
    heap: list[tuple[float, int, int, int]] = []
    edges = [float(x[0]), float(x[-1])]
    consider(heap, x, sums, 0, len(x), least)
    while heap and len(edges) < bins + 1:
        _, start, at, end = heappop(heap)
        edges.append(0.5 * float(x[at - 1] + x[at]))
        consider(heap, x, sums, start, at, least)
        consider(heap, x, sums, at, end, least)
    return apart(np.sort(edges))


def running_sums(y: NDArray[Any]) -> Floats:
    """Sums of the targets of the first 0, 1, ..., n rows [n + 1, k]; classes count as columns of 0 and 1."""
    values = np.eye(int(y.max()) + 1)[y] if y.dtype.kind in "iu" and y.ndim == 1 else y.reshape(len(y), -1)
    values = values.astype(np.float64)
    values -= values.mean(axis=0)
    return np.concatenate((np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)))


def consider(
    heap: list[tuple[float, int, int, int]], x: Floats, sums: Floats, start: int, end: int, least: int
) -> None:
    """Add the best split of the rows from start to end to the heap, as (-gain, start, split, end); if there is any."""
    at = np.arange(start + least, end - least + 1)
    at = at[x[at - 1] < x[at]] if len(at) else at
    if not len(at):
        return
    left, whole = sums[at] - sums[start], sums[end] - sums[start]
    right = whole - left
    gain = np.square(left).sum(axis=1) / (at - start) + np.square(right).sum(axis=1) / (end - at)
    best = int(np.argmax(gain))
    better = float(gain[best]) - float(np.square(whole).sum()) / (end - start)
    if better > 0.0:
        heappush(heap, (-better, start, int(at[best]), end))


def apart(edges: Floats) -> Floats:
    """Sorted edges without those that lie too near the one before. At least two: a lone one gets another beside it."""
    span = float(edges[-1] - edges[0])
    if span <= 1e-6:
        return np.array([edges[0], edges[0] + 1.0])
    kept = [float(edges[0])]
    for edge in edges[1:-1].tolist():
        if edge - kept[-1] > NARROW * span and edges[-1] - edge > NARROW * span:
            kept.append(edge)
    return np.array([*kept, float(edges[-1])])
