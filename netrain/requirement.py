"""`METRIC>=NUMBER`: what is required of a figure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from netrain.errors import UsageError

SIGNS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
REQUIREMENT = re.compile(rf"\s*(\w+)\s*({'|'.join(SIGNS)})\s*([-+0-9.eE]+)\s*")


@dataclass(frozen=True)
class Requirement:
    """`METRIC>=NUMBER`, as it was written."""

    metric: str
    sign: str
    bound: str

    def met(self, metrics: Mapping[str, float | None]) -> bool:
        """Whether the metric is there, and as required."""
        value = metrics.get(self.metric)
        return value is not None and SIGNS[self.sign](value, float(self.bound))

    def missed(self, metrics: Mapping[str, float | None]) -> str:
        """What is wrong, in words; empty where the requirement is met."""
        if self.met(metrics):
            return ""
        value = metrics[self.metric]
        return (
            f"{self.metric} is {'not defined' if value is None else f'{value:.6g}'}, required {self.sign} {self.bound}"
        )


def requirement(option: str, text: str) -> Requirement:
    """A requirement as an option gives it. Raises UsageError."""
    match = REQUIREMENT.fullmatch(text)
    if match is None:
        hint = f'for example "accuracy>=0.9"; the signs are {", ".join(SIGNS)}'
        raise UsageError(f"`{option} {text}` is not METRIC>=NUMBER", hint=hint)
    name, sign, bound = match.groups()
    try:
        float(bound)
    except ValueError:
        raise UsageError(f"`{option} {text}`: `{bound}` is not a number") from None
    return Requirement(name, sign, bound)
