"""The base of every value that a config holds: frozen, closed, and strict about types."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, model_validator

Task = Literal["classification", "regression"]

Count = Annotated[int, Strict(), Field(ge=1, le=1_000_000_000)]
Flag = Annotated[bool, Strict()]
Number = Annotated[float, Strict()]
Positive = Annotated[float, Strict(), Field(gt=0)]
NotNegative = Annotated[float, Strict(), Field(ge=0)]
Share = Annotated[float, Strict(), Field(ge=0, lt=1)]  # a part of a whole that never is the whole


class Spec(BaseModel):
    """A frozen value. Unknown keys, not-finite numbers and coerced types are refused.

    Large ones are the default of a field by `model_construct`: a call would build a validator of their own, which takes
    milliseconds of each start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _name_choices(cls, data: Any) -> Any:
        """A choice given without its name is the default choice with other numbers."""
        if not isinstance(data, dict):
            return data
        named = {}
        for key, field in cls.model_fields.items():
            name = getattr(field.default, "name", None)
            given = data.get(key)
            if name is not None and isinstance(given, dict) and "name" not in given:
                named[key] = {"name": name, **given}
        return data | named


def written(value: Any) -> Any:
    """A value as a config writes it: choices by their names, without what their defaults say."""
    if isinstance(value, tuple):
        return [written(part) for part in value]
    if isinstance(value, dict):
        return {key: written(part) for key, part in value.items()}
    if not isinstance(value, Spec):
        return value
    fields = type(value).model_fields
    said = {key: part for key in fields if key != "name" and (part := getattr(value, key)) != fields[key].default}
    if "name" not in fields:
        return {key: written(part) for key, part in said.items()}
    name = fields["name"].default
    return {"name": name} | {key: written(part) for key, part in said.items()} if said else name


def by_name(value: Any) -> Any:
    """A choice that takes only its name may be written as the name: `relu` is `{name: relu}`."""
    return {"name": value} if isinstance(value, str) else value


ByName = BeforeValidator(by_name)


def as_list(value: Any) -> Any:
    """One thing may stand without its list."""
    return value if isinstance(value, list | tuple) else [value]
