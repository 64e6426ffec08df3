"""How good predicted quantiles are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netrain.lazy import np
from netrain.metrics.scores import Scores, where_weighed
from netrain.metrics.values import ValueScores

if TYPE_CHECKING:
    from netrain.metrics.scores import Array


class QuantileScores(Scores):
    """Scores of predicted quantiles [n, t * q], target by target, for y [n, t].

    Those of `ValueScores` are of the quantile nearest to the median, the lower of two. pinball_loss is scikit-learn's,
    a mean over targets and quantiles; coverage and interval_width are of the interval from the lowest to the highest
    quantile, ends included, where there are two.
    """

    def __init__(self, y: Array, prediction: Array, quantiles: Sequence[float]) -> None:
        y = np.asarray(y, np.float64)
        y = y[:, None] if y.ndim == 1 else y
        self.n, t = y.shape
        self.quantiles = tuple(quantiles)
        p = np.asarray(prediction, np.float64).reshape(self.n, t, len(self.quantiles))
        self.middle = ValueScores(y, p[:, :, middle_of(self.quantiles)])
        short, q = y[:, :, None] - p, np.array(self.quantiles)
        by_row = {"pinball_loss": np.maximum(q * short, (q - 1.0) * short).mean(axis=(1, 2))}
        if len(self.quantiles) > 1:
            low, high = p[:, :, 0], p[:, :, -1]
            by_row["coverage"] = ((low <= y) & (y <= high)).mean(axis=1)
            by_row["interval_width"] = np.abs(high - low).mean(axis=1)
        self.names = tuple(by_row)
        self.by_row = np.stack(list(by_row.values()))
        self.takes = self.middle.takes

    def each(self, weights: Array) -> dict[str, Array]:
        """Every metric."""
        total = weights.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):  # where no row has a weight
            means = self.by_row @ weights.T / total
        return self.middle.each(weights) | where_weighed(total, dict(zip(self.names, means, strict=True)))


def middle_of(quantiles: Sequence[float]) -> int:
    """Which quantile is nearest to the median, the lower of two."""
    return min(range(len(quantiles)), key=lambda i: round(abs(quantiles[i] - 0.5), 9))
