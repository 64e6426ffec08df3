"""Small inputs and targets that every member of a union can be given."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Inputs
from netrain.nn.build import Shape
from netrain.nn.models import Model
from netrain.random import stream

SHAPES = {
    "numbers": Shape(4, (), 3),
    "embeddings": Shape(4, (3, 2), 3),
    "only_embeddings": Shape(0, (4, 5), 3),
}
SMALL = {"hidden": (5, 4)}


def small(model: Model) -> Model:
    """The same model with few units, so that every number can be checked."""
    return model.model_copy(update={key: size for key, size in SMALL.items() if key in type(model).model_fields})


def inputs(shape: Shape, n: int, dtype: DTypeLike = np.float64, seed: int = 0) -> Inputs:
    """n random rows; with few levels, so that they repeat and 0 occurs."""
    rng = stream(seed, "inputs")
    num = rng.normal(size=(n, shape.num)).astype(dtype)
    cat = np.stack([rng.integers(0, k, n, dtype=np.int32) for k in shape.levels] or [np.zeros(n, np.int32)], axis=1)
    return Inputs(num, cat[:, : len(shape.levels)])


def targets(loss: Any) -> int:
    """The classes, or the columns, of a loss's example: two classes where one output is all it takes."""
    return 2 if loss.task == "classification" and loss.outputs(3) == 1 else 3


def example(loss: Any, n: int, dtype: DTypeLike = np.float64, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Outputs [n, outputs] and targets that fit the loss: classes [n], or columns [n, k]."""
    rng, k = stream(seed, "example"), targets(loss)
    out = rng.normal(size=(n, loss.outputs(k))).astype(dtype) * 2
    match loss.task:
        case "classification":
            return out, rng.integers(0, k, n, dtype=np.int32)
        case "regression":
            return out, rng.normal(size=(n, k)).astype(dtype)
        case task:
            raise NotImplementedError(f"an example of the task {task}")
