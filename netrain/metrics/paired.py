"""How sure a difference is: several predictions of the same rows, resampled together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from netrain.lazy import np
from netrain.metrics.classes import ClassScores
from netrain.metrics.intervals import drawn
from netrain.metrics.labels import LabelScores
from netrain.metrics.quantiles import QuantileScores
from netrain.metrics.values import ValueScores

if TYPE_CHECKING:
    from netrain.metrics.scores import Array, Scores

DRAWS, FEWEST = 2000, 1000
MANY = 100_000  # rows, above which there are fewest


def resampled(scores: Sequence[Scores], rng: np.random.Generator, weights: Array | None = None) -> Array:
    """The main metric of each of several scores over resampled rows, the same rows for all. [draws, scores].

    Under row weights [n] or none; nan where a draw has no weight. A difference of two columns is paired (Efron and
    Tibshirani, 1993, chapter 8).
    """
    n = scores[0].n
    rows = [by_row(of) for of in scores]
    ends = np.cumsum([len(each) for each in rows])[:-1]
    stacked = np.concatenate(rows)
    found = np.full((DRAWS if n <= MANY else FEWEST, len(scores)), np.nan)
    for draw in found:
        times = drawn(n, rng)
        if weights is not None:
            times *= weights
        total = float(times.sum())
        if total > 0.0:
            means = np.split(stacked @ times / total, ends)
            draw[:] = [main_of(of, mean) for of, mean in zip(scores, means, strict=True)]
    return found


def by_row(scores: Scores) -> Array:
    """What each row adds to the means that the main metric is made of. [m, n]."""
    if isinstance(scores, ClassScores):
        right: Array = scores.cell // scores.k == scores.cell % scores.k
        return right[None].astype(np.float64)
    if isinstance(scores, LabelScores):
        share: Array = scores.by_row[:1] / scores.k
        return share
    values = scores.middle if isinstance(scores, QuantileScores) else scores
    assert isinstance(values, ValueScores)
    squares: Array = values.squares
    return squares


def main_of(scores: Scores, means: Array) -> float:
    """The main metric from the means [m] of what the rows add: accuracy, or the RMSE of each target, averaged."""
    values = scores.middle if isinstance(scores, QuantileScores) else scores
    return float((np.sqrt(means) * values.size).mean()) if isinstance(values, ValueScores) else float(means[0])
