"""Every figure of the rows that a report shows, and of the table that they are from."""

from __future__ import annotations

from typing import Any, assert_never

import numpy as np

from netrain.data.target import Classes, Labels, Values
from netrain.report.classes import classes, labels
from netrain.report.subject import Subject
from netrain.report.values import values


def figures_of(subject: Subject, *, brief: bool) -> dict[str, Any]:
    """The figures of a part. `brief`: without those for which the network predicts again."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # what is not finite is null
        return {"brief": brief} | by_target(subject, [])


def by_target(subject: Subject, columns: list[str]) -> dict[str, Any]:
    """What is told of classes, labels or values."""
    coding = subject.coding
    match coding:
        case Classes():
            return {"classes": classes(subject, coding)}
        case Labels():
            return {"labels": labels(subject, coding)}
        case Values():
            return {"values": values(subject, coding, columns)}
        case _:
            assert_never(coding)
