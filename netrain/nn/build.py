"""From a declared model to a network: the one place where a choice of model becomes layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import DTypeLike

from netrain.nn.activate import Activate
from netrain.nn.dropout import Dropout
from netrain.nn.embedding import Entry
from netrain.nn.init import Glorot
from netrain.nn.layer import Chain, Layer
from netrain.nn.linear import Linear
from netrain.nn.models import Linear as LinearModel
from netrain.nn.models import Mlp, Model
from netrain.nn.network import Network
from netrain.nn.norm import LayerNorm


@dataclass(frozen=True)
class Shape:
    """What a network connects: `num` numeric inputs, the levels of each embedded column, `outputs`."""

    num: int
    levels: tuple[int, ...]
    outputs: int


def build(model: Model, shape: Shape, *, seed: int, rows: int, dtype: DTypeLike = np.float32) -> Network:
    """The network of a model for inputs and outputs of a shape, freshly drawn."""
    entry = Entry(shape.num, shape.levels, model.embedding_size)
    first = not shape.levels
    match model:
        case LinearModel():
            body = Chain({"out": Linear(entry.n_out, shape.outputs, model.init, first=first)})
        case Mlp():
            body = mlp(model, entry.n_out, shape.outputs, first=first)
        case _:
            assert_never(model)
    return Network(entry, body, seed=seed, rows=rows, dtype=dtype)


def mlp(model: Mlp, n_in: int, n_out: int, *, first: bool) -> Chain:
    """The hidden blocks `hidden.0`, `hidden.1`, ... and the layer `out`."""
    layers: dict[str, Layer] = {}
    for i, width in enumerate(model.hidden):
        layers[f"hidden.{i}"] = block(model, n_in, width, first=first and i == 0)
        n_in = width
    return Chain(layers | {"out": Linear(n_in, n_out, Glorot())})


def block(model: Mlp, n_in: int, width: int, *, first: bool) -> Chain:
    """Linear, norm, activation, dropout; without those that are switched off."""
    layers: dict[str, Layer] = {"linear": Linear(n_in, width, model.init, first=first)}
    if model.norm == "layer":
        layers["norm"] = LayerNorm(width)
    layers["activation"] = Activate(width, model.activation)
    if model.dropout:
        layers["dropout"] = Dropout(width, model.dropout)
    return Chain(layers)
