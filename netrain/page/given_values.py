"""What report.json tells of values."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from netrain.page.fields import Given, Maybe, Number, Numbers, Text


class Points(Given):
    """Rows, some of them."""

    true: Numbers
    predicted: Numbers


class Density(Given):
    """How many rows are where, true by predicted."""

    true_edges: list[float]
    predicted_edges: list[float]
    counts: list[list[float]]


class Errors(Given):
    """Predicted less true."""

    edges: list[float]
    counts: list[float]
    mean: Number = None
    median: Number = None
    quantiles: dict[str, Number] = Field({})


class Band(Given):
    """The 10%, 50% and 90% of the errors along something."""

    column: Text = ""
    kind: Text = "numeric"
    x: list[Any]
    low: Numbers
    middle: Numbers
    high: Numbers
    rows: Maybe[list[float]] = None


class Level(Given):
    """A quantile that was predicted, and the share of rows below it."""

    level: float
    share_below: float
    low: Number = None
    high: Number = None


class Interval(Given):
    """Between the outermost two quantiles."""

    level: float
    coverage: float
    width: Number = None


class Values(Given):
    """Of a target column that is a number."""

    target: Text
    points: Maybe[Points] = None
    density: Maybe[Density] = None
    errors: Maybe[Errors] = None
    by_prediction: Maybe[Band] = None
    by_column: Maybe[list[Band]] = None
    quantiles: Maybe[list[Level]] = None
    interval: Maybe[Interval] = None
