"""The target column as numbers for a loss, and a network's predictions as the user's labels and units."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import Field

from netrain.data.table import Table, plain_text
from netrain.errors import DataError, did_you_mean
from netrain.inputs import Floats
from netrain.spec import Spec, Task

MOST_CODED = 20  # whole numbers 0..k-1 or 1..k are classes up to this k


class Classes(Spec):
    """A target of labels; class i is `labels[i]`."""

    kind: Literal["classes"] = "classes"
    column: str
    labels: tuple[str, ...]

    @property
    def outputs(self) -> int:
        """The number of classes."""
        return len(self.labels)

    def encode(self, table: Table) -> NDArray[np.int32]:
        """Class numbers [n]. Raises DataError for a label that training did not see."""
        names = plain_text(table.frame[self.column])
        numbers = names.replace_strict(list(self.labels), range(len(self.labels)), default=-1, return_dtype=pl.Int32)
        codes: NDArray[np.int32] = numbers.to_numpy()
        if (codes < 0).any():
            row = int(np.argmax(codes < 0))
            label = names[row]
            raise DataError(
                f"`{label}` is not a class of `{self.column}`",
                where=table.where(row),
                hint=did_you_mean(str(label), self.labels),
            )
        return codes

    def decode(self, prediction: Floats) -> NDArray[np.object_]:
        """The likeliest labels. [n, k] -> [n]."""
        likeliest: NDArray[np.object_] = np.array(self.labels, dtype=object)[prediction.argmax(axis=1)]
        return likeliest

    def frame(self, prediction: Floats) -> pl.DataFrame:
        """`prediction` and `probability_<class>` for each class."""
        probabilities = {f"probability_{name}": prediction[:, i] for i, name in enumerate(self.labels)}
        return pl.DataFrame({"prediction": pl.Series(self.decode(prediction), dtype=pl.String), **probabilities})


class Values(Spec):
    """A target of numbers, standardised by the mean and deviation of the training rows."""

    kind: Literal["values"] = "values"
    column: str
    mean: float
    deviation: float

    @property
    def outputs(self) -> int:
        """One column."""
        return 1

    def encode(self, table: Table) -> Floats:
        """Standardised values, float32 [n, 1]."""
        if table.frame[self.column].dtype == pl.String:
            raise DataError(f"the target `{self.column}` is text here and was numbers in training", where=table.path)
        values = table.values(self.column)
        return ((values - self.mean) / self.deviation).astype(np.float32)[:, None]

    def decode(self, prediction: Floats) -> Floats:
        """Values in the units of the table, float64. [n, 1] -> [n]."""
        values: Floats = prediction[:, 0].astype(np.float64)
        return values * self.deviation + self.mean

    def frame(self, prediction: Floats) -> pl.DataFrame:
        """`prediction`."""
        return pl.DataFrame({"prediction": self.decode(prediction)})


TargetCoding = Annotated[Classes | Values, Field(discriminator="kind")]


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


def fit_classes(target: pl.Series, where: str) -> Classes:
    """The classes of a column: all its labels, in order. Raises DataError for fewer than two."""
    text = plain_text(target).drop_nulls().unique()
    labels = text.to_list()
    order = sorted(labels) if target.dtype == pl.String else sorted(labels, key=float)
    if len(order) < 2:
        raise DataError(
            f"`{target.name}` has one class only: `{order[0] if order else 'missing'}`",
            where=where,
            hint="two classes at least; is it the right target?",
        )
    return Classes(column=target.name, labels=tuple(order))


def fit_values(train: pl.Series, where: str) -> Values:
    """Mean and deviation of the training rows. Raises DataError where the target is constant, or text."""
    if train.dtype == pl.String:
        raise DataError(
            f"`{train.name}` is text, so it cannot be the target of a regression",
            where=where,
            hint="`task: classification`",
        )
    values = train.to_numpy()
    deviation = float(values.std())
    if not deviation > 1e-12 * max(1.0, abs(float(values.mean()))):
        raise DataError(
            f"`{train.name}` is the same in every training row: {values[0]:g}",
            where=where,
            hint="is it the right target?",
        )
    return Values(column=train.name, mean=float(values.mean()), deviation=deviation)
