"""Cells as numbers or text: what a column holds, and what to say where it is not what it should be."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import cache
from math import isfinite
from typing import NamedTuple

import polars as pl
import polars.selectors as cs

from netrain.errors import DataError
from netrain.wording import counted, dotted

NUMBERS = pl.Float64
TEXT = pl.String
EXACT = 2.0**53  # beyond it not every whole number is a float

SIGNS = "$€£¥%"
SIGNED = r"^[-+]?([$€£¥]\s?[-+]?\d[\d.,]*|\d[\d.,]*\s?[$€£¥%])$"  # an amount of money, or a percentage
ALIKE = 0.9  # share of the cells that must be spelled alike for a guess


def normalise(
    frame: pl.DataFrame, where: str, *, missing: Collection[str], text: Collection[str], decimal: str = "."
) -> pl.DataFrame:
    """Every column as Float64, String, or Null where it is all missing. Raises DataError for lists and the like.

    A cell of text is missing where it is spelled as one of `missing`, a number where it has the value of one.
    """
    plain = pl.DataFrame([plain_kind(column, where) for column in frame])
    cells = plain.with_columns(cs.numeric().cast(NUMBERS).fill_nan(None), cs.string().str.strip_chars())
    absent = spelled_numbers(tuple(missing), decimal)
    if not absent and not any(kind == TEXT or name in text for name, kind in cells.schema.items()):
        return cells
    if missing:
        cells = cells.with_columns(pl.when(~cs.string().is_in(list(missing))).then(cs.string()))
    numbers = cells.select(as_numbers(cs.string() - cs.by_name(*text, require_all=False), decimal))
    return pl.DataFrame([chosen(column, numbers, absent, as_text=column.name in text) for column in cells])


@cache
def spelled_numbers(missing: Sequence[str], decimal: str) -> Sequence[float]:
    """The numbers among the spellings of what is missing."""
    spelled = pl.Series(missing, dtype=TEXT).to_frame("missing").select(as_numbers(pl.col("missing"), decimal))
    return tuple(spelled["missing"].fill_nan(None).drop_nulls())


def plain_kind(column: pl.Series, where: str) -> pl.Series:
    """A column as numbers, String or Null, before anything is known of its cells."""
    name = column.name
    if name == "*" or (name.startswith("^") and name.endswith("$")):  # polars takes these for patterns
        raise DataError(f"`{name}` cannot be the name of a column: it stands for others", where=where, hint="rename it")
    kind = column.dtype
    if kind.is_numeric():
        return column
    if kind == pl.Duration:
        return column.dt.total_microseconds().cast(NUMBERS) / 1e6  # seconds
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    if kind == pl.Boolean or kind.is_temporal() or kind in (pl.Categorical, pl.Enum):
        return column.cast(TEXT)
    if kind not in (TEXT, pl.Null):
        raise DataError(
            f"`{name}` holds {kind}, which is no number and no text", where=where, hint="write the table without it"
        )
    return column


def chosen(cells: pl.Series, numbers: pl.DataFrame, missing: Sequence[float], *, as_text: bool) -> pl.Series:
    """A column as numbers where all its cells are, else as text; Null where there are none."""
    if cells.dtype == TEXT:
        if cells.null_count() == len(cells):
            return pl.Series(cells.name, [None] * len(cells), dtype=pl.Null)
        if as_text or numbers[cells.name].null_count() > cells.null_count():
            return cells
        cells = numbers[cells.name].fill_nan(None)
    if cells.dtype == NUMBERS:
        for value in missing:
            cells = cells.set(cells == value, None)
        return plain_text(cells) if as_text else cells
    return cells


def as_numbers(cells: pl.Expr, decimal: str) -> pl.Expr:
    """Text as numbers, null where a cell is none. With a decimal comma, a point is no part of a number."""
    if decimal == ",":
        cells = cells.str.replace_many([".", ","], [",", "."])
    return cells.cast(NUMBERS, strict=False)


def plain_text(column: pl.Series) -> pl.Series:
    """Labels as text: whole numbers without a decimal point."""
    if column.dtype == TEXT:
        return column
    whole = ((column == column.round(0)) & (column.abs() < EXACT)) | column.is_null()
    return (column.cast(pl.Int64) if whole.all() else column).cast(TEXT)


def finished(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames below each other as one; what is missing everywhere counts as numbers."""
    schema = frames[0].schema
    if pl.Null not in schema.values() and all(frame.schema == schema for frame in frames):
        return pl.concat(frames)
    kinds = {name: next(iter(found), NUMBERS()) for name, found in kinds_of(frames).items()}
    alike = [
        pl.DataFrame([c if c.dtype == kinds[c.name] else c.cast(kinds[c.name]) for c in frame]) for frame in frames
    ]
    return alike[0] if len(alike) == 1 else pl.concat(alike, how="diagonal")


