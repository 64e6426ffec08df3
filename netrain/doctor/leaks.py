"""Columns that give the target away: copies of it, and one that alone tells more than all others."""

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

ROWS = 10_000  # looked at, at most, and
MANY_ROWS = 40_000  # where it is a matter of little, and
CELLS = 40_000_000  # rows times inputs times classes
CLASSES = 16  # the commonest; the others are one
BINS = 64  # of a column of numbers
FOLDS = 5
PRIOR = 5.0  # rows of the mean that every bin has besides its own
RARE = 20  # rows of other classes than the commonest that must be there to tell anything
PERFECT = 0.97  # the share of the trivial answer's errors that a copy leaves none of; of the variance, 0.99
EXPLAINED = 0.99
# One column that tells more than all others together: where it is strong and the others are informed, too
STRONG = {"AUC": 0.78, "R2": 0.8}
INFORMED = {"AUC": 0.65, "R2": 0.3}
CLOSE = 0.03  # to that, on fewer rows
AHEAD = 0.02  # of the second best alone
NEARLY = 0.01  # beats all others, or is as good as they are
ENOUGH = 500  # rows, and two classes or numbers: of many classes one column often is the clearest
STACK = 400  # inputs of the comparison, at most
WHY = "the figures promise what new rows will not give"


@dataclass(frozen=True)
class Told:
    """What a column tells of the target: rows of one cell are told alike."""

    cell: NDArray[np.intp]  # [n]
    means: Floats  # of the target, for each cell. [cells, k]

    @property
    def by_row(self) -> Floats:
        """[n, k]."""
        return self.means[self.cell]


@dataclass(frozen=True)
class Judged:
    """The target as numbers, a column for each class or one for values, with the folds in which columns are judged."""

    y: Floats  # [n, k]
    fold: NDArray[np.intp]  # [n]
    metric: str  # "AUC" or "R2"

    def score(self, told: Told) -> float:
        """How well means of the target, those of the other folds, rank two classes or explain values."""
        if self.metric == "R2":
            residual = ((self.y - told.by_row) ** 2).sum()
            return float(1.0 - residual / ((self.y - self.y.mean(0)) ** 2).sum())
        if self.y.shape[1] != 2:
            return 0.0
        down, up = (np.bincount(told.cell, y, len(told.means)).astype(np.float64) for y in self.y.T)
        return area(up, down, told.means[:, 1])

    def gives_away(self, told: Told) -> bool:
        """Whether hardly an error is left."""
        if self.metric == "R2":
            return self.score(told) >= EXPLAINED
        right = self.y[np.arange(len(self.y)), told.means.argmax(axis=1)[told.cell]].mean()
        return bool(1.0 - right <= (1.0 - PERFECT) * (1.0 - self.y.mean(0).max()))


def leaks(patient: Patient) -> Iterator[Finding]:
    """Columns that alone predict a target nearly perfectly, else one that beats all others together."""
    if len(patient.inputs) < 2:
        return
    for j, target in enumerate(patient.target):
        rows = sample(patient, j, ROWS)
        judged = judge(patient, j, rows)
        if judged is None:
            continue
        scores: dict[str, float] = {}
        found = False
        for column in patient.frame[rows].select(patient.inputs):
            told = means_of_others(bins(column), judged)
            scores[column.name] = judged.score(told)
            if judged.gives_away(told) or in_step(column, judged):
                found = True
                message = f"`{column.name}` alone gives `{target}` away"
                why = f"a copy of the answer, or known only after it: {WHY}"
                yield Finding("leak", (column.name,), message, why, (drop(column.name),))
        comparable = judged.y.shape[1] <= 2 and len(rows) >= ENOUGH and len(scores) * judged.y.shape[1] <= STACK
        if not found and comparable and max(scores.values()) >= STRONG[judged.metric] - CLOSE:
            yield from outdoing(patient, j, target)


def outdoing(patient: Patient, j: int, target: str) -> Iterator[Finding]:
    """A column that alone tells as much as all others together; on more rows, as it is a matter of little."""
    rows = sample(patient, j, MANY_ROWS)
    judged = judge(patient, j, rows)
    if judged is None:
        return
    told = {c.name: means_of_others(bins(c), judged) for c in patient.frame[rows].select(patient.inputs)}
    scores = {name: judged.score(each) for name, each in told.items()}
    second, best = sorted(scores, key=lambda name: scores[name])[-2:]
    strong = STRONG[judged.metric] + len(rows) ** -0.5  # a score of few rows may be chance
    if scores[best] < max(strong, scores[second] + AHEAD):
        return
    rest = judged.score(stacked([each.by_row for name, each in told.items() if name != best], judged))
    if scores[best] > rest - NEARLY and rest >= INFORMED[judged.metric]:
        yield Finding(
            "suspect",
            (best,),
            f"`{best}` alone tells as much of `{target}` as all other columns together: "
            f"{judged.metric} {scores[best]:.2f}, theirs {rest:.2f}",
            f"is it known before the answer is? if not, {WHY}",
            (drop(best),),
        )


