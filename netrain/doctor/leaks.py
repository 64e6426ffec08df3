"""Columns that give the target away: copies of it, and those that alone tell more than all others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain.data.target import Classes, Values
from netrain.doctor.patient import Patient
from netrain.finding import Finding, drop
from netrain.inputs import Floats
from netrain.random import stream

ROWS = 10_000  # looked at, at most
BINS = 64  # of a column of numbers
FOLDS = 5
PRIOR = 5.0  # rows of the mean that every bin has besides its own
PERFECT = 0.97  # the share of the trivial answer's errors that a copy leaves none of; of the variance, 0.99
EXPLAINED = 0.99
STRONG = {"AUC": 0.8, "R2": 0.8}  # from where one column may be told to beat all others, of
INFORMED = {"AUC": 0.65, "R2": 0.3}  # and these others must tell something: one column may well be all there is
ENOUGH = 500  # rows, and two classes or numbers: of many classes one column often is the clearest
STACK = 400  # inputs of the comparison with all others, at most
WHY = "a column that is known only after the answer makes the figures promise what new rows will not give"


@dataclass(frozen=True)
class Judged:
    """The target as numbers, one column a class or value, with the folds in which columns are judged."""

    y: Floats  # [n, k]
    fold: NDArray[np.intp]  # [n]
    metric: str  # "AUC" or "R2"

    def score(self, means: Floats) -> float:
        """How well means of the target rank or explain it, those of the other folds. [n, k] -> number."""
        if self.metric == "R2":
            residual = ((self.y - means) ** 2).sum()
            return float(1.0 - residual / ((self.y - self.y.mean(0)) ** 2).sum())
        columns = range(1, 2) if self.y.shape[1] == 2 else range(self.y.shape[1])
        areas = [area(self.y[:, j], means[:, j]) for j in columns]
        return float(np.mean([a for a in areas if a is not None] or [0.5]))

    def gives_away(self, means: Floats, score: float) -> bool:
        """Whether hardly an error is left."""
        if self.metric == "R2":
            return score >= EXPLAINED
        told = self.y[np.arange(len(self.y)), means.argmax(axis=1)].mean()
        return bool(1.0 - told <= (1.0 - PERFECT) * (1.0 - self.y.mean(0).max()))


def leaks(patient: Patient) -> Iterator[Finding]:
    """Columns that alone predict the target nearly perfectly, else one that beats all others together."""
    coding = patient.experiment.coding
    if len(patient.inputs) < 2 or not isinstance(coding, Classes | Values) or len(coding.names) > 1:
        return
    n = len(patient.frame)
    rng = stream(patient.experiment.config.seed, "doctor")
    rows = np.sort(rng.permutation(n)[:ROWS])
    frame = patient.frame[rows]
    if isinstance(coding, Classes):
        y = np.eye(coding.classes)[patient.truth[rows]]
    else:
        y = ranks(patient.truth[rows, 0])[:, None]  # by rank, so that few large values do not decide
    judged = Judged(y, rng.integers(0, FOLDS, len(y)), "AUC" if isinstance(coding, Classes) else "R2")
    means = {name: means_of_others(bins(frame[name]), judged) for name in patient.inputs}
    scores = {name: judged.score(mean) for name, mean in means.items()}
    target, found = patient.target[0], False
    for name, mean in means.items():
        if judged.gives_away(mean, scores[name]) or in_step(frame[name], y, judged.metric):
            found = True
            yield Finding("leak", (name,), f"`{name}` alone gives `{target}` away", WHY, (drop(name),))
    best = max(scores, key=lambda name: scores[name])
    comparable = y.shape[1] <= 2 and len(y) >= ENOUGH and len(means) * y.shape[1] <= STACK
    if found or scores[best] < STRONG[judged.metric] or not comparable:
        return
    rest = judged.score(stacked([mean for name, mean in means.items() if name != best], judged))
    if scores[best] > rest >= INFORMED[judged.metric]:
        yield Finding(
            "leak",
            (best,),
            f"`{best}` alone tells more of `{target}` than all other columns together: "
            f"{judged.metric} {scores[best]:.2f} and {rest:.2f}",
            WHY,
            (drop(best),),
        )


def bins(column: pl.Series) -> NDArray[np.intp]:
    """The bin of each cell, 0 where missing. [n]."""
    if column.dtype == pl.String or column.drop_nulls().n_unique() <= BINS:
        return column.fill_null(pl.lit(None)).rank("dense").fill_null(0).to_numpy().astype(np.intp)
    values = column.to_numpy()
    there = ~np.isnan(values)
    edges = np.unique(np.quantile(values[there], np.linspace(0.0, 1.0, BINS + 1)[1:-1]))
    numbers: NDArray[np.intp] = np.where(there, np.searchsorted(edges, values, side="right") + 1, 0)
    return numbers


def means_of_others(numbers: NDArray[np.intp], judged: Judged) -> Floats:
    """For each row the mean target of its bin in the other folds. [n, k]."""
    y, size = judged.y, int(numbers.max()) + 1
    cell = judged.fold * size + numbers
    shape = (FOLDS, size)
    sums = np.stack([np.bincount(cell, y[:, j], FOLDS * size).reshape(shape) for j in range(y.shape[1])], axis=2)
    counts = np.bincount(cell, minlength=FOLDS * size).reshape(*shape, 1)
    sums, counts = sums.sum(0) - sums, counts.sum(0) - counts
    mean = sums.sum(1, keepdims=True) / np.maximum(counts.sum(1, keepdims=True), 1)
    means: Floats = ((sums + PRIOR * mean) / (counts + PRIOR))[judged.fold, numbers]
    return means


def stacked(means: list[Floats], judged: Judged) -> Floats:
    """Least squares over the means of several columns, fitted in the other folds. [n, k]."""
    y = judged.y
    x = np.concatenate([*means, np.ones((len(y), 1))], axis=1)
    out = np.empty_like(y)
    ridge = 1e-3 * len(y) * np.eye(x.shape[1])
    for number in range(FOLDS):
        others = judged.fold != number
        a = x[others]
        out[~others] = x[~others] @ np.linalg.solve(a.T @ a + ridge, a.T @ y[others])
    return out


def in_step(column: pl.Series, y: Floats, metric: str) -> bool:
    """Whether numbers rise or fall with a target of numbers, but for hardly anything."""
    if metric != "R2" or column.dtype == pl.String or column.null_count():
        return False
    x = ranks(column.to_numpy())
    if x.std() == 0.0:
        return False
    return bool(np.corrcoef(x, y[:, 0])[0, 1] ** 2 >= EXPLAINED)


def ranks(values: Floats) -> Floats:
    """Ranks scaled to mean 0, equal ones alike. [n]."""
    found = pl.Series(values).rank("average").to_numpy()
    centred: Floats = (found - found.mean()) / max(len(found), 1)
    return centred


def area(positive: Floats, score: Floats) -> float | None:
    """The area under the ROC curve (Hanley and McNeil, 1982); None where all are of one class."""
    n1 = float(positive.sum())
    n0 = len(positive) - n1
    if not n0 or not n1:
        return None
    rank = pl.Series(score).rank("average").to_numpy()
    return float((rank[positive > 0].sum() - n1 * (n1 + 1) / 2) / (n0 * n1))
