"""How a column becomes inputs of the network: the choice, without anything fitted."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from netrain.spec import ByName, Count, Flag, Number, Positive, Spec


class Standardize(Spec):
    """Mean 0 and deviation 1 over the training rows (LeCun et al., 1998)."""

    name: Literal["standardize"] = "standardize"


class Robust(Spec):
    """Median 0 and interquartile range 1, then a smooth clip to (-bound, bound) (Holzmueller et al., 2024)."""

    name: Literal["robust"] = "robust"
    bound: Positive = Field(3.0, description="x / sqrt(1 + (x / bound)^2) stays within it")


class Quantile(Spec):
    """By rank to a standard normal (Bartlett, 1947), interpolated between quantiles of the training rows."""

    name: Literal["quantile"] = "quantile"
    points: Annotated[Count, Field(ge=2, le=10_000)] = Field(
        1000, description="quantiles that are kept, at most; of more than 100 such columns fewer, 100,000 in all"
    )


class MinMax(Spec):
    """The range of the training rows to 0 .. 1 (Han and Kamber, 2001)."""

    name: Literal["min_max"] = "min_max"


class Log(Spec):
    """sign(x) log(1 + |x|), for long tails on either side (John and Draper, 1980); then standardised."""

    name: Literal["log"] = "log"


class Unscaled(Spec):
    """As it stands in the table."""

    name: Literal["none"] = "none"


Scale = Annotated[Standardize | Robust | Quantile | MinMax | Log | Unscaled, Field(discriminator="name"), ByName]


class Mean(Spec):
    """The mean of the training rows."""

    name: Literal["mean"] = "mean"


class Median(Spec):
    """The median of the training rows."""

    name: Literal["median"] = "median"


class Constant(Spec):
    """A number of your choice."""

    name: Literal["constant"] = "constant"
    value: Number = 0.0


Impute = Annotated[Mean | Median | Constant, Field(discriminator="name"), ByName]


class Numeric(Spec):
    """A number."""

    name: Literal["numeric"] = "numeric"
    scale: Scale = Field(Standardize(), description="how the numbers are scaled")
    impute: Impute = Field(Mean(), description="what stands in for a missing number")
    indicator: Flag = Field(True, description="one more input says where it was missing, if it ever was in training")


class Categorical(Spec):
    """One of a set of levels, those of the training rows; any other counts as missing."""

    name: Literal["categorical"] = "categorical"
    encode: Literal["auto", "one_hot", "embedding"] = Field(
        "auto", description="one input a level, or a learned vector; `auto`: by the number of levels"
    )
    one_hot_up_to: Count = Field(16, description="with `auto`: more levels than this are embedded")
    min_rows: Count = Field(1, description="levels with fewer training rows are merged into one")
    binary: Flag = Field(False, description="two levels are one input of 1 and -1, 0 where missing")
    scale: Scale = Field(Unscaled(), description="how the inputs of levels are scaled")


class Boolean(Spec):
    """Yes or no: true/false, t/f, yes/no, y/n, on/off, 1/0. One input of 1 or -1, 0 where missing."""

    name: Literal["boolean"] = "boolean"


Part = Literal["month", "day", "weekday", "hour", "minute"]


class Datetime(Spec):
    """A date or a time: the calendar's parts as points on a circle, and the time elapsed, standardised."""

    name: Literal["datetime"] = "datetime"
    format: str = Field(
        "auto",
        description="such as `%d/%m/%Y %H:%M`; `auto`: ISO 8601 and its like, year first; with an offset: in UTC",
    )
    parts: tuple[Part, ...] = Field(
        ("month", "day", "weekday", "hour", "minute"), description="which parts; those that never vary are left out"
    )
    elapsed: Flag = Field(True, description="the time since the first training row, too")


class Drop(Spec):
    """Not used."""

    name: Literal["drop"] = "drop"


KINDS: tuple[type[Spec], ...] = (Numeric, Categorical, Boolean, Datetime, Drop)


def by_keys(value: Any) -> Any:
    """A column without its name is of the first kind that has the keys given: `{scale: robust}` is a number."""
    if not isinstance(value, dict) or not value or "name" in value:
        return value
    fitting = [kind for kind in KINDS if value.keys() <= kind.model_fields.keys()]
    return {"name": fitting[0].model_fields["name"].default, **value} if value and fitting else value


Column = Annotated[
    Numeric | Categorical | Boolean | Datetime | Drop,
    Field(discriminator="name"),
    ByName,
    BeforeValidator(by_keys),
]
