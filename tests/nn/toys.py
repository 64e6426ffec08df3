"""Small inputs and targets that every member of a union can be given."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import DTypeLike

from netrain.inputs import Inputs
from netrain.nn.build import Shape
from netrain.nn.models import Model
from netrain.random import stream

SHAPES = {
    "numbers": Shape(4, (), 3),
    "embeddings": Shape(4, (3, 2), 3),
    "some_numbers": Shape(4, (3,), 3, numbers=(1, 3)),
    "only_embeddings": Shape(0, (4, 5), 3),
}
SMALL = {"hidden": (5, 4), "width": 4, "blocks": 2, "ensemble": 3}


def small(model: Model) -> Model:
    """The same model with few units, so that every number can be checked."""
    return model.model_copy(update={key: size for key, size in SMALL.items() if key in type(model).model_fields})


def inputs(shape: Shape, n: int, dtype: DTypeLike = np.float64, seed: int = 0) -> Inputs:
    """n random rows; with few levels, so that they repeat and 0 occurs."""
    rng = stream(seed, "inputs")
    num = rng.normal(size=(n, shape.num)).astype(dtype)
    cat = np.stack([rng.integers(0, k, n, dtype=np.int32) for k in shape.levels] or [np.zeros(n, np.int32)], axis=1)
    return Inputs(num, cat[:, : len(shape.levels)])


@dataclass(frozen=True)
class Kind:
    """What a target is: one column of `classes`, several of labels, or (0 classes) of values."""

    classes: int
    columns: int


def kinds(loss: Any) -> list[Kind]:
    """The targets that a loss is for."""
    if loss.task == "regression":
        return [Kind(0, 1), Kind(0, 2)]
    return [Kind(3, 1)] if loss.outputs(3, 1) == 3 else [Kind(2, 1), Kind(2, 3)]


def with_kinds(losses: list[Any]) -> list[Any]:
    """Every loss with every target it is for, as pytest parameters (loss, kind)."""
    return [
        pytest.param(case.values[0], kind, id=f"{case.id}-{kind.classes}x{kind.columns}")
        for case in losses
        for kind in kinds(case.values[0])
    ]


def outputs(loss: Any, kind: Kind) -> int:
    """The outputs that a loss needs for a target."""
    return int(loss.outputs(kind.classes, kind.columns))


def example(
    loss: Any, kind: Kind, n: int, dtype: DTypeLike = np.float64, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs [n, outputs] and targets that fit the loss: classes [n], labels or values [n, columns]."""
    rng = stream(seed, "example")
    out = rng.normal(size=(n, outputs(loss, kind))).astype(dtype) * 2
    if loss.task == "classification":
        return out, rng.integers(0, kind.classes, n if kind.columns == 1 else (n, kind.columns), dtype=np.int32)
    values = rng.poisson(2.0, (n, kind.columns)) if loss.raw else rng.normal(size=(n, kind.columns))
    return out, values.astype(dtype)
