"""Checkpoints of one small run with their content changed, and sealed again as if it had been so."""

import copy
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from netrain.storage import plain_file
from netrain.training.checkpoint import MAX_BYTES, pack, unpack

Facts = dict[str, Any]
Tensors = dict[str, np.ndarray]

STRANGE = [
    None,
    True,
    -1,
    0,
    1,
    7,
    2**31,
    2**63,
    10**30,
    -0.0,
    0.5,
    1e308,
    "",
    "x",
    "../../etc/passwd",
    "/dev/zero",
    "\x1b[2J\x1b]0;owned\x07",
    "<script>alert(1)</script>",
    "^.*$",
    "*",
    "%",
    "%Q%",
    "\ud800",
    [],
    [[]],
    [1, 2, 3],
    ["a", "a"],
    {},
    {"name": "mlp"},
    {"kind": "one_hot"},
    {"__class__": "os.system"},
]


def opened(path: Path) -> tuple[Facts, Tensors]:
    """The facts and tensors of a checkpoint."""
    with plain_file(path, MAX_BYTES) as (stream, size):
        packed = unpack(stream, size, str(path))
        return packed.facts, packed.tensors()


def sealed(path: Path, facts: Facts, tensors: Tensors) -> Path:
    """A checkpoint with a checksum that fits."""
    plain = {key: value for key, value in facts.items() if key not in ("format", "oldest_reader")}
    path.write_bytes(pack(tensors, plain))
    return path


def changed(facts: Facts, tensors: Tensors, rng: random.Random) -> tuple[Facts, Tensors]:
    """The same with one to three things changed."""
    facts, tensors = copy.deepcopy(facts), dict(tensors)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if rng.random() < 0.15:
            change_tensor(tensors, rng)
        else:
            holder, key = rng.choice(list(places(facts)))
            value = holder[key]
            how = rng.random()
            if how < 0.15:
                del holder[key]
            elif how < 0.3 and isinstance(value, list) and value:
                value.append(copy.deepcopy(value[0]))
            elif how < 0.5 and isinstance(value, int | float):
                holder[key] = value * rng.choice((-1, 2, 1000, 1e300 if isinstance(value, float) else 10**12))
            else:
                holder[key] = copy.deepcopy(rng.choice(STRANGE))
    return facts, tensors


def change_tensor(tensors: Tensors, rng: random.Random) -> None:
    """Another shape, other numbers, another name, or none."""
    name = rng.choice(sorted(tensors))
    tensor = tensors[name]
    changes: list[Callable[[], Any]] = [
        lambda: tensors.pop(name),
        lambda: tensors.update({name: tensor.reshape(-1)}),
        lambda: tensors.update({name: np.full_like(tensor, np.nan)}),
        lambda: tensors.update({name: np.full_like(tensor, 3e38)}),
        lambda: tensors.update({name: np.zeros((0, *tensor.shape), np.float32)}),
        lambda: tensors.update({name: np.repeat(tensor, 2, axis=0)}),
        lambda: tensors.update({f"../{name}": tensors.pop(name)}),
    ]
    rng.choice(changes)()


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every holder and key below a value."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])
