"""The unions of netrain.nn and netrain.training, their members, and each member with each of its options changed."""

from collections.abc import Iterator
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from annotated_types import Gt, Lt
from pydantic.fields import FieldInfo

from netrain.nn.activations import Activation
from netrain.nn.embeddings import NumericEmbedding
from netrain.nn.init import Init
from netrain.nn.losses import Loss
from netrain.nn.models import Model
from netrain.nn.optimizers import Optimizer
from netrain.nn.schedules import Schedule
from netrain.spec import Spec
from netrain.training.average import Average
from netrain.training.clip import Clip
from netrain.training.stopping import StopRule

# by the config key that chooses from them
UNIONS = {
    "activation": Activation,
    "average": Average,
    "clip": Clip,
    "init": Init,
    "loss": Loss,
    "model": Model,
    "numeric_embedding": NumericEmbedding,
    "optimizer": Optimizer,
    "schedule": Schedule,
    "stop": StopRule,
}


def members(union: Any) -> tuple[type[Spec], ...]:
    """The classes that a union holds."""
    inside = get_args(union)[0]
    return get_args(inside) or (inside,)


def defaults(union: Any) -> list[Any]:
    """Every member with its defaults, as pytest parameters."""
    return [pytest.param(member(), id=member().name) for member in members(union)]


def variants(union: Any) -> list[Any]:
    """Every member with its defaults, with each option changed alone, and with all of them changed."""
    found = []
    for member in members(union):
        found.append(pytest.param(member(), id=member().name))
        changes = [(name, value) for name, field in member.model_fields.items() for value in others(field)]
        for name, value in changes:
            label = getattr(value, "name", value)
            found.append(pytest.param(member(**{name: value}), id=f"{member().name}-{name}-{label}"))
        if len(changes) > 1:
            found.append(pytest.param(member(**dict(changes)), id=f"{member().name}-all"))
    return found


def others(field: FieldInfo) -> Iterator[Any]:
    """Values of a field beside its default. Counts and lists have none: they size a thing, they do not change it."""
    kind, default = field.annotation, field.default
    if kind is bool:
        yield not default
    elif kind is float and any(isinstance(bound, Lt) for bound in field.metadata):
        yield 0.25 if default != 0.25 else 0.5
    elif kind is float:
        yield default / 2 if any(isinstance(bound, Gt) for bound in field.metadata) else default + 0.125
    elif get_origin(kind) is Literal:
        yield from (value for value in get_args(kind) if value != default)
    elif get_origin(kind) in (UnionType, Union):
        yield from (member() for member in get_args(kind) if member() != default)
