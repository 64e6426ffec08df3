"""What a column of a table is, in a few words that bear it out."""

from __future__ import annotations

from typing import assert_never

import polars as pl

from netrain.data.columns import Boolean, Categorical, Column, Datetime, Drop, Numeric
from netrain.data.dates import format_of, read_dates
from netrain.data.infer import id_like, many_texts


def evidence(cells: pl.Series, column: Column) -> str:
    """`3.1% missing, 74 values from 17 to 90`: what the cells of a column are like."""
    filled = cells.drop_nulls()
    if not len(filled):
        return "missing in every row"
    distinct = filled.n_unique()
    if distinct == 1:
        return (
            f"the same in every row: {shown(filled[0])}"
            if len(filled) == len(cells)
            else f"{shown(filled[0])} or missing"
        )
    absent = cells.null_count() / len(cells)
    missing = f"{max(absent, 0.001):.1%} missing, " if absent else ""
    return missing + of_kind(cells, filled, distinct, column)


def of_kind(cells: pl.Series, filled: pl.Series, distinct: int, column: Column) -> str:
    """The same of the cells that are there."""
    match column:
        case Numeric():
            return id_like(cells) or f"{distinct:,} values{span(filled)}"
        case Categorical():
            form = "embedding" if embedded(distinct, column) else "an input each"
            rows = f" in {len(filled):,} rows" if embedded(distinct, column) else ""
            return f"{distinct:,} values{rows}: {form}"
        case Boolean():
            return "only " + ", ".join(sorted(map(str, filled.unique().to_list())))
        case Datetime():
            return dates(filled, column)
        case Drop():
            return id_like(cells) or many_texts(filled) or f"{distinct:,} values"
        case _:
            assert_never(column)


def embedded(levels: int, column: Categorical) -> bool:
    """Whether so many levels get a learned vector."""
    return column.encode == "embedding" or (column.encode == "auto" and levels > column.one_hot_up_to)


def span(filled: pl.Series) -> str:
    """The range of numbers."""
    return "" if filled.dtype == pl.String else f" from {shown(filled.min())} to {shown(filled.max())}"


def dates(filled: pl.Series, column: Datetime) -> str:
    """The first and the last date."""
    form = format_of(filled, column.format)
    read = read_dates(filled, form).drop_nulls() if form else filled.clear()
    return f"from {shown(read.min())} to {shown(read.max())}" if len(read) else "dates"


def shown(value: object) -> str:
    """A cell as people write it."""
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if value == round(value) and abs(value) < 1e15 else f"{value:g}"
