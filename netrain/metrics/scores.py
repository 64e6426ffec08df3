"""What metrics are called, which way they point, and what every set of scores does. Reading a config needs no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

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
EPSILON = 2.0**-52  # of float64: where scikit-learn clips probabilities and the denominators of MAPE


def higher_is_better(name: str) -> bool:
    """Whether a larger figure of this name is a better one."""
    return name not in LOWER_IS_BETTER


class Scores(Protocol):
    """Predictions prepared for scoring."""

    n: int

    def score(self, weights: Array | None = None) -> Metrics:
        """Every metric, with row weights [n] or none. A metric that is not defined is None."""
