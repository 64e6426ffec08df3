"""What the network says, on average, where a column is the same in all rows (Friedman, 2001)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from netrain.data.dates import seconds
from netrain.data.features import Preprocessor
from netrain.data.fitted import FittedDatetime, FittedNumeric
from netrain.data.target import Classes
from netrain.inputs import Floats
from netrain.random import stream
from netrain.report.blocks import Block, blocks
from netrain.report.groups import commonest, kind_of
from netrain.report.importance import cost
from netrain.report.numbers import short
from netrain.report.subject import FEW, Subject, answers

STRONGEST = 6
POINTS = 20  # of a number
LEVELS = 12
ROWS, FEWEST_ROWS = 300, 30
WORK = 1.5e9  # multiplications, about
MOST_WORK = 6e10  # up to which the fewest rows of all columns hold; beyond, there are fewer columns, then rows
LEAST_ROWS = 10
MOST_CLASSES = 10


@dataclass(frozen=True)
class Grid:
    """Cells that stand for a column, how they are shown, and the share of the rows near each."""

    cells: pl.Series
    shown: Sequence[Any]
    share: Floats


def dependence(subject: Subject, columns: Sequence[str]) -> list[dict[str, Any]]:
    """The partial dependence on each of the columns named, over the same rows, with the rows' weights."""
    n = len(subject.part.rows)
    each = cost(subject.network) * POINTS
    columns = columns[: max(1, int(MOST_WORK / (each * min(n, FEWEST_ROWS))))]
    each *= max(1, len(columns))
    fewest = max(LEAST_ROWS, min(FEWEST_ROWS, int(MOST_WORK / each)))
    most = min(n, ROWS, max(fewest, int(WORK / each)))
    some = np.sort(stream(subject.config.seed, "dependence").permutation(n)[:most])
    by_name = {block.fitted.column: block for block in blocks(subject.preprocessor)}
    names, chosen = shown_outputs(subject)
    found = []
    for name in columns:
        grid = grid_of(subject, by_name[name])
        if grid is not None:
            y = along(subject, by_name[name], grid, some)[:, chosen]
            of = {"column": name, "kind": kind_of(by_name[name].fitted), "x": list(grid.shown), "y": y.T}
            found.append(of | {"of": names, "share": grid.share})
    return found


def shown_outputs(subject: Subject) -> tuple[list[str], list[int]]:
    """The classes, labels or targets that are shown, by name and number: of two classes the second."""
    coding = subject.coding
    if not isinstance(coding, Classes):
        return list(coding.names), list(range(len(coding.names)))
    if coding.classes == 2:
        return [coding.labels[1]], [1]
    counts = np.bincount(subject.part.truth, minlength=coding.classes)
    common = np.sort(np.argsort(-counts, kind="stable")[:MOST_CLASSES]).tolist()
    return [coding.labels[c] for c in common], common


def along(subject: Subject, block: Block, grid: Grid, some: np.ndarray) -> Floats:
    """The mean answers for each cell of a grid. [cells, answers]."""
    inputs, w = subject.part.rows.inputs.take(some), subject.weights[some]
    w = w if w.sum() > 0.0 else np.ones(len(some))
    frame = pl.DataFrame([grid.cells.alias(block.fitted.column)])
    cells = Preprocessor(columns=(block.fitted,)).transform(frame)
    means = []
    for i in range(len(grid.cells)):
        inputs.num[:, block.num] = cells.num[i]
        inputs.cat[:, block.cat] = cells.cat[i]
        means.append(np.average(answers(subject.coding, subject.predict(inputs)), axis=0, weights=w))
    return np.array(means)


def grid_of(subject: Subject, block: Block) -> Grid | None:
    """Where a column is looked at; None where no cell may stand for the others."""
    column, fitted = subject.frame[block.fitted.column], block.fitted
    if not isinstance(fitted, FittedNumeric | FittedDatetime):
        levels = commonest(subject, column, LEVELS)
        cells = pl.Series([level for level, _ in levels], dtype=pl.String)
        share = np.array([len(rows) for _, rows in levels]) / max(1, len(column))
        return Grid(cells, [short(level) for level in cells], share) if levels else None
    values = column.to_numpy() if isinstance(fitted, FittedNumeric) else seconds(fitted.read(column))
    there = np.flatnonzero(np.isfinite(values))
    if not len(there) or (len(there) < FEW and not subject.config.report.rows):
        return None
    ascending = there[np.argsort(values[there], kind="stable")]
    distinct = np.unique(values[ascending])
    if len(distinct) > POINTS:
        places = np.linspace(0.02, 0.98, POINTS) * (len(ascending) - 1)
        distinct = np.unique(values[ascending[places.round().astype(int)]])
    rows = ascending[np.searchsorted(values[ascending], distinct)]
    middles = (distinct[1:] / 2.0 + distinct[:-1] / 2.0) if len(distinct) > 1 else distinct[:0]
    share = np.bincount(np.searchsorted(middles, values[there]), minlength=len(distinct)) / len(column)
    cells = column[rows.tolist()]
    shown = distinct.tolist() if isinstance(fitted, FittedNumeric) else [short(str(cell)) for cell in cells]
    return Grid(cells, shown, share)
