"""What a network takes in memory, known before any of it is taken."""

from __future__ import annotations

import os

from netrain.errors import StorageError
from netrain.nn.build import Shape, declared
from netrain.nn.models import Model
from netrain.training.recipe import Training
from netrain.training.state import slot_names

NUMBER = 4  # bytes of a float32
VECTORS = 3  # beside the optimizer's: values, gradients, the best values
GB = 1e9


def parameters(model: Model, shape: Shape) -> int:
    """How many numbers the parameters of a model are, running statistics included."""
    entry, body = declared(model, shape)
    params = body.params()
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
