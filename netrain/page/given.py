"""What report.json tells, as the page reads it: a figure that is missing, or not as it should be, is None.

Reports of older runs, of folds and of an evaluation have fewer figures. Not-finite numbers are none.
"""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidatorFunctionWrapHandler
from pydantic.functional_validators import WrapValidator

T = TypeVar("T")


def _or_none(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


def _text(value: Any) -> Any:
    return "" if value is None else str(value) if isinstance(value, str | int | float) else value


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not isfinite(value) else value


Maybe = Annotated[T | None, WrapValidator(_or_none)]
Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[float | None, BeforeValidator(_finite)]
Numbers = list[Number]
Metrics = dict[str, Number]


class Given(BaseModel):
    """A part of a report."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)


class Distribution(Given):
    """How many rows are in each bin between edges, or of each level; `other`: of all further levels."""

    edges: Maybe[list[float]] = None
    levels: Maybe[list[Text]] = None
    counts: list[float]
    other: Maybe[float] = None


class Found(Given):
    """A finding of a doctor."""

    message: Text
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
    train: dict[str, Maybe[Numbers]] = {}
    valid: dict[str, Maybe[Numbers]] = {}
    learning_rate: Maybe[Numbers] = None
    gradient_norm: Maybe[Numbers] = None
    update_norm: Maybe[Numbers] = None
    best_epoch: Maybe[int] = None
    units: Maybe[list[Units]] = None


class Roc(Given):
    """Shares of the negative and positive rows that stand above a threshold."""

    of: Maybe[int] = Field(None, alias="class")
    fpr: Numbers
    tpr: Numbers
    auc: Number = None


class PrecisionRecall(Given):
    """Precision against recall; `share`: of the class among the rows."""

    of: Maybe[int] = Field(None, alias="class")
    recall: Numbers
    precision: Numbers
    average_precision: Number = None
    share: Number = None


class Calibration(Given):
    """What was predicted and what was, in bins of rows; of the class predicted where `of` is None."""

    of: Maybe[int] = Field(None, alias="class")
    predicted: Numbers
    observed: Numbers
    rows: Maybe[list[float]] = None
    low: Maybe[Numbers] = None
    high: Maybe[Numbers] = None


class Thresholds(Given):
    """The four counts of two classes at each threshold."""

    positive: Maybe[int] = None
    threshold: list[float]
    tp: list[float]
    fp: list[float]
    fn: list[float]
    tn: list[float]


class OfClass(Given):
    """The figures of a class against the rest."""

    of: int = Field(alias="class")
    rows: Maybe[float] = None
    precision: Number = None
    recall: Number = None
    f1: Number = None
    roc_auc: Number = None


class Counts(Given):
    """The rows of each class."""

    true: list[float]
    predicted: list[float]


class Curves(Given):
    """The figures of two classes, or of one against the rest."""

    roc: Maybe[list[Roc]] = None
    precision_recall: Maybe[list[PrecisionRecall]] = None
    calibration: Maybe[list[Calibration]] = None
    expected_calibration_error: Number = None
    thresholds: Maybe[Thresholds] = None


class Classes(Curves):
    """Of a target with classes."""

    labels: list[Text]
    counts: Maybe[Counts] = None
    confusion: Maybe[list[list[int]]] = None
    shown: Maybe[list[int]] = None
    per_class: Maybe[list[OfClass]] = None

    def name(self, number: int | None) -> str:
        """A class by its number; of the one predicted where there is none."""
        if number is None:
            return "the class predicted"
        return self.labels[number] if 0 <= number < len(self.labels) else str(number)


def _named(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """Curves of a label, each alone in place of a list of one."""
    if isinstance(value, dict):
        lists = ("roc", "precision_recall", "calibration")
        value = value | {key: [value[key]] for key in lists if isinstance(value.get(key), dict)}
    return handler(value)


class Label(Curves):
    """A target column of two labels, of several."""

    label: Text


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
    quantiles: dict[str, Number] = {}


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
    of: list[Text] = []
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
    cells: dict[str, Text] = {}


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
    rows: dict[str, int] = {}


class Figures(Given):
    """What is drawn."""

    part: Maybe[Text] = None
    learning: Maybe[Learning] = None
    classes: Maybe[Classes] = None
    labels: Maybe[list[Annotated[Label, WrapValidator(_named)]]] = None
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


class Details(Given):
    """What reports keep of classes beside the figures."""

    classes: Maybe[list[Text]] = None
    confusion: Maybe[list[list[int]]] = None
    per_class: Maybe[list[dict[str, Number]]] = None


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
    rows: Maybe[dict[str, int]] = None
    metrics: Maybe[dict[str, Maybe[Metrics]]] = None
    intervals: Maybe[dict[str, Maybe[dict[str, Maybe[tuple[float, float]]]]]] = None
    baseline: Maybe[dict[str, Maybe[Metrics]]] = None
    linear: Maybe[dict[str, Maybe[Metrics]]] = None
    spread: Maybe[dict[str, Maybe[Metrics]]] = None
    folds: Maybe[list[Fold]] = None
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
