"""What report.json tells of classes and labels."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidatorFunctionWrapHandler
from pydantic.functional_validators import WrapValidator

from netrain.page.fields import Given, Maybe, Number, Numbers, Text


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


AnyLabel = Annotated[Label, WrapValidator(_named)]


class Details(Given):
    """What reports keep of classes beside the figures."""

    classes: Maybe[list[Text]] = None
    confusion: Maybe[list[list[int]]] = None
    per_class: Maybe[list[dict[str, Number]]] = None
