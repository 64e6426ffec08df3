"""What report.json tells, as the page reads it: a figure that is missing, or not as it should be, is None.

Reports of older runs, of folds and of an evaluation have fewer figures. Not-finite numbers are none.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from netrain.page.fields import Given, Maybe, Metrics, Number, Numbers, Text
from netrain.page.given_classes import AnyLabel, Classes, Details
from netrain.page.given_values import Values


class Distribution(Given):
    """How many rows are in each bin between edges, or of each level; `other`: of all further levels."""

    edges: Maybe[list[float]] = None
    levels: Maybe[list[Text]] = None
    counts: list[float]
    other: Maybe[float] = None


class Found(Given):
    """A finding of a doctor."""

    message: Text
    kind: Text = ""
    why: Text = ""
    settings: list[Text] = Field([], alias="set")


class Units(Given):
    """A layer's units, and how many of them say the same for every row."""

    layer: Text
    units: int
    dead: int


class Learning(Given):
    """The epochs, thinned."""

    epochs: list[int]
    train: dict[str, Maybe[Numbers]] = Field({})
    valid: dict[str, Maybe[Numbers]] = Field({})
    learning_rate: Maybe[Numbers] = None
    gradient_norm: Maybe[Numbers] = None
    update_norm: Maybe[Numbers] = None
    best_epoch: Maybe[int] = None
    units: Maybe[list[Units]] = None


class Gain(Given):
    """What is lost of a metric without a column."""

    column: Text
    gain: Number
    low: Number = None
    high: Number = None


class Importance(Given):
    """What each column is worth."""

    metric: Text = ""
    rows: Maybe[int] = None
    repeats: Maybe[int] = None
    columns: list[Gain]


class Dependence(Given):
    """The mean prediction along a column."""

    column: Text
    kind: Text = "numeric"
    x: list[Any]
    y: list[Numbers]
    of: list[Text] = Field([])
    share: Maybe[Numbers] = None


class Slice(Given):
    """Rows whose error is worse than the rest's."""

    column: Text = ""
    where: Text
    rows: int
    metric: Text = ""
    value: Number = None
    rest: Number = None
    low: Number = None
    high: Number = None


class Worst(Given):
    """A row with a large error."""

    row: Maybe[int] = None
    true: Text = ""
    predicted: Text = ""
    loss: Number = None
    cells: dict[str, Text] = Field({})


class Column(Given):
    """A column of the table."""

    name: Text
    kind: Text = ""
    told: Text = ""
    missing: Number = None
    inputs: Maybe[int] = None
    distribution: Maybe[Distribution] = None


class Target(Given):
    """A target in the parts of the split."""

    name: Text
    train: Maybe[Distribution] = None
    valid: Maybe[Distribution] = None
    test: Maybe[Distribution] = None


class Split(Given):
    """Which rows went where."""

    name: Text = ""
    told: Text = ""
    rows: dict[str, int] = Field({})


class Figures(Given):
    """What is drawn."""

    part: Maybe[Text] = None
    learning: Maybe[Learning] = None
    classes: Maybe[Classes] = None
    labels: Maybe[list[AnyLabel]] = None
    values: Maybe[list[Values]] = None
    importance: Maybe[Importance] = None
    dependence: Maybe[list[Dependence]] = None
    slices: Maybe[list[Slice]] = None
    worst: Maybe[list[Worst]] = None
    columns: Maybe[list[Column]] = None
    target: Maybe[list[Target]] = None
    split: Maybe[Split] = None


class Fold(Given):
    """A fold of several."""

    run: Text = ""
    rows: Maybe[dict[str, int]] = None
    test: Maybe[Metrics] = None


class Member(Given):
    """A network of a bag."""

    run: Text = ""
    epochs: Maybe[int] = None
    best_epoch: Maybe[int] = None


class Stopped(Given):
    """Why training ended."""

    reason: Text = ""


class Report(Given):
    """All of it."""

    run: Maybe[Text] = None
    command: Maybe[Text] = None
    config: Maybe[Text] = None
    task: Maybe[Text] = None
    target: Maybe[Text] = None
    main: Maybe[Text] = None
    metric: Maybe[Text] = None
    trivial: Maybe[Text] = None
    rows: Maybe[dict[str, int]] = None
    metrics: Maybe[dict[str, Maybe[Metrics]]] = None
    intervals: Maybe[dict[str, Maybe[dict[str, Maybe[tuple[float, float]]]]]] = None
    baseline: Maybe[dict[str, Maybe[Metrics]]] = None
    linear: Maybe[dict[str, Maybe[Metrics]]] = None
    spread: Maybe[dict[str, Maybe[Metrics]]] = None
    folds: Maybe[list[Fold]] = None
    bag: Maybe[list[Member]] = None
    details: Maybe[dict[str, Maybe[Details]]] = None
    epochs: Maybe[int] = None
    best_epoch: Maybe[int] = None
    stopped: Maybe[Stopped] = None
    seconds: Number = None
    time: Maybe[dict[str, Number]] = None
    parameters: Maybe[int] = None
    notes: Maybe[list[Text]] = None
    findings: Maybe[list[Found]] = None
    advice: Maybe[list[Found]] = None
    versions: Maybe[dict[str, Text]] = None
    figures: Maybe[Figures] = None

    @property
    def part(self) -> str:
        """The part that the figures are about: the first with metrics of test, valid, train, or of any name."""
        told = self.figures.part if self.figures else None
        filled = [name for name, of in (self.metrics or {}).items() if of]
        return told or next((name for name in ("test", "valid", "train") if name in filled), (filled or [""])[0])

    def of(self, key: str, part: str) -> Metrics:
        """`metrics`, `baseline`, `linear` or `spread` of a part; empty where it has none."""
        return (getattr(self, key) or {}).get(part) or {}

    def interval(self, part: str, metric: str) -> tuple[float, float] | None:
        """The interval of a metric."""
        return ((self.intervals or {}).get(part) or {}).get(metric)
