"""What a network takes in memory, known before any of it is taken."""

from __future__ import annotations

import os
from typing import assert_never

from netrain.errors import StorageError
from netrain.nn.build import Shape, mlp, resnet
from netrain.nn.embedding import Entry
from netrain.nn.linear import Linear
from netrain.nn.models import Linear as LinearModel
from netrain.nn.models import Mlp, Model, Resnet
from netrain.training.recipe import Training
from netrain.training.state import slot_names

NUMBER = 4  # bytes of a float32
VECTORS = 3  # beside the optimizer's: values, gradients, the best values
GB = 1e9


def parameters(model: Model, shape: Shape) -> int:
    """How many numbers the parameters of a model are, running statistics included."""
    entry = Entry(shape.num, shape.levels, model.embedding_size)
    match model:
        case LinearModel():
            params = Linear(entry.n_out, shape.outputs, model.init).params()
        case Mlp():
            params = mlp(model, entry.n_out, shape.outputs, first=False).params()
        case Resnet():
            params = resnet(model, entry.n_out, shape.outputs, first=False).params()
        case _:
            assert_never(model)
    return sum(param.size for param in (*entry.params().values(), *params.values()))


def check_memory(model: Model, shape: Shape, training: Training) -> None:
    """Raise StorageError for a network whose training needs more memory than the machine has."""
    count = parameters(model, shape)
    needed, there = count * NUMBER * (VECTORS + len(slot_names(training))), memory()
    if needed > there:
        raise StorageError(
            f"a network of {count:,} weights needs {needed / GB:,.1f} GB to train; this machine has {there / GB:,.1f}",
            hint="fewer units: `netrain explain model` tells which keys there are",
        )


def memory() -> int:
    """The bytes of the machine's memory."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
