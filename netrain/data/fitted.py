"""Columns fitted on training rows: what each one keeps, and the inputs that it writes."""

from __future__ import annotations

from typing import Annotated, Literal, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field, model_validator

from netrain.data.cells import plain_text
from netrain.data.columns import Part
from netrain.data.dates import circle, find_format, part_of, read_dates, seconds
from netrain.data.scales import FittedScale
from netrain.inputs import Floats
from netrain.spec import Spec

TRUE = ("true", "t", "yes", "y", "on", "1")
FALSE = ("false", "f", "no", "n", "off", "0")

# Every one has its column's name, whether the column is read as text, the `width` of numeric inputs it makes,
# which of them are `numbers`, not marks, and
#   write(column, out)    fills out [n, width], which is zero before
#   strange(column)       how many cells hold what training did not see; they count as missing


class FittedNumeric(Spec):
    """A number, filled where missing, then scaled; beside it 1 where it was missing, if it ever was in training."""

    kind: Literal["numeric"] = "numeric"
    column: str
    fill: float
    scale: FittedScale
    indicator: bool

    @property
    def numbers(self) -> tuple[int, ...]:
        """The first input."""
        return (0,)

    @property
    def width(self) -> int:
        """One input, and one for the indicator."""
        return 2 if self.indicator else 1

    def filled(self, column: pl.Series) -> Floats:
        """The numbers before they are scaled, float64 [n]."""
        return (column.fill_null(self.fill) if column.null_count() else column).to_numpy()

    def write(self, column: pl.Series, out: Floats) -> None:
        """The indicator; the scaled numbers are written for all columns together."""
        if self.indicator and column.null_count():
            out[:, 1] = column.is_null().to_numpy()

    def strange(self, column: pl.Series) -> int:  # noqa: ARG002
        """Any number is known."""
        return 0


class Levels(Spec):
    """The levels of a categorical column by number, from 1; `rare` ones share the last number."""

    names: tuple[str, ...]
    rare: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _unlike(self) -> Self:
        if len({*self.names, *self.rare}) < len(self.names) + len(self.rare):
            raise ValueError("a level stands twice")
        return self

    @property
    def count(self) -> int:
        """How many numbers there are, 0 left out."""
        return len(self.names) + bool(self.rare)

    def numbers(self, column: pl.Series) -> NDArray[np.int32]:
        """The number of each row's level, 0 where missing or unseen. int32 [n]."""
        last = len(self.names) + 1
        numbers = [*range(1, last), *(last for _ in self.rare)]
        known = plain_text(column).replace_strict([*self.names, *self.rare], numbers, default=0, return_dtype=pl.Int32)
        return known.to_numpy()

    def strange(self, column: pl.Series) -> int:
        """How many cells hold a level that training did not see."""
        return int((self.numbers(column.drop_nulls()) == 0).sum())


class FittedOneHot(Spec):
    """A level, one input each; all 0 where missing or unseen. `binary`: two levels are 1 and -1 of one input.

    Each input is scaled after that, where there are `scales`.
    """

    kind: Literal["one_hot"] = "one_hot"
    column: str
    levels: Levels
    binary: bool = False
    scales: tuple[FittedScale, ...] = ()

    @property
    def width(self) -> int:
        """An input a level, or one for two."""
        return 1 if self.binary else self.levels.count

    @property
    def numbers(self) -> tuple[int, ...]:
        """None."""
        return ()

    def write(self, column: pl.Series, out: Floats) -> None:
        """1 at the level."""
        numbers = self.levels.numbers(column)
        rows = np.flatnonzero(numbers)
        if self.binary:
            out[rows, 0] = 3.0 - 2.0 * numbers[rows]
        else:
            out[rows, numbers[rows] - 1] = 1.0
        for j, scale in enumerate(self.scales):
            out[:, j] = scale(out[:, j].astype(np.float64))

    def strange(self, column: pl.Series) -> int:
        """Levels that training did not see."""
        return self.levels.strange(column)


class FittedEmbedding(Spec):
    """A level by its number, for the network to embed: a categorical input, and no numeric one."""

    kind: Literal["embedding"] = "embedding"
    column: str
    levels: Levels

    @property
    def width(self) -> int:
        """None."""
        return 0

    @property
    def numbers(self) -> tuple[int, ...]:
        """None."""
        return ()

    def write(self, column: pl.Series, out: Floats) -> None:
        """Nothing: its numbers go elsewhere."""

    def strange(self, column: pl.Series) -> int:
        """Levels that training did not see."""
        return self.levels.strange(column)


class FittedBoolean(Spec):
    """1 for true, -1 for false, 0 where it is neither or missing."""

    kind: Literal["boolean"] = "boolean"
    column: str

    @property
    def width(self) -> int:
        """One input."""
        return 1

    @property
    def numbers(self) -> tuple[int, ...]:
        """None."""
        return ()

    def write(self, column: pl.Series, out: Floats) -> None:
        """1, -1 or 0."""
        out[:, 0] = truth(column)

    def strange(self, column: pl.Series) -> int:
        """What is neither."""
        return int((truth(column.drop_nulls()) == 0.0).sum())


class FittedDatetime(Spec):
    """The parts of a date as points on a circle, and its time elapsed; all 0 where missing or unreadable."""

    kind: Literal["datetime"] = "datetime"
    column: str
    format: str
    parts: tuple[Part, ...]
    elapsed: Annotated[tuple[FittedScale, ...], Field(max_length=1)]

    @property
    def width(self) -> int:
        """Sine and cosine of each part, and the time."""
        return 2 * len(self.parts) + len(self.elapsed)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The time, if it is there."""
        return (2 * len(self.parts),) if self.elapsed else ()

    def write(self, column: pl.Series, out: Floats) -> None:
        """Parts, then the time."""
        dates = self.read(column)
        for i, part in enumerate(self.parts):
            out[:, 2 * i], out[:, 2 * i + 1] = circle(part_of(dates, part), part)
        for scale in self.elapsed:
            out[:, -1] = np.nan_to_num(scale(seconds(dates)))

    def strange(self, column: pl.Series) -> int:
        """What cannot be read as a date."""
        return self.read(column).null_count() - column.null_count()

    def read(self, column: pl.Series) -> pl.Series:
        """By the format of the training rows; where that reads no cell at all, by one that reads them all."""
        dates = read_dates(column, self.format)
        if dates.null_count() == len(column) > column.null_count() and (form := find_format(column)):
            return read_dates(column, form)
        return dates


Fitted = Annotated[
    FittedNumeric | FittedOneHot | FittedEmbedding | FittedBoolean | FittedDatetime, Field(discriminator="kind")
]


def truth(column: pl.Series) -> Floats:
    """1 for the words for true, -1 for those for false, 0 for others. float64 [n]."""
    words = [*TRUE, *FALSE]
    values = [1.0] * len(TRUE) + [-1.0] * len(FALSE)
    lower = plain_text(column).str.to_lowercase()
    return lower.replace_strict(words, values, default=0.0, return_dtype=pl.Float64).to_numpy()
