"""What was called what: the confusion of classes, and quotients of counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netrain.lazy import np

if TYPE_CHECKING:
    from netrain.metrics.scores import Array


def confusion(y: Array, predicted: Array, k: int, weights: Array | None = None) -> Array:
    """How often, or with what weight, class i (rows) was called class j. [k, k]."""
    cells = np.asarray(y, np.intp) * k + np.asarray(predicted, np.intp)
    return np.bincount(cells, weights=weights, minlength=k * k).reshape(k, k)


def ratio(part: Array, whole: Array) -> Array:
    """part / whole, and 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)
