"""Every figure of the rows that a report shows, and of the table that they are from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

import numpy as np

from netrain.data.target import Classes, Labels, Values
from netrain.doctor import Patient
from netrain.report.classes import classes, labels
from netrain.report.columns import columns, split, target
from netrain.report.dependence import STRONGEST, dependence
from netrain.report.importance import importance
from netrain.report.slices import slices
from netrain.report.subject import Subject
from netrain.report.values import values
from netrain.report.worst import worst

ALONG = 4  # columns along which residuals are shown


def figures_of(subject: Subject, *, brief: bool = False) -> dict[str, Any]:
    """The figures of a part. `brief`: without those for which the network predicts again."""
    inputs = [fitted.column for fitted in subject.preprocessor.columns]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):  # what is not finite is null
        if brief:
            return by_target(subject, inputs[:ALONG])
        strength = importance(subject)
        strongest = [of["column"] for of in strength["columns"]]
        rows = {"worst": worst(subject, strongest)} if subject.config.report.rows else {}
        return {
            **by_target(subject, strongest[:ALONG]),
            "importance": strength,
            "dependence": dependence(subject, strongest[:STRONGEST]),
            "slices": slices(subject),
            **rows,
        }


def by_target(subject: Subject, along: Sequence[str]) -> dict[str, Any]:
    """What is told of classes, labels or values."""
    coding = subject.coding
    match coding:
        case Classes():
            return {"classes": classes(subject, coding)}
        case Labels():
            return {"labels": labels(subject, coding)}
        case Values():
            return {"values": values(subject, coding, along)}
        case _:
            assert_never(coding)


def table_figures(patient: Patient) -> dict[str, Any]:
    """Columns, target and split of a run's table."""
    return {"columns": columns(patient), "target": target(patient), "split": split(patient)}
