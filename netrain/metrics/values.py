"""How good predicted values are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netrain.lazy import np
from netrain.metrics.scores import EPSILON, Metrics

if TYPE_CHECKING:
    from netrain.metrics.scores import Array

ROUNDING = 1e-12  # of a sum of weights, relative


class ValueScores:
    """Scores of predicted values [n] or [n, t] in the units of the target; several targets count alike.

    As scikit-learn has them, in float64; r2 and explained_variance are None where a target does not vary, and
    poisson_deviance is None unless every y is at least 0 and every prediction above it.
    """

    def __init__(self, y: Array, prediction: Array) -> None:
        y = np.asarray(y, np.float64)
        y = (y[:, None] if y.ndim == 1 else y).T
        self.n = y.shape[1]
        p = np.asarray(prediction, np.float64).reshape(self.n, len(y)).T
        error = np.abs(p - y)
        centred = y - np.median(y, axis=1, keepdims=True) if self.n else y
        # by the largest, so that squares of huge values stay finite [t, 1]
        size = np.maximum(error, np.abs(centred)).max(axis=1, keepdims=True, initial=1e-300)
        self.size = size[:, 0]
        self.y, self.error = centred / size, (p - y) / size
        self.squares = np.square(self.error)
        by_row = [error, error / np.maximum(np.abs(y), EPSILON)]
        if (y >= 0.0).all() and (p > 0.0).all():
            by_row.append(deviance(y, p))
        self.by_row = np.stack([values.mean(axis=0) for values in by_row])
        self.order = np.argsort(error, axis=1)
        self.ascending = np.take_along_axis(error, self.order, axis=1)

    def score(self, weights: Array | None = None) -> Metrics:
        """Every metric."""
        w = np.ones(self.n) if weights is None else np.asarray(weights, np.float64)
        total = float(w.sum())
        if total <= 0.0:
            one = np.zeros((1, len(self.size)))
            return dict.fromkeys(ValueScores(one, one).score())
        squares = self.squares @ w
        (mean, spread), (_, unexplained) = moments(self.y, w, total), moments(self.error, w, total)
        # a constant's distance from its own mean is rounding; below the second bound a quotient may not be finite
        varies = bool((spread > np.maximum(1e-26 * np.square(mean), 1e-300) * total).all())
        mae, mape, *poisson = (self.by_row @ w / total).tolist()
        return {
            "rmse": float((np.sqrt(squares / total) * self.size).mean()),
            "mae": mae,
            "r2": float((1.0 - squares / spread).mean()) if varies else None,
            "mape": mape,
            "median_ae": sum(median(*each, w) for each in zip(self.ascending, self.order, strict=True)) / len(mean),
            "explained_variance": float((1.0 - unexplained / spread).mean()) if varies else None,
            "poisson_deviance": poisson[0] if poisson else None,
        }


def moments(values: Array, weights: Array, total: float) -> tuple[Array, Array]:
    """The weighted mean of each row of values [t, n], and the weighted sum of squares around it. [t], [t]."""
    mean: Array = values @ weights / total
    centred = values - mean[:, None]
    return mean, np.square(centred, out=centred) @ weights


def median(ascending: Array, order: Array, weights: Array) -> float:
    """The middle of the weight, and the mean of two values where it falls between them (Hyndman and Fan, 1996)."""
    below = np.cumsum(weights[order])
    half = 0.5 * below[-1]
    low, high = np.searchsorted(below, (half * (1.0 - ROUNDING), half * (1.0 + ROUNDING)))
    return 0.5 * float(ascending[low]) + 0.5 * float(ascending[high])


def deviance(y: Array, p: Array) -> Array:
    """Twice the log-likelihood that a Poisson mean p falls short of the best one, y."""
    gain: Array = y * (np.log(np.where(y > 0.0, y, 1.0)) - np.log(p))
    return 2.0 * (gain - y + p)


def constant_values(value: float | Array, n: int) -> Array:
    """The trivial answer for values, e.g. their training means, quantiles or shares, for every row. [m] -> [n, m]."""
    return np.full((n, *np.shape(value)), value, np.float64)
