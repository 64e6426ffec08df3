"""Where the network fails: rows with a level or a range of a column in common that it gets wrong more often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl

from netrain.data.cells import plain_text
from netrain.data.evidence import shown
from netrain.data.target import Values
from netrain.inputs import Floats
from netrain.report.numbers import effective, short
from netrain.report.subject import Subject, errors

FEWEST = 30  # rows of a slice, and of the rest
MOST = 12  # slices that are told
FEW_NUMBERS = 6  # different numbers, up to which each is a slice of its own
SAME = 0.8  # share of the rows in common, from which on two slices are one
LEVEL = 0.95


@dataclass(frozen=True)
class Slice:
    """Rows that have something in common, in words."""

    column: str
    where: str
    rows: np.ndarray


def slices(subject: Subject) -> list[dict[str, Any]]:
    """The slices whose error is larger than that of the other rows, the worst first.

    The interval of the difference holds for all slices tried at once (Bonferroni); it excludes 0. By Agresti and
    Caffo (2000) for shares of wrong answers, by Welch (1947) for absolute errors.
    """
    wrong, metric = loss_of_rows(subject)
    if len(wrong) < 2 * FEWEST:
        return []
    w, shares = subject.weights, not isinstance(subject.coding, Values)
    tried = [of for of in candidates(subject) if FEWEST <= len(of.rows) <= len(wrong) - FEWEST]
    found = []
    for of in tried:
        inside = np.zeros(len(wrong), bool)
        inside[of.rows] = True
        here, rest = Sample.of(wrong[inside], w[inside]), Sample.of(wrong[~inside], w[~inside])
        if here is None or rest is None or here.mean <= rest.mean:
            continue
        low, high = (shares_apart if shares else means_apart)(here, rest, (1.0 - LEVEL) / len(tried))
        if low > 0.0:
            found.append((low, of, {"value": here.mean, "rest": rest.mean, "low": low, "high": high}))
    found.sort(key=lambda each: -each[0])
    return [
        {"column": of.column, "where": of.where, "rows": len(of.rows), "metric": metric, **figures}
        for of, figures in unlike([(of, figures) for _, of, figures in found])[:MOST]
    ]


def loss_of_rows(subject: Subject) -> tuple[Floats, str]:
    """How wrong each row is, and what the mean of that is called. Several targets of values count in deviations."""
    wrong = np.abs(errors(subject.coding, subject.part.truth, subject.prediction))
    if not isinstance(subject.coding, Values):
        return wrong.mean(axis=1), "error rate"
    if wrong.shape[1] == 1:
        return wrong[:, 0], "mean absolute error"
    return (wrong / np.array(subject.coding.deviations)).mean(axis=1), "mean absolute error in deviations"


@dataclass(frozen=True)
class Sample:
    """The mean and spread of weighted rows, and how many rows of one weight would tell as much."""

    mean: float
    variance: float
    n: float

    @classmethod
    def of(cls, values: Floats, weights: Floats) -> Sample | None:
        """None where too little weighs anything."""
        n = effective(weights)
        if n <= 2.0:
            return None
        mean = float(np.average(values, weights=weights))
        spread = float(np.average(np.square(values - mean), weights=weights))
        return cls(mean, spread * n / (n - 1.0), n)


def means_apart(a: Sample, b: Sample, alpha: float) -> tuple[float, float]:
    """The interval of a difference of means, at the quantile of Student's t."""
    of_a, of_b = a.variance / a.n, b.variance / b.n
    error = of_a + of_b
    if error <= 0.0:
        return a.mean - b.mean, a.mean - b.mean
    freedom = error * error / (of_a * of_a / (a.n - 1.0) + of_b * of_b / (b.n - 1.0))
    half = student(1.0 - alpha / 2.0, freedom) * sqrt(error)
    return a.mean - b.mean - half, a.mean - b.mean + half


def shares_apart(a: Sample, b: Sample, alpha: float) -> tuple[float, float]:
    """The interval of a difference of shares: a right and a wrong answer more in each."""
    p, q = (a.mean * a.n + 1.0) / (a.n + 2.0), (b.mean * b.n + 1.0) / (b.n + 2.0)
    error = sqrt(p * (1.0 - p) / (a.n + 2.0) + q * (1.0 - q) / (b.n + 2.0))
    half = NormalDist().inv_cdf(1.0 - alpha / 2.0) * error
    return p - q - half, p - q + half


def student(level: float, freedom: float) -> float:
    """A quantile of Student's t, by its expansion around the normal one (Fisher and Cornish, 1960)."""
    z = NormalDist().inv_cdf(level)
    g = [
        (z**3 + z) / 4.0,
        (5.0 * z**5 + 16.0 * z**3 + 3.0 * z) / 96.0,
        (3.0 * z**7 + 19.0 * z**5 + 17.0 * z**3 - 15.0 * z) / 384.0,
        (79.0 * z**9 + 776.0 * z**7 + 1482.0 * z**5 - 1920.0 * z**3 - 945.0 * z) / 92160.0,
    ]
    return z + sum(term / freedom ** (i + 1) for i, term in enumerate(g))


def candidates(subject: Subject) -> Iterator[Slice]:
    """Every level, every quarter of numbers, and the missing cells of the columns but for target and weights."""
    data = subject.config.data
    for column in subject.frame:
        if column.name in (*data.target, data.weight):
            continue
        missing = column.is_null().arg_true().to_numpy()
        yield Slice(column.name, f"{column.name} is missing", missing)
        if column.dtype == pl.String or column.n_unique() <= FEW_NUMBERS:
            yield from levels(column)
        else:
            yield from quarters(column)


def levels(column: pl.Series) -> Iterator[Slice]:
    """The rows of each level, of which there are enough."""
    text = plain_text(column)
    rows = pl.DataFrame({"level": text}).with_row_index("row").drop_nulls().group_by("level", maintain_order=True)
    for (level,), of in rows:
        if len(of) >= FEWEST:
            yield Slice(column.name, f"{column.name} = {short(str(level))}", of["row"].to_numpy())


def quarters(column: pl.Series) -> Iterator[Slice]:
    """The rows of each quarter of the numbers, told by the least and the largest of them."""
    values = column.to_numpy()
    there = np.flatnonzero(np.isfinite(values))
    cuts = np.unique(np.quantile(values[there], [0.25, 0.5, 0.75]))
    quarter = np.searchsorted(cuts, values[there])
    for number in range(len(cuts) + 1):
        rows = there[quarter == number]
        if len(rows):
            low, high = shown(float(values[rows].min())), shown(float(values[rows].max()))
            where = f"{column.name} = {low}" if low == high else f"{column.name} {low} to {high}"
            yield Slice(column.name, where, rows)


def unlike(found: list[tuple[Slice, dict[str, float]]]) -> list[tuple[Slice, dict[str, float]]]:
    """Those that do not hold nearly the same rows as one before."""
    kept: list[tuple[Slice, dict[str, float]]] = []
    for of, figures in found:
        rows = set(of.rows.tolist())
        if all(len(rows & set(k.rows.tolist())) < SAME * len(rows | set(k.rows.tolist())) for k, _ in kept):
            kept.append((of, figures))
    return kept