def sample(patient: Patient, j: int, most: int) -> NDArray[np.intp]:
    """The rows looked at, by lot; in the order of the file."""
    n = len(patient.frame)
    coding = patient.experiment.coding
    classes = min(coding.classes, CLASSES) if isinstance(coding, Classes) else 2
    most = min(most, max(ENOUGH, CELLS // (len(patient.inputs) * classes)))
    rng = stream(patient.experiment.config.seed, "doctor", j)
    return np.sort(rng.permutation(n)[:most])


def judge(patient: Patient, j: int, rows: NDArray[np.intp]) -> Judged | None:
    """The target as it is judged; None where these rows cannot tell anything."""
    coding, truth = patient.experiment.coding, patient.truth[rows]
    fold = stream(patient.experiment.config.seed, "doctor_folds", j).integers(0, FOLDS, len(rows))
    if isinstance(coding, Values):
        y = ranks(truth[:, j])[:, None]  # by rank, so that few large values do not decide
        return Judged(y, fold, "R2") if y.std() > 0.0 else None
    numbers = truth if truth.ndim == 1 else truth[:, j].astype(np.intp)
    counts = np.bincount(numbers)
    if len(rows) - counts.max() < min(RARE, len(rows) // 4):
        return None
    order = np.argsort(-counts, kind="stable")
    place = np.minimum(np.argsort(order), CLASSES - 1)[numbers] if len(counts) > CLASSES else numbers
    return Judged(np.eye(min(len(counts), CLASSES))[place], fold, "AUC")


def bins(column: pl.Series) -> NDArray[np.intp]:
    """The bin of each cell, 0 where missing. [n]."""
    if column.dtype == pl.String:
        column = column.cast(pl.Categorical).to_physical()
    if column.dtype != pl.Float64 or column.drop_nulls().n_unique() <= BINS:
        there = column.is_not_null().to_numpy()
        numbers = np.zeros(len(column), np.intp)
        numbers[there] = np.unique(column.drop_nulls().to_numpy(), return_inverse=True)[1] + 1
        return numbers
    values = column.to_numpy()
    there = ~np.isnan(values)
    edges = np.unique(np.quantile(values[there], np.linspace(0.0, 1.0, BINS + 1)[1:-1]))
    return np.where(there, np.searchsorted(edges, values, side="right") + 1, 0)


def means_of_others(numbers: NDArray[np.intp], judged: Judged) -> Told:
    """For each row the mean target of its bin in the other folds."""
    y, size = judged.y, int(numbers.max()) + 1
    cell = judged.fold * size + numbers
    shape = (FOLDS, size)
    sums = np.stack([np.bincount(cell, y[:, j], FOLDS * size).reshape(shape) for j in range(y.shape[1])], axis=2)
    counts = np.bincount(cell, minlength=FOLDS * size).reshape(*shape, 1)
    sums, counts = sums.sum(0) - sums, counts.sum(0) - counts
    mean = sums.sum(1, keepdims=True) / np.maximum(counts.sum(1, keepdims=True), 1)
    return Told(cell, ((sums + PRIOR * mean) / (counts + PRIOR)).reshape(FOLDS * size, -1))


def stacked(means: list[Floats], judged: Judged) -> Told:
    """Least squares over the means [n, k] of several columns, fitted in the other folds."""
    y = judged.y
    x = np.concatenate([*means, np.ones((len(y), 1))], axis=1)
    out = np.empty_like(y)
    ridge = 1e-3 * len(y) * np.eye(x.shape[1])
    for number in range(FOLDS):
        others = judged.fold != number
        a = x[others]
        out[~others] = x[~others] @ np.linalg.solve(a.T @ a + ridge, a.T @ y[others])
    return Told(np.arange(len(y)), out)


def in_step(column: pl.Series, judged: Judged) -> bool:
    """Whether numbers rise or fall with a target of numbers, but for hardly anything."""
    if judged.metric != "R2" or column.dtype == pl.String or column.null_count():
        return False
    x = ranks(column.to_numpy())
    if x.std() == 0.0:
        return False
    return bool(np.corrcoef(x, judged.y[:, 0])[0, 1] ** 2 >= EXPLAINED)


def ranks(values: Floats) -> Floats:
    """Ranks scaled to mean 0, equal ones alike. [n]."""
    found = pl.Series(values).rank("average").to_numpy()
    centred: Floats = (found - found.mean()) / max(len(found), 1)
    return centred


def area(up: Floats, down: Floats, score: Floats) -> float:
    """The area under the ROC curve (Hanley and McNeil, 1982) of so many rows of either kind [c] at each score [c].

    Rows of both kinds are there.
    """
    level = np.unique(score, return_inverse=True)[1]
    ups, downs = np.bincount(level, up), np.bincount(level, down)
    below = np.cumsum(downs) - 0.5 * downs  # those of the same score by half
    return float(ups @ below / (ups.sum() * downs.sum()))
