"""What the doctor looks at: the rows of an experiment, the part of each, and what each column is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain.data.columns import Column
from netrain.data.infer import infer
from netrain.data.lots import PARTS, Parts
from netrain.data.table import Table
from netrain.experiment import Experiment


@dataclass(frozen=True)
class Patient:
    """An experiment with its table."""

    experiment: Experiment
    frame: pl.DataFrame  # the rows in use, in the order of the file
    parts: Parts  # the number of each row's part, [n]
    truth: NDArray[Any]  # class numbers [n], or labels or values [n, k]
    numbers: NDArray[np.intp]  # of the rows in the table, from 1, as `out_of_fold.csv` has them
    padded: frozenset[str]  # as `Table.padded`
    columns: Mapping[str, Column]  # as declared or inferred, but for the target and what the split is made by

    @property
    def target(self) -> tuple[str, ...]:
        """The columns to predict."""
        return self.experiment.coding.names

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that the network sees."""
        return tuple(fitted.column for fitted in self.experiment.preprocessor.columns)

    def part(self, name: str) -> pl.DataFrame:
        """The rows of a part."""
        return self.frame.filter(pl.Series(self.is_in(name)))

    def is_in(self, name: str) -> NDArray[np.bool_]:
        """Which rows are in a part. bool [n]."""
        bag = (
            name == "valid" and self.experiment.record.held() is not None
        )  # whose networks validate where others train
        mask: NDArray[np.bool_] = self.parts == PARTS.index("train" if bag else name)
        return mask


def patient_of(experiment: Experiment, table: Table) -> Patient:
    """From an experiment and the table that it was made of."""
    letters = np.full(len(table), len(PARTS), np.uint8)
    for number, name in reversed([*enumerate(PARTS)]):  # of a bag the rows that train validate, too
        letters[experiment.record.part(name)] = number
    used = letters < len(PARTS)
    frame = table.frame.filter(pl.Series(used))
    data = experiment.config.data
    columns = experiment.columns
    if not columns:  # of a run that is gone on with
        apart = {*data.target, *data.split.apart, data.weight}
        columns = infer(frame, apart, data.columns, data.numeric, data.categorical).columns
    parts = letters[used]
    truths = [experiment.parts[name].truth for name in PARTS]
    truth = np.empty((len(parts), *truths[0].shape[1:]), truths[0].dtype)
    for number, of in enumerate(truths):
        if (parts == number).any():
            truth[parts == number] = of
    return Patient(experiment, frame, parts, truth, table.records[used] + 1, table.padded, columns)
