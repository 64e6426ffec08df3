"""The target as numbers for a loss, and a network's predictions as the user's labels and units."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Literal, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, model_validator

from netrain.data.cells import NUMBERS, largest, plain_text
from netrain.data.declared import unlike
from netrain.data.table import Table
from netrain.errors import DataError, did_you_mean
from netrain.inputs import Floats
from netrain.spec import Spec, Task
from netrain.wording import counted

MOST_CODED = 20  # whole numbers 0..k-1 or 1..k are classes up to this k
LARGEST = 1e151  # whose squares can still be added up
FARTHEST = 3e38  # deviations from the mean: a float32 holds no more

# Every coding has
#   classes, columns        (k, 1) for classes, (2, k) for binary labels, (0, k) for values: see `Loss.outputs`
#   encode(table)           what the loss compares with: int32 [n] or [n, k], or float32 [n, k]
#   truth(table)            the same for the metrics, in the user's units
#   prediction(linked)      what the loss's link gave, as metrics and users take it
#   frame(prediction)       the columns of a file of predictions
#   names, says(other)      the target's columns; whether another coding gives outputs the same meaning


class Classes(Spec):
    """A target of labels; class i is `labels[i]`."""

    kind: Literal["classes"] = "classes"
    column: str
    labels: Annotated[tuple[str, ...], Field(min_length=2), AfterValidator(unlike)]

    @property
    def classes(self) -> int:
        """The number of classes."""
        return len(self.labels)

    @property
    def columns(self) -> int:
        """One."""
        return 1

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the target."""
        return (self.column,)

    def says(self, other: TargetCoding) -> bool:
        """Whether it has the classes of the other, or more."""
        return isinstance(other, Classes) and self.column == other.column and set(other.labels) <= set(self.labels)

    def encode(self, table: Table) -> NDArray[np.int32]:
        """Class numbers [n]. Raises DataError for a label that training did not see."""
        return numbers_of(table, self.column, self.labels)

    def truth(self, table: Table) -> NDArray[np.int32]:
        """Class numbers [n]."""
        return self.encode(table)

    def prediction(self, linked: Floats) -> Floats:
        """Probabilities [n, k], also from that of the second of two classes [n, 1]."""
        if linked.shape[1] == self.classes:
            return linked
        return np.concatenate((1.0 - linked, linked), axis=1)

    def decode(self, prediction: Floats) -> NDArray[np.object_]:
        """The likeliest labels. [n, k] -> [n]."""
        likeliest: NDArray[np.object_] = np.array(self.labels, dtype=object)[prediction.argmax(axis=1)]
        return likeliest

    def frame(self, prediction: Floats) -> pl.DataFrame:
        """`prediction` and `probability_<class>` for each class."""
        probabilities = {f"probability_{name}": prediction[:, i] for i, name in enumerate(self.labels)}
        return pl.DataFrame({"prediction": pl.Series(self.decode(prediction), dtype=pl.String), **probabilities})


class Labels(Spec):
    """Several targets of two labels each; `pairs[j]` are the negative and the positive label of column j."""

    kind: Literal["labels"] = "labels"
    names: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if len(set(self.names)) != len(self.pairs) or any(a == b for a, b in self.pairs):
            raise ValueError("each target has two labels")
        return self

    @property
    def classes(self) -> int:
        """Two for each."""
        return 2

    @property
    def columns(self) -> int:
        """The number of targets."""
        return len(self.names)

    def says(self, other: TargetCoding) -> bool:
        """Whether it is the same."""
        return self == other

    def encode(self, table: Table) -> NDArray[np.int32]:
        """0 or 1 for each target [n, k]. Raises DataError for another label."""
        return np.stack([numbers_of(table, *named) for named in zip(self.names, self.pairs, strict=True)], axis=1)

    def truth(self, table: Table) -> NDArray[np.int32]:
        """0 or 1 for each target [n, k]."""
        return self.encode(table)

    def prediction(self, linked: Floats) -> Floats:
        """The probability of each positive label [n, k]."""
        return linked

    def frame(self, prediction: Floats) -> pl.DataFrame:
        """`prediction_<target>` and `probability_<target>` for each target."""
        columns: dict[str, pl.Series] = {}
        for j, (name, pair) in enumerate(zip(self.names, self.pairs, strict=True)):
            likelier = np.array(pair, dtype=object)[(prediction[:, j] > 0.5).astype(int)]
            columns[f"prediction_{name}"] = pl.Series(likelier, dtype=pl.String)
            columns[f"probability_{name}"] = pl.Series(prediction[:, j])
        return pl.DataFrame(columns)


