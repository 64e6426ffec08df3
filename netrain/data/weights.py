"""What rows weigh: by a column, and by their class."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from netrain.data.table import Table
from netrain.data.target import Classes
from netrain.errors import DataError, did_you_mean
from netrain.inputs import Floats
from netrain.wording import counted


def row_weights(table: Table, column: str) -> Floats:
    """The weights of a column, float64 [n]. Raises DataError for a missing or negative one, and where all are 0."""
    frame = table.frame
    if column not in frame.columns:
        hint = did_you_mean(column, frame.columns)
        raise DataError(f"`data.weight` names `{column}`, which the table does not have", where=table.path, hint=hint)
    if frame[column].dtype == pl.String:
        first = frame[column].drop_nulls()[0]
        raise DataError(f"the weights of `{column}` are text, e.g. `{first}`", where=table.path)
    weights = table.values(column)
    bad = ~(weights >= 0.0)
    if bad.any():
        row = int(np.argmax(bad))
        value = "missing" if np.isnan(weights[row]) else f"{weights[row]:g}"
        message = (
            f"the weight `{column}` is missing or negative in {counted(int(bad.sum()), 'row')}, first here: {value}"
        )
        raise DataError(message, where=table.where(row), hint="write 0 for a row that does not count")
    return weights


def balanced(y: np.ndarray, weights: Floats, k: int) -> Floats:
    """The weight of each class that makes all weigh alike, of mean 1 over the rows; 0 for a class without rows."""
    mass = np.bincount(y, weights=weights, minlength=k)
    weight = np.zeros(k)
    np.divide(mass.sum() / max(int((mass > 0).sum()), 1), mass, out=weight, where=mass > 0)
    return weight


def given(weights: Mapping[str, float], coding: Classes, where: str = "") -> Floats:
    """The weight of each class, 1 where none is given. Raises DataError for a label that is no class."""
    for label in weights:
        if label not in coding.labels:
            hint = did_you_mean(label, coding.labels)
            message = f"`data.class_weight` names `{label}`, which is no class of `{coding.column}`"
            raise DataError(message, where=where, hint=hint)
    return np.array([weights.get(label, 1.0) for label in coding.labels])
