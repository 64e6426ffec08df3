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
class Judged:
    """The target as numbers, a column for each class or one for values, with the folds in which columns are judged."""

    y: Floats  # [n, k]
    fold: NDArray[np.intp]  # [n]
    metric: str  # "AUC" or "R2"

    def score(self, means: Floats) -> float:
        """How well means of the target, those of the other folds, rank two classes or explain values. [n, k]."""
        if self.metric == "R2":
            residual = ((self.y - means) ** 2).sum()
            return float(1.0 - residual / ((self.y - self.y.mean(0)) ** 2).sum())
        return area(self.y[:, 1], means[:, 1]) if self.y.shape[1] == 2 else 0.0

    def gives_away(self, means: Floats) -> bool:
        """Whether hardly an error is left."""
        if self.metric == "R2":
            return self.score(means) >= EXPLAINED
        told = self.y[np.arange(len(self.y)), means.argmax(axis=1)].mean()
        return bool(1.0 - told <= (1.0 - PERFECT) * (1.0 - self.y.mean(0).max()))


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
            means = means_of_others(bins(column), judged)
            scores[column.name] = judged.score(means)
            if judged.gives_away(means) or in_step(column, judged):
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
    means = {c.name: means_of_others(bins(c), judged) for c in patient.frame[rows].select(patient.inputs)}
    scores = {name: judged.score(mean) for name, mean in means.items()}
    second, best = sorted(scores, key=lambda name: scores[name])[-2:]
    strong = STRONG[judged.metric] + len(rows) ** -0.5  # a score of few rows may be chance
    if scores[best] < max(strong, scores[second] + AHEAD):
        return
    rest = judged.score(stacked([mean for name, mean in means.items() if name != best], judged))
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
    if column.dtype == pl.String or column.drop_nulls().n_unique() <= BINS:
        return column.rank("dense").fill_null(0).to_numpy().astype(np.intp)
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


def area(positive: Floats, score: Floats) -> float:
    """The area under the ROC curve (Hanley and McNeil, 1982). Rows of both kinds are there."""
    n1 = float(positive.sum())
    n0 = len(positive) - n1
    rank = pl.Series(score).rank("average").to_numpy()
    return float((rank[positive > 0].sum() - n1 * (n1 + 1) / 2) / (n0 * n1))
