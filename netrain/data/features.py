"""The columns of a table as inputs of a network: what each one is, and the transform fitted on training rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import assert_never

import numpy as np
import polars as pl

from netrain.data.columns import (
    Boolean,
    Categorical,
    Column,
    Constant,
    Datetime,
    Drop,
    Median,
    Numeric,
    Quantile,
    Unscaled,
)
from netrain.data.dates import CODES, format_of, likely_format, month_first, part_of, read_dates, seconds
from netrain.data.fitted import (
    Fitted,
    FittedBoolean,
    FittedDatetime,
    FittedEmbedding,
    FittedNumeric,
    FittedOneHot,
    Levels,
    truth,
)
from netrain.data.scales import fit_scale, standard
from netrain.errors import DataError
from netrain.inputs import Floats, Inputs
from netrain.spec import Spec
from netrain.wording import counted, dotted, listed

Columns = Mapping[str, Column]
Used = Numeric | Categorical | Boolean | Datetime

POINTS, FEWEST_POINTS = 100_000, 10  # quantiles of all columns together, and of one at least
ROWS = 4096  # of all columns of numbers, written at a time: they fit a cache


class Preprocessor(Spec):
    """From columns by name to inputs; fitted on training rows, in the order of the table."""

    columns: tuple[Fitted, ...]

    @property
    def numeric(self) -> tuple[str, ...]:
        """The columns that must hold numbers."""
        return tuple(c.column for c in self.columns if isinstance(c, FittedNumeric))

    @property
    def text(self) -> tuple[str, ...]:
        """The columns that are read as text."""
        return tuple(c.column for c in self.columns if not isinstance(c, FittedNumeric))

    @property
    def width(self) -> int:
        """How many numeric inputs there are."""
        return sum(c.width for c in self.columns)

    @property
    def numbers(self) -> tuple[int, ...]:
        """Which of the numeric inputs are numbers, and not marks of levels or the like."""
        starts = np.cumsum([0, *(c.width for c in self.columns)]).tolist()
        return tuple(start + at for start, c in zip(starts, self.columns, strict=False) for at in c.numbers)

    @property
    def levels(self) -> tuple[int, ...]:
        """The level count of each embedded column, 0 for missing included."""
        return tuple(c.levels.count + 1 for c in self.columns if isinstance(c, FittedEmbedding))

    def transform(self, frame: pl.DataFrame) -> Inputs:
        """Inputs of n rows. Raises DataError that lists all columns that are missing."""
        self.check(frame)
        num = np.zeros((len(frame), self.width), np.float32)
        cat = np.zeros((len(frame), len(self.levels)), np.int32)
        start, embedded = 0, 0
        numbers: list[tuple[FittedNumeric, Floats, Floats]] = []
        for fitted in self.columns:
            column, out = frame[fitted.column], num[:, start : start + fitted.width]
            start += fitted.width
            if isinstance(fitted, FittedNumeric):
                numbers.append((fitted, fitted.filled(column), out))
            fitted.write(column, out)
            if isinstance(fitted, FittedEmbedding):
                cat[:, embedded] = fitted.levels.numbers(column)
                embedded += 1
        for rows in (slice(first, first + ROWS) for first in range(0, len(frame), ROWS)):
            for fitted, values, out in numbers:
                out[rows, 0] = fitted.scale(values[rows])
        return Inputs(num, cat)

    def strange(self, frame: pl.DataFrame) -> dict[str, int]:
        """For each column, how many cells hold what training did not see, where there are any."""
        counts = {c.column: c.strange(frame[c.column]) for c in self.columns}
        return {column: count for column, count in counts.items() if count}

    def check(self, frame: pl.DataFrame, where: str = "", header: Iterable[str] = ()) -> None:
        """Raise DataError where columns are missing or hold text in place of numbers.

        `header`: the columns of the table, where the frame holds but some of them.
        """
        there = set(frame.columns)  # asked for once: a frame makes the list anew each time
        missing = [c.column for c in self.columns if c.column not in there]
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            one = len(missing) == 1
            raise DataError(
                f"the column {names} is missing" if one else f"{len(missing):,} columns are missing: {names}",
                where=where,
                hint=f"the table has {listed(list(header) or frame.columns)}",
            )
        for name in self.numeric:
            if frame[name].dtype == pl.String:
                first = frame[name].drop_nulls()[0]
                raise DataError(f"`{name}` was numbers in training and is text here, e.g. `{first}`", where=where)


Place = Callable[[int], str]  # of a training row, for messages


def fit_columns(
    train: pl.DataFrame, columns: Mapping[str, Column], place: Place = lambda _: ""
) -> tuple[Preprocessor, tuple[str, ...]]:
    """The transform fitted on training rows, and notes of the columns that say nothing there."""
    fitted: list[Fitted] = []
    notes: list[str] = []
    ranked = sum(isinstance(column, Numeric) and isinstance(column.scale, Quantile) for column in columns.values())
    points = max(FEWEST_POINTS, POINTS // max(1, ranked))
    for name, column in columns.items():
        if isinstance(column, Drop):
            continue
        if train[name].null_count() == len(train):
            notes.append(f"left out `{name}`: missing in every training row")
        elif is_constant(train[name]):
            notes.append(f"left out `{name}`: the same in every training row")
        else:
            fitted.append(fit_column(name, train[name], sparing(column, points), place))
    if not fitted:
        raise DataError("no column is left to predict from" + why_none(columns, notes), hint="see `data.columns`")
    return Preprocessor(columns=tuple(fitted)), tuple(notes)


def sparing(column: Used, points: int) -> Used:
    """The column with so many quantiles kept at most, as each checkpoint holds them all."""
    if not isinstance(column, Numeric) or not isinstance(column.scale, Quantile) or column.scale.points <= points:
        return column
    return column.model_copy(update={"scale": column.scale.model_copy(update={"points": points})})


def why_none(columns: Mapping[str, Column], notes: Sequence[str]) -> str:
    """Why no column is left, in words."""
    dropped = [f"`{name}`" for name, column in columns.items() if isinstance(column, Drop)]
    reasons = [*notes, *([f"not used: {', '.join(dropped)}"] if dropped else [])]
    return f": {'; '.join(reasons)}" if reasons else ": the table has no other column"


def tells_nothing(train: pl.Series) -> bool:
    """Whether a column has no value, or everywhere the same."""
    return train.null_count() == len(train) or is_constant(train)


def is_constant(train: pl.Series) -> bool:
    """Whether a column that has values holds one alone, missing ones counted."""
    return not train.null_count() and train.min() == train.max()


def fit_column(name: str, train: pl.Series, column: Used, place: Place = lambda _: "") -> Fitted:
    """One column, fitted on training rows that are not all missing."""
    match column:
        case Numeric():
            return fit_numeric(name, train, column)
        case Categorical():
            return fit_categorical(name, train, column)
        case Boolean():
            return fit_boolean(name, train, place)
        case Datetime():
            return fit_datetime(name, train, column, place)
        case _:
            assert_never(column)


def fit_numeric(name: str, train: pl.Series, column: Numeric) -> FittedNumeric:
    """Scale and filling from the values that are there."""
    values = train.drop_nulls().to_numpy()
    match column.impute:
        case Constant(value=value):
            fill = value
        case Median():
            fill = float(np.median(values))
        case _:
            fill = standard(values).centre
    indicator = column.indicator and train.null_count() > 0
    return FittedNumeric(column=name, fill=fill, scale=fit_scale(column.scale, values), indicator=indicator)


def fit_categorical(name: str, train: pl.Series, column: Categorical) -> FittedOneHot | FittedEmbedding:
    """Levels in the order of their names; those of few rows merged."""
    counts = train.cast(pl.String).drop_nulls().value_counts().sort(name)
    enough = counts["count"] >= column.min_rows
    levels = Levels(
        names=tuple(counts.filter(enough)[name].to_list()), rare=tuple(counts.filter(~enough)[name].to_list())
    )
    small = column.encode == "auto" and levels.count <= column.one_hot_up_to
    if column.encode == "one_hot" or small:
        one_hot = FittedOneHot(column=name, levels=levels, binary=column.binary and levels.count == 2)
        if isinstance(column.scale, Unscaled):
            return one_hot
        marks = np.zeros((len(train), one_hot.width))
        one_hot.write(train, marks)
        scales = tuple(fit_scale(column.scale, mark) for mark in marks.T)
        return one_hot.model_copy(update={"scales": scales})
    return FittedEmbedding(column=name, levels=levels)


def fit_boolean(name: str, train: pl.Series, place: Place) -> FittedBoolean:
    """Nothing is learned. Raises DataError for a cell that is neither true nor false."""
    rows = np.flatnonzero((truth(train) == 0.0) & train.is_not_null().to_numpy())
    if len(rows):
        cells = f"{counted(len(rows), 'cell')} to train on {'is' if len(rows) == 1 else 'are'}"
        raise DataError(
            f"`{name}` is declared a boolean; {cells} neither true nor false, first `{train[int(rows[0])]}`",
            where=place(int(rows[0])),
            hint=f"`{dotted(('data', 'columns', name))}: categorical`",
        )
    return FittedBoolean(column=name)


def fit_datetime(name: str, train: pl.Series, column: Datetime, place: Place) -> FittedDatetime:
    """The parts that vary, and the scale of the time. Raises DataError where it does not read."""
    form = format_of(train, column.format)
    dates = None if form is None else read_dates(train, form)
    if form is None or dates is None or dates.null_count() > train.null_count():
        raise undated(name, train, form, place)
    there = dates.drop_nulls()
    parts = tuple(part for part in column.parts if len(np.unique(part_of(there, part))) > 1)
    elapsed = (standard(seconds(there)),) if column.elapsed else ()
    return FittedDatetime(column=name, format=form, parts=parts, elapsed=elapsed)


def undated(name: str, train: pl.Series, form: str | None, place: Place) -> DataError:
    """The error for text that does not read as dates: the format that reads it all, or else the cells that do not."""
    likely = likely_format(train)
    told = form or likely
    strange = train.is_not_null() & (read_dates(train, told).is_null() if told else True)
    alone = form is None and bool(strange.any()) and likely is not None  # some cells, and not the format
    strange = strange if strange.any() else train.is_not_null()
    row, count = int(strange.arg_true()[0]), int(strange.sum())
    hint = "mend it, or let it count as missing: `data.missing`"
    if not alone:
        key = dotted(("data", "columns", name))
        hint = f'say how they are written, such as `{key}.format: "{likely or "%d/%m/%Y"}"`'
        hint += f'\n`"{other}"` where the month comes first' if (other := month_first(train)) else ""
        hint += f"\n{CODES}"
    return DataError(
        f"`{name}` is declared a datetime; `{train[row]}` does not read as one"
        + (f"; {count:,} cells to train on do not" if (form or alone) and count > 1 else ""),
        where=place(row),
        hint=hint,
    )
