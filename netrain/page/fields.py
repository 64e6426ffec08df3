"""Fields of a report that may be missing or not as they should be, which is then None and never an error."""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidatorFunctionWrapHandler
from pydantic.functional_validators import WrapValidator

T = TypeVar("T")


def _or_none(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


def _text(value: Any) -> Any:
    return "" if value is None else str(value) if isinstance(value, str | int | float) else value


def _finite(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    number = _or_none(value, handler)
    return number if number is not None and isfinite(number) else None


Maybe = Annotated[T | None, WrapValidator(_or_none)]
Text = Annotated[str, BeforeValidator(_text)]
Number = Annotated[float | None, WrapValidator(_finite)]
Numbers = list[Number]
Metrics = dict[str, Number]


class Given(BaseModel):
    """A part of a report."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)
