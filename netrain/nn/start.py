"""What layers learn of the training rows before the first step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from netrain.inputs import Floats
from netrain.nn.dropout import Dropout
from netrain.nn.init import DataDriven
from netrain.nn.layer import Chain, Layer
from netrain.nn.linear import Linear
from netrain.nn.members import Ensemble
from netrain.nn.ntk import NtkLinear
from netrain.nn.residual import Residual

MIXED = 5  # rows whose mixture a unit starts around


def start_from_rows(layer: Layer, x: Floats, rng: np.random.Generator) -> Floats:
    """The output for training rows [..., n_in], after each layer has looked at its own input on the way."""
    match layer:
        case Chain():
            for inner in layer.layers.values():
                x = start_from_rows(inner, x, rng)
            return x
        case Residual():
            return np.asarray(x + start_from_rows(layer.block, x, rng))
        case Linear() | NtkLinear() if isinstance(layer.init, DataDriven):
            centre(layer, x, rng)
    return layer.forward(x, None)


def centre(layer: Linear | NtkLinear, x: Floats, rng: np.random.Generator) -> None:
    """Outputs of deviation 1 over the rows, each 0 at a random mixture of a few of them."""
    layer.b.fill(0.0)
    out = layer.forward(x, None).reshape(-1, layer.n_out)
    deviations = out.std(axis=0)
    deviations[deviations < 1e-6] = 1.0
    np.divide(layer.w, deviations, out=layer.w)
    rows = rng.integers(0, len(out), (layer.n_out, MIXED))
    shares = rng.exponential(size=(layer.n_out, MIXED))
    shares /= shares.sum(axis=1, keepdims=True)
    layer.b[...] = -(out[rows, np.arange(layer.n_out)[:, None]] * shares).sum(axis=1) / deviations


def dropouts(layer: Layer) -> Iterator[Dropout]:
    """All dropout layers inside a layer."""
    match layer:
        case Chain():
            for inner in layer.layers.values():
                yield from dropouts(inner)
        case Residual():
            yield from dropouts(layer.block)
        case Ensemble():
            yield from dropouts(layer.body)
        case Dropout():
            yield layer
