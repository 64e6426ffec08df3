"""The rows of a part in groups by a column: bins of numbers and dates, levels of categories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from netrain.data.cells import plain_text
from netrain.data.dates import seconds
from netrain.data.fitted import Fitted, FittedBoolean, FittedDatetime, FittedEmbedding, FittedNumeric, FittedOneHot
from netrain.report.numbers import bins_of, short
from netrain.report.subject import Subject

BINS, FEWEST = 10, 10
LEVELS = 12


@dataclass(frozen=True)
class Groups:
    """The name of each group and the numbers of its rows; for numbers the name is their mean."""

    kind: str
    names: list[str] | list[float]
    rows: list[np.ndarray]


def kind_of(fitted: Fitted) -> str:
    """What a column is, in the terms of the config."""
    match fitted:
        case FittedOneHot() | FittedEmbedding():
            return "categorical"
        case FittedNumeric() | FittedBoolean() | FittedDatetime():
            return fitted.kind


def groups(subject: Subject, name: str) -> Groups:
    """Bins of equal rows of an input's numbers or times, or its commonest levels."""
    fitted = next(c for c in subject.preprocessor.columns if c.column == name)
    column, kind = subject.frame[name], kind_of(fitted)
    if isinstance(fitted, FittedNumeric | FittedDatetime):
        values = seconds(fitted.read(column)) if isinstance(fitted, FittedDatetime) else column.to_numpy()
        there = np.flatnonzero(np.isfinite(values))
        bins = [there[rows] for rows in bins_of(values[there], BINS, FEWEST)]
        if isinstance(fitted, FittedDatetime):
            middles = [int(rows[np.argsort(values[rows], kind="stable")[len(rows) // 2]]) for rows in bins]
            return Groups(kind, [short(str(column[row])) for row in middles], bins)
        return Groups(kind, [float(values[rows].mean()) for rows in bins], bins)
    levels = commonest(subject, column, LEVELS)
    return Groups(kind, [short(level) for level, _ in levels], [rows for _, rows in levels])


def commonest(subject: Subject, column: pl.Series, most: int) -> list[tuple[str, np.ndarray]]:
    """The commonest levels of a column, with the numbers of their rows."""
    text = plain_text(column)
    counts = text.drop_nulls().value_counts(name="rows").sort(["rows", text.name], descending=[True, False]).head(most)
    kept = [level for level, rows in counts.iter_rows() if subject.kept(rows)]
    return [(level, (text == level).fill_null(value=False).arg_true().to_numpy()) for level in kept]
