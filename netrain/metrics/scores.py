"""What metrics are called, which way they point, and what every set of scores does. Reading a config needs no more."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from netrain.lazy import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Metrics = dict[str, float | None]  # None: not defined for these rows

MAIN = {"classification": "accuracy", "regression": "rmse"}
LOWER_IS_BETTER = frozenset(
    {
        "loss",
        "log_loss",
        "brier_score",
        "expected_calibration_error",
        "rmse",
        "mae",
        "mape",
        "median_ae",
        "poisson_deviance",
        "pinball_loss",
        "interval_width",
    }
)
CACHED = 1 << 17  # numbers, a megabyte
EPSILON = 2.0**-52  # of float64: where scikit-learn clips probabilities and the denominators of MAPE


def higher_is_better(name: str) -> bool:
    """Whether a larger figure of this name is a better one."""
    return name not in LOWER_IS_BETTER


class Scores(ABC):
    """Predictions prepared for scoring."""

    n: int
    takes: int  # numbers that a weighting takes, about

    def score(self, weights: Array | None = None) -> Metrics:
        """Every metric, with row weights [n] or none. A metric that is not defined is None."""
        w = np.ones(self.n) if weights is None else np.asarray(weights, np.float64)
        return {name: None if np.isnan(of[0]) else float(of[0]) for name, of in self.each(w[None]).items()}

    @abstractmethod
    def each(self, weights: Array) -> dict[str, Array]:
        """Every metric under each of d weightings [d, n] of the rows, nan where it is not defined. [d]."""


def where_weighed(total: Array, figures: dict[str, Array]) -> dict[str, Array]:
    """The figures [d], nan where the weights of the rows sum to no more than 0."""
    if (total > 0.0).all():
        return figures
    return {name: np.where(total > 0.0, of, np.nan) for name, of in figures.items()}


class Sums:
    """Sums of the weights of the rows in each cell, or of these times `values` [n].

    What fits a cache is a product with marks of 0 and 1: that is quick under many weightings.
    """

    def __init__(self, cell: Array, cells: int, values: Array | None = None) -> None:
        self._cell, self._cells, self._values = cell, cells, values
        self._marks: Array | None = None
        if len(cell) * cells <= CACHED:
            self._marks = (np.arange(cells)[:, None] == cell).astype(np.float64)
            if values is not None:
                self._marks *= values

    def __call__(self, weights: Array) -> Array:
        """For each weighting [d, n]. [d, cells]."""
        if self._marks is not None:
            found: Array = weights @ self._marks.T
            return found
        weighed = weights if self._values is None else weights * self._values
        each = [np.bincount(self._cell, weights=w, minlength=self._cells) for w in weighed]
        return each[0][None] if len(each) == 1 else np.stack(each)
