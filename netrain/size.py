"""What a network takes in memory, known before any of it is taken."""

from __future__ import annotations

import os
import resource
from contextlib import suppress
from math import prod
from pathlib import Path

from netrain.errors import StorageError
from netrain.nn.build import Shape, shapes
from netrain.nn.models import Model
from netrain.training.recipe import Training
from netrain.training.state import slot_names

NUMBER = 4  # bytes of a float32
VECTORS = 3  # beside the optimizer's: values, gradients, the best values
GB = 1e9
CGROUP = Path("/sys/fs/cgroup/memory.max")  # of a container


def parameters(model: Model, shape: Shape) -> int:
    """How many numbers the parameters of a model are, running statistics included."""
    return sum(map(prod, shapes(model, shape).values()))


def check_memory(model: Model, shape: Shape, training: Training) -> None:
    """Raise StorageError for a network whose training needs more memory than there is."""
    count = parameters(model, shape)
    packed = training.networks if training.networks > 1 else 0  # of a bag all at once, when they are packed
    needed, there = count * NUMBER * (VECTORS + len(slot_names(training)) + packed), memory()
    if needed > there:
        raise StorageError(
            f"a network of {count:,} weights needs {needed / GB:,.1f} GB to train; this machine has {there / GB:,.1f}",
            hint="fewer units: `netrain explain model` tells which keys there are",
        )


def memory() -> int:
    """The bytes that this process may have at most: of the machine, of its container and of its own limit."""
    bounds = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        bounds.append(soft)
    with suppress(OSError, ValueError):  # `max` is no number
        bounds.append(int(CGROUP.read_text()))
    return min(bounds)
