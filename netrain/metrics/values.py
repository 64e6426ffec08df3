"""How good predicted values are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netrain.lazy import np
from netrain.metrics.scores import EPSILON, Scores, where_weighed

if TYPE_CHECKING:
    from netrain.metrics.scores import Array

ROUNDING = 1e-12  # of a sum of weights, relative


class ValueScores(Scores):
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
        self.takes = max(1, error.size)
        self.order = np.argsort(error, axis=1)
        self.ascending = np.take_along_axis(error, self.order, axis=1)

    def each(self, weights: Array) -> dict[str, Array]:
        """Every metric."""
        total = weights.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):  # where no row has a weight, or a target does not vary
            (mean, spread), (_, unexplained) = moments(self.y, weights), moments(self.error, weights)
            squares = self.squares @ weights.T
            # a constant's distance from its own mean is rounding; below the second bound a quotient may not be finite
            varies = (spread > np.maximum(1e-26 * np.square(mean), 1e-300) * total).all(axis=0)
            mae, mape, *poisson = self.by_row @ weights.T / total
            medians = [median(*each, weights) for each in zip(self.ascending, self.order, strict=True)]
            figures = {
                "rmse": (np.sqrt(squares / total) * self.size[:, None]).mean(axis=0),
                "mae": mae,
                "r2": np.where(varies, (1.0 - squares / spread).mean(axis=0), np.nan),
                "mape": mape,
                "median_ae": np.mean(medians, axis=0),
                "explained_variance": np.where(varies, (1.0 - unexplained / spread).mean(axis=0), np.nan),
                "poisson_deviance": poisson[0] if poisson else np.full(len(total), np.nan),
            }
        return where_weighed(total, figures)


def moments(values: Array, weights: Array) -> tuple[Array, Array]:
    """The mean of each row of values [t, n] under each weighting [d, n], and the weighted sum of squares around it.

    [t, d] each.
    """
    mean: Array = values @ weights.T / weights.sum(axis=1)
    centred = values[:, None] - mean[:, :, None]
    squares = np.square(centred, out=centred)
    return mean, np.vecdot(squares, weights)


def median(ascending: Array, order: Array, weights: Array) -> Array:
    """The middle of each weighting [d, n], and the mean of two values where it falls between them (Hyndman and Fan,
    1996). [d].
    """
    if not len(order):
        return np.full(len(weights), np.nan)
    below = np.cumsum(weights.take(order, axis=1), axis=1)
    half = 0.5 * below[:, -1:] * (1.0 - ROUNDING, 1.0 + ROUNDING)
    between = np.array([np.searchsorted(*each) for each in zip(below, half, strict=True)])
    middle: Array = ascending[between].mean(axis=1)
    return middle


def deviance(y: Array, p: Array) -> Array:
    """Twice the log-likelihood that a Poisson mean p falls short of the best one, y."""
    gain: Array = y * (np.log(np.where(y > 0.0, y, 1.0)) - np.log(p))
    return 2.0 * (gain - y + p)


def constant_values(value: float | Array, n: int) -> Array:
    """The trivial answer for values, e.g. their training means, quantiles or shares, for every row. [m] -> [n, m]."""
    return np.full((n, *np.shape(value)), value, np.float64)
