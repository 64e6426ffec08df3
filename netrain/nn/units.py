"""The units of a network that say the same whatever the row: dead ones."""

from __future__ import annotations

import numpy as np

from netrain.inputs import Floats, Inputs
from netrain.nn.activate import Activate
from netrain.nn.layer import Chain, Layer
from netrain.nn.members import Ensemble
from netrain.nn.network import Network
from netrain.nn.parametric import Parametric
from netrain.nn.residual import Residual

ROWS = 2048  # that are looked at
STILL = 1e-6  # of the widest range of a unit of the layer: what moves less is constant

Ranges = dict[str, tuple[Floats, Floats]]  # by layer: the least and the largest output of each unit


def units(network: Network, x: Inputs) -> list[dict[str, str | int]]:
    """The layers with an activation, `{layer, units, dead}`: units that are constant over the first rows of x.

    Each member's own count. With fewer than two rows nothing can be told, and the list is empty.
    """
    ranges: Ranges = {}
    n = min(len(x), ROWS)
    for start in range(0, n if n > 1 else 0, network.rows):
        with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is not constant
            entered = network.entry.forward(x[start : min(start + network.rows, n)])
            watch(network.body, "", entered, 1, ranges)
    return [{"layer": name, "units": low.size, "dead": dead(low, high)} for name, (low, high) in ranges.items()]


def dead(low: Floats, high: Floats) -> int:
    """How many units stay within next to nothing."""
    with np.errstate(over="ignore", invalid="ignore"):
        span = high - low
    return int(np.count_nonzero(span <= STILL * span.max(initial=0.0)))


def watch(layer: Layer, name: str, x: Floats, members: int, ranges: Ranges) -> Floats:
    """The output for rows [..., n_in], after the range of each activation's outputs on the way has been noted."""
    match layer:
        case Chain():
            for key, inner in layer.layers.items():
                x = watch(inner, f"{name}.{key}" if name else key, x, members, ranges)
            return x
        case Residual():
            return np.asarray(x + watch(layer.block, name, x, members, ranges))
        case Ensemble():
            return watch(layer.body, name, np.tile(x, (layer.k, 1)), layer.k, ranges)
        case Activate() | Parametric():
            y = layer.forward(x, None)
            note(y.reshape(members, -1, layer.n_out), name.removesuffix(".activation"), ranges)
            return y
    return layer.forward(x, None)


def note(y: Floats, name: str, ranges: Ranges) -> None:
    """Widen the ranges of a layer by outputs [members, n, units]."""
    low, high = y.min(axis=1), y.max(axis=1)
    if name in ranges:
        low, high = np.minimum(low, ranges[name][0]), np.maximum(high, ranges[name][1])
    ranges[name] = (low, high)
