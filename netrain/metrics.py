"""How good predictions are: scores that are prepared once and then taken under many weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from netrain.lazy import np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

Metrics = dict[str, float | None]  # None: not defined for these rows

MAIN = {"classification": "accuracy", "regression": "rmse"}
LOWER_IS_BETTER = frozenset({"loss", "log_loss", "brier_score", "rmse", "mae", "mape"})
EPSILON = 2.0**-52  # of float64: where scikit-learn clips probabilities and the denominators of MAPE


def higher_is_better(name: str) -> bool:
    """Whether a larger figure of this name is a better one."""
    return name not in LOWER_IS_BETTER


class Scores(Protocol):
    """Predictions prepared for scoring."""

    n: int

    def score(self, weights: Array | None = None) -> Metrics:
        """Every metric, with row weights [n] or none. A metric that is not defined is None."""


class ClassScores:
    """Scores of probabilities [n, k] for classes y [n], numbered from 0; for k = 2 class 1 is the positive one.

    Names and values are scikit-learn's, in float64. Where there are more than two classes, f1, precision and recall are
    macro means over the classes that occur, with a weight above 0, in y or in the predictions; roc_auc is the macro
    mean of one class against the rest.
    """

    def __init__(self, y: Array, probabilities: Array) -> None:
        p = np.asarray(probabilities, np.float64)
        self.n, self.k = p.shape
        self.y = np.asarray(y, np.intp)
        self.cell = self.y * self.k + (p.argmax(axis=1) if self.n else self.y)
        true = p[np.arange(self.n), self.y]
        self.log_loss = -np.log(np.clip(true, EPSILON, 1.0 - EPSILON))
        if self.k == 2:
            self.brier = np.square(p[:, 1] - self.y)
        else:  # sum over classes of (p - onehot)^2
            self.brier = np.einsum("ij,ij->i", p, p) - 2.0 * true + 1.0
        ranked = range(self.k) if self.k > 2 else (1,)
        self.ranks = [Ranks(p[:, c], self.y == c) for c in ranked]

    def score(self, weights: Array | None = None) -> Metrics:
        """Every metric, in one pass over the rows."""
        w = np.ones(self.n) if weights is None else weights
        total = float(w.sum())
        binary = self.k == 2
        mean = "" if binary else "_macro"
        names = ("accuracy", "balanced_accuracy", "log_loss", "roc_auc")
        if total <= 0.0:
            return dict.fromkeys((*names, f"f1{mean}", f"precision{mean}", f"recall{mean}", "brier_score"))
        table = np.bincount(self.cell, weights=w, minlength=self.k**2).reshape(self.k, self.k)
        hits, true, said = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
        chosen = slice(1, 2) if binary else np.flatnonzero(true + said > 0)
        areas = [ranks.area(w) for ranks in self.ranks]
        return {
            "accuracy": float(hits.sum() / total),
            "balanced_accuracy": float((hits[true > 0] / true[true > 0]).mean()),
            "log_loss": float(w @ self.log_loss / total),
            "roc_auc": None if None in areas else float(np.mean([a for a in areas if a is not None])),
            f"f1{mean}": float(ratio(2.0 * hits, true + said)[chosen].mean()),
            f"precision{mean}": float(ratio(hits, said)[chosen].mean()),
            f"recall{mean}": float(ratio(hits, true)[chosen].mean()),
            "brier_score": float(w @ self.brier / total),
        }


class Ranks:
    """Rows in the order of a score, for the area under the ROC curve (Fawcett, 2006)."""

    def __init__(self, score: Array, positive: Array) -> None:
        self.order = np.argsort(score, kind="stable")
        ordered = score[self.order]
        self.positive = positive[self.order]
        new = np.concatenate(([True], ordered[1:] != ordered[:-1])) if len(score) else np.zeros(0, bool)
        self.starts = np.flatnonzero(new)  # of the groups of tied rows

    def area(self, weights: Array) -> float | None:
        """The chance that a positive row stands above a negative one, ties by half; None without both."""
        w = weights[self.order]
        up = np.where(self.positive, w, 0.0)
        down = w - up
        if len(self.starts) < len(w):
            up, down = np.add.reduceat(up, self.starts), np.add.reduceat(down, self.starts)
        pairs = float(up.sum() * down.sum())
        if pairs <= 0.0:
            return None
        below = np.cumsum(down) - 0.5 * down
        return float(up @ below / pairs)


class ValueScores:
    """Scores of predicted values [n] or [n, t] in the units of the target; several targets count alike.

    rmse, mae, r2 and mape as scikit-learn has them, in float64; r2 is None where the target does not vary.
    """

    def __init__(self, y: Array, prediction: Array) -> None:
        y = np.asarray(y, np.float64)
        self.y = y[:, None] if y.ndim == 1 else y
        self.n = len(self.y)
        self.error = np.abs(np.asarray(prediction, np.float64).reshape(self.y.shape) - self.y)
        self.relative = self.error / np.maximum(np.abs(self.y), EPSILON)

    def score(self, weights: Array | None = None) -> Metrics:
        """Every metric."""
        w = np.ones(self.n) if weights is None else weights
        total = float(w.sum())
        if total <= 0.0:
            return dict.fromkeys(("rmse", "mae", "r2", "mape"))
        # by its largest, so that squares of huge errors stay finite
        size = max(float(self.error.max()), float(np.abs(self.y).max()), 1e-150)
        squares = w @ np.square(self.error / size)
        centred = self.y / size - (w @ (self.y / size)) / total
        spread = w @ np.square(centred)
        varies = np.count_nonzero(w) >= 2 and bool((spread > 1e-30).all())
        return {
            "rmse": float(np.sqrt(squares / total).mean() * size),
            "mae": float((w @ self.error / total).mean()),
            "r2": float((1.0 - squares / spread).mean()) if varies else None,
            "mape": float((w @ self.relative / total).mean()),
        }


def confusion(y: Array, predicted: Array, k: int, weights: Array | None = None) -> Array:
    """How often, or with what weight, class i (rows) was called class j. [k, k]."""
    cells = np.asarray(y, np.intp) * k + np.asarray(predicted, np.intp)
    return np.bincount(cells, weights=weights, minlength=k * k).reshape(k, k)


def ratio(part: Array, whole: Array) -> Array:
    """part / whole, and 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)


def bootstrap(
    scores: Scores, rng: np.random.Generator, draws: int = 1000, level: float = 0.95
) -> dict[str, tuple[float, float] | None]:
    """Percentile intervals of every metric over resampled rows (Efron, 1979).

    Draws in which a metric is not defined are left out; it is None where more than half are. Fewer draws, but 200 at
    least, are made of more than 20,000 rows.
    """
    point, n = scores.score(), scores.n
    if n == 0:
        return dict.fromkeys(point)
    found: dict[str, list[float]] = {name: [] for name in point}
    draws = max(200, min(draws, 20_000_000 // n))
    for _ in range(draws):
        times = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
        for name, value in scores.score(times).items():
            if value is not None:
                found[name].append(value)
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    return {
        name: None if point[name] is None or 2 * len(values) < draws else _pair(np.quantile(values, tails))
        for name, values in found.items()
    }


def _pair(ends: Array) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])


def constant_classes(counts: Array, n: int) -> Array:
    """The trivial answer of a classification: the classes' shares in training, for every row. [n, k]."""
    return np.tile(counts / counts.sum(), (n, 1))


def constant_values(mean: float, n: int) -> Array:
    """The trivial answer of a regression: the training mean for every row. [n]."""
    return np.full(n, mean)