class Values(Spec):
    """Targets of numbers, of which the network learns (y - mean) / deviation; by quantiles where they are given."""

    kind: Literal["values"] = "values"
    names: tuple[str, ...]
    means: tuple[float, ...]
    deviations: tuple[Annotated[float, Field(gt=0)], ...]
    quantiles: tuple[float, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()  # that predictions stay in; none: wherever they are

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if not len(set(self.names)) == len(self.names) == len(self.means) == len(self.deviations) > 0:
            raise ValueError("each target has a mean and a deviation")
        return self

    @property
    def classes(self) -> int:
        """None."""
        return 0

    @property
    def columns(self) -> int:
        """The number of targets."""
        return len(self.names)

    @property
    def raw(self) -> bool:
        """Whether the values are taken as they stand."""
        return self.deviations == (1.0,) * len(self.names) and not any(self.means)

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """The ends of the ranges as `encode` has them, for each output, float32 [k] or [k * quantiles]."""
        ends = (np.array(self.ranges).T - self.means) / self.deviations
        low, high = np.repeat(ends, max(1, len(self.quantiles)), axis=1).astype(np.float32)
        return low, high

    def says(self, other: TargetCoding) -> bool:
        """Whether it is of the same columns and quantiles, and raw where the other is."""
        if not isinstance(other, Values) or self.raw != other.raw:
            return False
        return (self.names, self.quantiles) == (other.names, other.quantiles)

    def encode(self, table: Table) -> Floats:
        """Standardised values, float32 [n, k]. Raises DataError for one too large to learn or to score."""
        standardised = (self.truth(table) - np.array(self.means)) / np.array(self.deviations)
        if (far := np.abs(standardised) > FARTHEST).any():
            row, j = (int(at) for at in np.argwhere(far)[0])
            raise too_large(table, self.names[j], row)
        encoded: Floats = standardised.astype(np.float32)
        return encoded

    def truth(self, table: Table) -> Floats:
        """Values float64 [n, k]. Raises DataError where the column holds text."""
        for name in self.names:
            if table.frame[name].dtype == pl.String:
                first = table.frame[name].drop_nulls()[0]
                message = f"the target `{name}` was numbers in training and is text here, e.g. `{first}`"
                raise DataError(message, where=table.path)
        check_size(table, self.names)
        values = np.stack([table.values(name) for name in self.names], axis=1)
        if self.raw and (values < 0.0).any():
            row = int(np.argmax((values < 0.0).any(axis=1)))
            rows = counted(int((values < 0.0).any(axis=1).sum()), "row")
            message = f"the target is negative in {rows}, first here: `{values[row].min():g}`"
            hint = "`loss: poisson` is for counts; `loss: squared_error` takes any number"
            raise DataError(message, where=table.where(row), hint=hint)
        return values

    def prediction(self, linked: Floats) -> Floats:
        """Values in the units of the table, float64 [n, k], or [n, k * quantiles] column by column."""
        each = max(1, len(self.quantiles))
        values: Floats = linked.astype(np.float64) * np.repeat(self.deviations, each) + np.repeat(self.means, each)
        if self.ranges:
            np.clip(values, *np.repeat(np.array(self.ranges), each, axis=0).T, out=values)
        return values

    def frame(self, prediction: Floats) -> pl.DataFrame:
        """`prediction`, or `prediction_<target>`, each with its quantile behind it where there are any."""
        targets = [""] if len(self.names) == 1 else [f"_{name}" for name in self.names]
        quantiles = [f"_{q:g}" for q in self.quantiles] or [""]
        columns = [f"prediction{target}{quantile}" for target in targets for quantile in quantiles]
        return pl.DataFrame({name: prediction[:, j] for j, name in enumerate(columns)})


TargetCoding = Annotated[Classes | Labels | Values, Field(discriminator="kind")]


def rows_with_target(table: Table, targets: Sequence[str], *, drop: bool) -> NDArray[np.bool_]:
    """Which rows have every target, bool [n]. Raises DataError for missing ones unless they are dropped."""
    whole = np.ones(len(table), bool)
    for target in targets:
        if target not in table.frame.columns:
            hint = did_you_mean(target, table.frame.columns)
            parts = [part.strip() for part in target.split(",")]
            if len(parts) > 1 and set(parts) <= set(table.frame.columns):
                hint = f"several targets are a list: `data.target: [{', '.join(parts)}]`"
            if table.reading.header and re.fullmatch(r"column_\d+", target):
                hint = "`data.header: false` where the first row is data: columns are column_1, column_2 ... then"
            raise DataError(f"the target `{target}` is not a column", where=table.path, hint=hint)
        there = table.frame[target].is_not_null().to_numpy()
        if not there.any():
            raise DataError(f"the target `{target}` is missing in every row", where=table.path)
        if not there.all() and not drop:
            raise DataError(
                f"the target `{target}` is missing in {int((~there).sum()):,} of {len(there):,} rows, first here",
                where=table.where(int(np.argmin(there))),
                hint="`data.missing_target: drop` leaves these rows out",
            )
        whole &= there
    return whole


def check_size(table: Table, targets: Sequence[str]) -> None:
    """Raise DataError for a number whose square is none."""
    for name in targets:
        column = table.frame[name]
        if column.dtype == NUMBERS and largest(column) > LARGEST:
            raise too_large(table, name, int((column.abs() > LARGEST).arg_true()[0]))


def too_large(table: Table, name: str, row: int) -> DataError:
    """The error for a number that no figure can be made of."""
    return DataError(
        f"the target `{name}` is {table.frame[name][row]:g} here, too large a number to learn or to score",
        where=table.where(row),
        hint="mend it, or leave the row out: its spelling in `data.missing`, and `data.missing_target: drop`",
    )


def numbers_of(table: Table, column: str, labels: Sequence[str]) -> NDArray[np.int32]:
    """The number of each row's label, int32 [n]. Raises DataError for a label that is not among them."""
    names = plain_text(table.frame[column])
    numbers = names.replace_strict(list(labels), range(len(labels)), default=-1, return_dtype=pl.Int32)
    codes: NDArray[np.int32] = numbers.to_numpy()
    if (codes < 0).any():
        row = int(np.argmax(codes < 0))
        raise DataError(
            f"`{names[row]}` is not a class of `{column}`",
            where=table.where(row),
            hint=did_you_mean(str(names[row]), labels),
        )
    return codes


def infer_task(target: pl.Series) -> tuple[Task, str]:
    """Classes or values, and why in words."""
    if target.dtype == pl.String:
        return "classification", f"`{target.name}` is text"
    distinct = target.drop_nulls().unique().sort()
    k = len(distinct)
    if 2 <= k <= MOST_CODED and distinct[0] in (0.0, 1.0):
        low = int(distinct[0])
        if distinct.to_list() == [float(i) for i in range(low, low + k)]:
            return "classification", f"`{target.name}` holds the whole numbers {low} to {low + k - 1}"
    return "regression", f"`{target.name}` holds {k:,} different numbers"
