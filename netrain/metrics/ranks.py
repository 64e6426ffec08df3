"""Rows in the order of a score, and the areas under the ROC and the precision-recall curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netrain.lazy import np
from netrain.metrics.counts import ratio
from netrain.metrics.scores import Sums

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
        self.takes = max(scores.size, 3 * len(self.owner))
        self.in_kinds = Sums(np.concatenate(kinds), 3 * len(self.owner))

    def areas(self, weights: Array) -> tuple[Array, Array]:
        """Area under the ROC curve (Fawcett, 2006) and average precision, under each weighting [d, n].

        [d, c] each, nan where a score lacks rows of one of the kinds.
        """
        cells = self.in_kinds(np.tile(weights, (1, self.c)) if self.c > 1 else weights)
        between, tied, up = cells.reshape(len(weights), 3, -1).swapaxes(0, 1)
        down = between + tied
        ups, downs = (np.add.reduceat(kind, self.starts, axis=1) for kind in (up, down))
        found, missed = self.cumulated(up), self.cumulated(down)
        precision = np.add.reduceat(up * ratio(found, found + missed), self.starts, axis=1)
        above = np.add.reduceat(up * (missed - 0.5 * tied), self.starts, axis=1)  # ties by half
        with np.errstate(divide="ignore", invalid="ignore"):
            roc, average = 1.0 - above / ups / downs, precision / ups
        both = (ups > 0.0) & (downs > 0.0)
        return np.where(both, np.maximum(roc, 0.0), np.nan), np.where(both, np.minimum(average, 1.0), np.nan)

    def first_areas(self, weights: Array) -> tuple[float | None, float | None]:
        """Both areas of the first score, under one weighting [n]; None without rows of both kinds."""
        roc, average = (float(area[0, 0]) for area in self.areas(weights[None]))
        return (None, None) if np.isnan(roc) else (roc, average)

    def cumulated(self, values: Array) -> Array:
        """Sums of the values [d, levels] of a score up to each level and with it."""
        found = np.cumsum(values, axis=1)
        if self.c > 1:
            before = np.concatenate((np.zeros((len(found), 1)), found), axis=1)[:, self.starts]
            found -= before[:, self.owner]
        return found


def macro_areas(ranks: Ranks, weights: Array) -> tuple[Array, Array]:
    """The mean of either area over the scores, under each weighting [d, n]; nan where one is not defined. [d]."""
    roc, average = ranks.areas(weights)
    return roc.mean(axis=1), average.mean(axis=1)
