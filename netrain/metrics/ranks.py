"""Rows in the order of a score, and the areas under the ROC and the precision-recall curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netrain.lazy import np
from netrain.metrics.counts import ratio

if TYPE_CHECKING:
    from netrain.metrics.scores import Array


class Ranks:
    """Rows by c scores [c, n], from the highest down, sorted once for areas under many weights.

    Positive rows of one score stand at one level. Of a negative row it matters only which level is the first that is
    not above it, and whether that is its own; below the last positive row of each score is one more level, without any.
    The levels of all scores lie in one vector, so that all areas are one pass.
    """

    def __init__(self, scores: Array, positive: Array) -> None:
        self.c = len(scores)
        levels = [np.unique(-score[chosen]) for score, chosen in zip(scores, positive, strict=True)]
        sizes = np.array([len(each) + 1 for each in levels])
        self.starts = np.cumsum(sizes) - sizes
        self.owner = np.repeat(np.arange(self.c), sizes)
        kinds = []  # of each row: 0 negative between levels, 1 negative and tied with one, 2 positive
        for j, each in enumerate(levels):
            level = np.searchsorted(each, -scores[j])
            tied = np.append(each, np.nan)[level] == -scores[j]
            kinds.append(np.where(positive[j], 2, tied) * len(self.owner) + self.starts[j] + level)
        self.cell = np.concatenate(kinds)

    def areas(self, weights: Array) -> tuple[Array, Array] | None:
        """Area under the ROC curve (Fawcett, 2006) and average precision; None without rows of both kinds. [c], [c]."""
        weights = np.tile(weights, self.c) if self.c > 1 else weights
        cells = np.bincount(self.cell, weights=weights, minlength=3 * len(self.owner))
        between, tied, up = cells.reshape(3, -1)
        down = between + tied
        ups, downs = np.add.reduceat(up, self.starts), np.add.reduceat(down, self.starts)
        if not (ups.all() and downs.all()):
            return None
        found, missed = self.cumulated(up), self.cumulated(down)
        precision = np.add.reduceat(up * ratio(found, found + missed), self.starts) / ups
        above = np.add.reduceat(up * (missed - 0.5 * tied), self.starts) / ups  # ties by half
        return np.maximum(1.0 - above / downs, 0.0), np.minimum(precision, 1.0)

    def cumulated(self, values: Array) -> Array:
        """Sums of the values [levels] of a score up to each level and with it."""
        sums = np.cumsum(values)
        if self.c > 1:
            before = np.concatenate(([0.0], sums))[self.starts]
            sums -= before[self.owner]
        return sums


def macro_areas(ranks: Ranks, weights: Array) -> tuple[float | None, float | None]:
    """The mean of either area over the scores; None where one of them is not defined."""
    areas = ranks.areas(weights)
    return (None, None) if areas is None else (float(areas[0].mean()), float(areas[1].mean()))
