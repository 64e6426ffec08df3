"""What a network takes in memory, and its columns in a checkpoint: known before any of it is taken."""

from __future__ import annotations

import os
import resource
from contextlib import suppress
from math import prod
from pathlib import Path

from netrain.data.features import Preprocessor
from netrain.errors import DataError, StorageError
from netrain.finding import arguments, drop
from netrain.nn.build import Shape, shapes
from netrain.nn.models import Model
from netrain.training.checkpoint import MAX_HEADER
from netrain.training.recipe import Training
from netrain.training.state import slot_names

KEPT = MAX_HEADER * 3 // 4  # bytes of what was fitted to the columns; quotes and the other facts take the rest
NUMBER = 4  # bytes of a float32
VECTORS = 3  # beside the optimizer's: values, gradients, the best values
GB, MB = 1e9, 1e6
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


def check_kept(preprocessor: Preprocessor) -> None:
    """Raise DataError where more was fitted to the columns than a checkpoint holds."""
    size = len(preprocessor.model_dump_json().encode())
    if size > KEPT:
        largest = max(preprocessor.columns, key=lambda fitted: len(fitted.model_dump_json()))
        raise DataError(
            f"what is fitted to the columns takes {size / MB:,.0f} MB; a checkpoint holds {KEPT / MB:,.0f} MB of it",
            hint=f"most of it is for `{largest.column}`: `{arguments((drop(largest.column),))}`, "
            "or `data.categorical.min_rows` to merge rare levels",
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
