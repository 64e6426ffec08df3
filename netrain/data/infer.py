"""What the columns of a table are, where the config does not say: by their values, seldom by their names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from netrain.data.columns import Boolean, Categorical, Column, Datetime, Drop, Numeric
from netrain.data.dates import either_way, find_format
from netrain.data.fitted import truth

TEXT_SHARE = 0.5  # a text column with more distinct values than this share of its rows is no category
FEW_CELLS = 0.05  # a share of cells that are no numbers, up to which they may be a mistake
FEW_WORDS = 3  # that may stand for what is missing, in any share of the cells
WORDS_SHARE = 0.5  # below this one
COUNTED = 100  # rows that count on from 0 or 1 are counted; fewer may be anything
FEW = 20  # and this many are always taken for categories
ID = re.compile(
    r"(?i:(^|.*[_\W])(id|ids|id_str|uid|identifier|idx|index|key|uuid|guid|row|rowid|rownum|row_?numbers?|row_?names?|no|nr|instant|unnamed.*))$"
)
CAMEL_ID = re.compile(r".*[a-z](Id|ID|Idx|Index|Key|No|Nr|UUID)$")


@dataclass(frozen=True)
class Inferred:
    """What each column is, and what to say aloud of it."""

    columns: dict[str, Column]
    notes: tuple[str, ...]


def infer(
    frame: pl.DataFrame,
    apart: Collection[str],
    declared: Mapping[str, Column],
    numeric: Numeric | None = None,
    categorical: Categorical | None = None,
) -> Inferred:
    """What each column is, but for those that stand apart: as declared, else by its values over the whole table.

    `numeric` and `categorical` are what is taken for a number, for a category.
    """
    numeric, categorical = numeric or Numeric(), categorical or Categorical()
    columns: dict[str, Column] = {}
    notes: list[str] = []
    others = [name for name in frame.columns if name not in apart]
    for name in others:
        columns[name] = declared[name] if name in declared else infer_column(frame[name], numeric, categorical)
        if name in declared:
            continue
        if few := stray(frame[name]):
            notes.append(few)
        if isinstance(columns[name], Drop):
            notes.append(f"left out `{name}`: {why_out(frame[name])}")
    named = [name for name in others if name not in declared and id_named(name)]
    ids = {name: reason for name in named if (reason := id_like(frame[name]))}
    if any(not isinstance(column, Drop) for name, column in columns.items() if name not in ids):
        columns |= dict.fromkeys(ids, Drop())
        notes += [f"left out `{name}`: {reason}" for name, reason in ids.items()]
    return Inferred(columns, tuple(notes))


def infer_column(column: pl.Series, numeric: Numeric, categorical: Categorical) -> Column:
    """By the values that are there."""
    if column.dtype != pl.String:
        return numeric
    filled = column.drop_nulls()
    distinct = filled.unique()
    if len(distinct) <= 4 and (truth(distinct) != 0.0).all():
        return Boolean()
    if form := find_format(filled):
        return Datetime(format=form)
    if either_way(filled):
        return categorical
    return Drop() if many_texts(filled) else categorical


def many_texts(column: pl.Series) -> str:
    """What is said of a column of text that has too many different ones for categories; else empty."""
    filled = column.drop_nulls() if column.dtype == pl.String else column.clear()
    distinct = filled.n_unique()
    if distinct <= max(FEW, TEXT_SHARE * len(filled)):
        return ""
    return f"another text in each of {len(filled):,} rows" if distinct == len(filled) else why_out(filled)


def why_out(column: pl.Series) -> str:
    """How many texts a column holds, in how many rows."""
    filled = column.drop_nulls()
    return f"{filled.n_unique():,} different texts in {len(filled):,} rows"


def id_named(name: str) -> bool:
    """Whether a name says that the column numbers or names the rows, or what they are about."""
    return bool(ID.fullmatch(name) or CAMEL_ID.fullmatch(name))


def id_like(column: pl.Series) -> str:
    """What is said of a column of whole numbers that names the rows; else empty.

    Every row has another one, and the name says id, or they count on from 0 or 1.
    """
    n = len(column)
    if column.dtype == pl.String or n < FEW or column.null_count():
        return ""
    if not all((some == some.round(0)).all() for some in (column.head(100), column)) or column.n_unique() < n:
        return ""
    low, high = column.min(), column.max()
    assert isinstance(low, float)
    assert isinstance(high, float)
    counts_on = n >= COUNTED and high - low == n - 1 and low in (0.0, 1.0)
    if not (counts_on or id_named(column.name)):
        return ""
    return f"another whole number in every row, {low:,.0f} to {high:,.0f}"


def stray(column: pl.Series) -> str:
    """A note of a column that is text for a few cells' sake, all others being numbers; else empty."""
    strange = column.gather(stray_rows(column))
    if not len(strange):
        return ""
    cells = "1 cell is" if len(strange) == 1 else f"{len(strange):,} cells are"
    return (
        f"`{column.name}` is taken for text, as {cells} no number, first `{strange[0]}`: "
        f"mend, or add to `data.missing`, and the column is numbers"
    )


def stray_rows(column: pl.Series) -> list[int]:
    """The rows of the cells of text in a column that else is numbers; none where it may be meant as text.

    They are few cells, or few words among many numbers, as one writes what is missing.
    """
    if column.dtype != pl.String:
        return []
    filled = len(column) - column.null_count()
    numbers = column.cast(pl.Float64, strict=False)
    rows = (column.is_not_null() & numbers.is_null()).arg_true()
    few = len(rows) <= FEW_CELLS * filled
    return rows.to_list() if few or (len(rows) < WORDS_SHARE * filled and are_words(column[rows], numbers)) else []


def are_words(strange: pl.Series, numbers: pl.Series) -> bool:
    """Whether cells that are no numbers are a few words, without a digit, and all others many numbers."""
    words = strange.unique()
    return len(words) <= FEW_WORDS and not words.str.contains(r"\d").any() and numbers.drop_nulls().n_unique() > FEW
