"""The columns of a table as inputs of a network: what each one is, and the transform fitted on training rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, assert_never

import numpy as np
import polars as pl
from pydantic import Field

from netrain.data.columns import Categorical, Column, Drop, Numeric
from netrain.errors import DataError, did_you_mean
from netrain.inputs import Floats, Inputs
from netrain.spec import Spec

FAR = 1e6  # deviations; no training row is farther than sqrt(n) from the mean, so this bounds strangers alone
TEXT_SHARE = 0.5  # a text column with more distinct values than this share of its rows is no category


class FittedNumeric(Spec):
    """A number, filled with the mean where missing, then centred and scaled."""

    kind: Literal["numeric"] = "numeric"
    column: str
    mean: float
    centre: float
    scale: float

    def write(self, column: pl.Series, out: Floats) -> None:
        """One input. -> out [n, 1]."""
        values = column.fill_null(self.mean).to_numpy()
        np.clip((values - self.centre) / self.scale, -FAR, FAR, out=out[:, 0], casting="same_kind")


class FittedOneHot(Spec):
    """A level, one input each; all 0 where missing or unseen."""

    kind: Literal["one_hot"] = "one_hot"
    column: str
    levels: tuple[str, ...]

    def write(self, column: pl.Series, out: Floats) -> None:
        """An input a level. -> out [n, levels], zero before."""
        numbers = codes(column, self.levels)
        rows = np.flatnonzero(numbers)
        out[rows, numbers[rows] - 1] = 1.0


class FittedEmbedding(Spec):
    """A level by its number, 0 where missing or unseen, for the network to embed."""

    kind: Literal["embedding"] = "embedding"
    column: str
    levels: tuple[str, ...]


Fitted = Annotated[FittedNumeric | FittedOneHot | FittedEmbedding, Field(discriminator="kind")]


class Preprocessor(Spec):
    """From columns by name to inputs; fitted on training rows, in the order of the table."""

    columns: tuple[Fitted, ...]

    @property
    def numeric(self) -> tuple[str, ...]:
        """The columns that must hold numbers."""
        return tuple(c.column for c in self.columns if isinstance(c, FittedNumeric))

    @property
    def categorical(self) -> tuple[str, ...]:
        """The columns that hold levels."""
        return tuple(c.column for c in self.columns if not isinstance(c, FittedNumeric))

    @property
    def widths(self) -> tuple[int, ...]:
        """How many numeric inputs each column makes."""
        return tuple(
            1 if isinstance(c, FittedNumeric) else len(c.levels) if isinstance(c, FittedOneHot) else 0
            for c in self.columns
        )

    @property
    def levels(self) -> tuple[int, ...]:
        """The level count of each embedded column, 0 for missing included."""
        return tuple(len(c.levels) + 1 for c in self.columns if isinstance(c, FittedEmbedding))

    def transform(self, frame: pl.DataFrame) -> Inputs:
        """Inputs of n rows. Raises DataError that lists all columns that are missing."""
        self.check(frame)
        num = np.zeros((len(frame), sum(self.widths)), np.float32)
        cat = np.zeros((len(frame), len(self.levels)), np.int32)
        start, embedded = 0, 0
        for fitted, width in zip(self.columns, self.widths, strict=True):
            column = frame[fitted.column]
            if isinstance(fitted, FittedEmbedding):
                cat[:, embedded] = codes(column, fitted.levels)
                embedded += 1
            else:
                fitted.write(column, num[:, start : start + width])
                start += width
        return Inputs(num, cat)

    def unseen(self, frame: pl.DataFrame) -> dict[str, int]:
        """How many cells of each categorical column hold a level that training did not see."""
        counts = {
            c.column: int((codes(frame[c.column].drop_nulls(), c.levels) == 0).sum())
            for c in self.columns
            if not isinstance(c, FittedNumeric)
        }
        return {column: count for column, count in counts.items() if count}

    def check(self, frame: pl.DataFrame) -> None:
        """Raise DataError where a column is missing or is text in place of numbers."""
        missing = [c.column for c in self.columns if c.column not in frame.columns]
        if missing:
            raise DataError(
                f"{len(missing)} columns are missing: " + ", ".join(f"`{c}`" for c in missing)
                if len(missing) > 1
                else f"the column `{missing[0]}` is missing",
                hint=f"the table has {', '.join(f'`{c}`' for c in frame.columns[:20])}",
            )
        for name in self.numeric:
            if frame[name].dtype == pl.String:
                raise DataError(
                    f"`{name}` was numbers in training and is text here, e.g. `{frame[name].drop_nulls()[0]}`"
                )


@dataclass(frozen=True)
class Inferred:
    """What each column is, and what to say aloud of it."""

    columns: dict[str, Column]
    notes: tuple[str, ...]


def infer(frame: pl.DataFrame, target: str, declared: Mapping[str, Column]) -> Inferred:
    """What each column but the target is: as declared, else by its values over the whole table."""
    columns: dict[str, Column] = {}
    notes: list[str] = []
    for name in frame.columns:
        if name == target:
            continue
        if name in declared:
            columns[name] = declared[name]
            continue
        column = frame[name]
        if column.dtype != pl.String:
            columns[name] = Numeric()
            continue
        distinct, filled = column.drop_nulls().n_unique(), len(column) - column.null_count()
        if distinct > 20 and distinct > TEXT_SHARE * filled:
            columns[name] = Drop()
            notes.append(f"left out `{name}`: {distinct:,} different texts in {filled:,} rows")
        else:
            columns[name] = Categorical()
    return Inferred(columns, tuple(notes))


def check_declared(frame: pl.DataFrame, declared: Mapping[str, Column]) -> None:
    """Raise DataError for a declared column that the table does not have, or that is not what it says."""
    for name, column in declared.items():
        if name not in frame.columns:
            raise DataError(
                f"`data.columns` names `{name}`, which the table does not have", hint=did_you_mean(name, frame.columns)
            )
        if isinstance(column, Numeric) and frame[name].dtype == pl.String:
            raise DataError(f"`{name}` is declared numeric and holds text, e.g. `{frame[name].drop_nulls()[0]}`")


def fit_columns(train: pl.DataFrame, columns: Mapping[str, Column]) -> tuple[Preprocessor, tuple[str, ...]]:
    """The transform fitted on training rows, and notes of the columns that say nothing there."""
    fitted: list[Fitted] = []
    notes: list[str] = []
    for name, column in columns.items():
        if isinstance(column, Drop):
            continue
        if train[name].null_count() == len(train):
            notes.append(f"left out `{name}`: missing in every training row")
            continue
        if train[name].drop_nulls().n_unique() == 1 and not train[name].null_count():
            notes.append(f"left out `{name}`: the same in every training row")
            continue
        fitted.append(fit_column(name, train[name], column))
    if not fitted:
        raise DataError("no column is left to predict from", hint="see `data.columns`")
    return Preprocessor(columns=tuple(fitted)), tuple(notes)


def fit_column(name: str, train: pl.Series, column: Numeric | Categorical) -> Fitted:
    """One column, fitted on training rows that are not all missing."""
    match column:
        case Numeric():
            values = train.drop_nulls().to_numpy()
            mean, deviation = float(values.mean()), float(values.std())
            if column.scale.name == "none":
                return FittedNumeric(column=name, mean=mean, centre=0.0, scale=1.0)
            varies = deviation > 1e-12 * max(1e-300, abs(mean))
            return FittedNumeric(column=name, mean=mean, centre=mean, scale=deviation if varies else 1.0)
        case Categorical():
            levels = tuple(sorted(train.cast(pl.String).drop_nulls().unique().to_list()))
            one_hot = column.encode == "one_hot" or (column.encode == "auto" and len(levels) <= column.one_hot_up_to)
            return FittedOneHot(column=name, levels=levels) if one_hot else FittedEmbedding(column=name, levels=levels)
        case _:
            assert_never(column)


def codes(column: pl.Series, levels: tuple[str, ...]) -> np.ndarray:
    """The number of each row's level from 1; 0 where missing or unseen. int32 [n]."""
    numbers = range(1, len(levels) + 1)
    known = column.cast(pl.String).replace_strict(list(levels), list(numbers), default=0, return_dtype=pl.Int32)
    return known.to_numpy()