def kinds_of(frames: Sequence[pl.DataFrame]) -> dict[str, set[pl.DataType]]:
    """The types that each column has where it has any value."""
    kinds: dict[str, set[pl.DataType]] = {}
    for schema in {tuple(frame.schema.items()) for frame in frames}:
        for name, kind in schema:
            kinds.setdefault(name, set()).update({kind} - {pl.Null()})
    return kinds


def losing(before: pl.DataFrame, after: pl.DataFrame) -> set[str]:
    """The columns of numbers in which whole numbers have more digits than a float holds."""
    names = set()
    for column in after:
        cells = before[column.name]
        if column.dtype != NUMBERS or cells.dtype.is_float() or not largest(column) >= EXACT:
            continue
        if cells.dtype == TEXT:
            cells = cells.filter(column.abs() >= EXACT).str.strip_chars()
            whole = cells.str.contains(r"^[-+]?\d+$").any()
        else:
            whole = cells.dtype.is_integer()
        if whole:
            names.add(column.name)
    return names


def largest(column: pl.Series) -> float:
    """The largest magnitude of a column of numbers; 0 where there are none."""
    low, high = column.min(), column.max()
    return max(-low, high) if isinstance(low, float) and isinstance(high, float) else 0.0


def padded(cells: pl.Series) -> bool:
    """Whether some cells of text are whole numbers with a zero before them, as codes are; `07` may be a month, too."""
    return cells.dtype == TEXT and bool(cells.str.contains(r"^\s*0\d{2,}\s*$").any())


class Spelling(NamedTuple):
    """How the numbers of a column of text are written."""

    what: str
    way_out: str


def spelling(column: pl.Series, decimal: str) -> Spelling | None:
    """What the cells look like, where they look like numbers written in another way than with this decimal point."""
    if not decimal:
        return None
    other = "." if decimal == "," else ","
    point, mark = re.escape(decimal), re.escape(other)
    filled = column.drop_nulls()
    if mostly(filled, SIGNED):
        sign = next(sign for cell in filled for sign in cell if sign in SIGNS)
        kind = "shares in" if sign == "%" else "amounts in"
        return Spelling(f"{kind} `{sign}`", f"write the numbers without `{sign}`")
    if not filled.head(100).str.contains(rf"\d{mark}\d").any():
        return None
    if mostly(filled, rf"^[-+]?(0|[1-9]\d{{0,2}}({mark}\d{{3}})*)({point}\d+)?$"):
        return Spelling("numbers with thousands separators", f"write them without `{other}`")
    if mostly(filled, rf"^[-+]?\d+({mark}\d+)?([eE][-+]?\d+)?$"):
        name = "comma" if other == "," else "point"
        return Spelling(f"numbers with a decimal {name}", f'`data.decimal: "{other}"`')
    return None


def mostly(cells: pl.Series, pattern: str) -> bool:
    """Whether most cells match; the first hundred are asked first."""
    return len(cells) > 0 and all(
        int(some.str.contains(pattern).sum()) >= ALIKE * len(some) for some in (cells.head(100), cells)
    )


def strangers(column: pl.Series, decimal: str, *, declared: bool) -> tuple[int, int] | None:
    """The first row of what is no finite number, and how many there are."""
    if column.dtype == NUMBERS:
        if isfinite(column.sum()):  # one pass
            return None
        bad = column.is_infinite().fill_null(False)
    elif declared and column.dtype == TEXT:
        bad = column.is_not_null() & column.to_frame().select(as_numbers(pl.all(), decimal)).to_series().is_null()
    else:
        return None
    count = int(bad.sum())
    return (int(bad.arg_true()[0]), count) if count else None


def not_numbers(column: pl.Series, decimal: str, row: int, count: int, *, where: str) -> DataError:
    """The error for cells that should be finite numbers."""
    cells = f"{counted(count, 'cell')} that {'is' if count == 1 else 'are'}"
    found = spelling(column, decimal) if column.dtype == TEXT else None
    name, key = column.name, dotted(("data", "columns", column.name))
    return DataError(
        f"`{name}` has {cells} no finite number, first `{column[row]}`",
        where=where,
        hint=f"these look like {found.what}: {found.way_out}"
        if found
        else "mend them, or add their spelling to `data.missing`"
        + ("" if column.dtype == NUMBERS else f", or `{key}: categorical`"),
    )
