"""From a declared model to a network: the one place where a choice of model becomes layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import DTypeLike

from netrain.nn.activate import Activate
from netrain.nn.dropout import Dropout
from netrain.nn.embedding import Entry
from netrain.nn.layer import Chain, Layer
from netrain.nn.linear import Linear
from netrain.nn.models import Linear as LinearModel
from netrain.nn.models import Mlp, Model, Norm, Resnet
from netrain.nn.network import Network
from netrain.nn.norm import BatchNorm, LayerNorm
from netrain.nn.residual import Residual


@dataclass(frozen=True)
class Shape:
    """What a network connects: `num` numeric inputs, the levels of each embedded column, `outputs`."""

    num: int
    levels: tuple[int, ...]
    outputs: int


def build(model: Model, shape: Shape, *, seed: int, rows: int, dtype: DTypeLike = np.float32) -> Network:
    """The network of a model for inputs and outputs of a shape, freshly drawn."""
    entry, body = declare(model, shape)
    return Network(entry, body, seed=seed, rows=rows, dtype=dtype)


def shapes(model: Model, shape: Shape) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter of a network by its name, before memory exists."""
    entry, body = declare(model, shape)
    params = {f"embedding.{name}": param for name, param in entry.params().items()} | body.params()
    return {name: param.shape for name, param in params.items()}


def declare(model: Model, shape: Shape) -> tuple[Entry, Layer]:
    """The parts of a network, before memory exists."""
    entry = Entry(shape.num, shape.levels, model.embedding_size)
    first = not shape.levels
    match model:
        case LinearModel():
            return entry, Chain({"out": Linear(entry.n_out, shape.outputs, model.init, first=first)})
        case Mlp():
            return entry, mlp(model, entry.n_out, shape.outputs, first=first)
        case Resnet():
            return entry, resnet(model, entry.n_out, shape.outputs, first=first)
        case _:
            assert_never(model)


def mlp(model: Mlp, n_in: int, n_out: int, *, first: bool) -> Chain:
    """The hidden blocks `hidden.0`, `hidden.1`, ... and the layer `out`."""
    layers: dict[str, Layer] = {}
    for i, width in enumerate(model.hidden):
        layers[f"hidden.{i}"] = block(model, n_in, width, first=first and i == 0)
        n_in = width
    return Chain(layers | {"out": Linear(n_in, n_out, model.last_init)})


def block(model: Mlp, n_in: int, width: int, *, first: bool) -> Chain:
    """Linear, norm, activation, dropout; without those that are switched off."""
    layers: dict[str, Layer] = {"linear": Linear(n_in, width, model.init, first=first)}
    layers |= norm(model.norm, width)
    layers["activation"] = Activate(width, model.activation)
    return Chain(layers | dropout("dropout", model.dropout, width))


def resnet(model: Resnet, n_in: int, n_out: int, *, first: bool) -> Chain:
    """The layer `first`, the blocks `blocks.0`, `blocks.1`, ..., and `norm`, `activation` and `out`."""
    layers: dict[str, Layer] = {"first": Linear(n_in, model.width, model.init, first=first)}
    layers |= {f"blocks.{i}": Residual(residual_block(model)) for i in range(model.blocks)}
    layers |= norm(model.norm, model.width)
    layers["activation"] = Activate(model.width, model.activation)
    return Chain(layers | {"out": Linear(model.width, n_out, model.last_init)})


def residual_block(model: Resnet) -> Chain:
    """Norm, linear `up`, activation, dropout, linear `down`, dropout; without those that are switched off."""
    width, hidden = model.width, model.hidden
    layers = norm(model.norm, width)
    layers["up"] = Linear(width, hidden, model.init)
    layers["activation"] = Activate(hidden, model.activation)
    layers |= dropout("dropout", model.dropout, hidden)
    layers["down"] = Linear(hidden, width, model.init)
    return Chain(layers | dropout("residual_dropout", model.residual_dropout, width))


def norm(name: Norm, width: int) -> dict[str, Layer]:
    """The norm of a choice, under its key."""
    match name:
        case "none":
            return {}
        case "layer":
            return {"norm": LayerNorm(width)}
        case "batch":
            return {"norm": BatchNorm(width)}
        case _:
            assert_never(name)


def dropout(key: str, rate: float, width: int) -> dict[str, Layer]:
    """Dropout under a key; nothing where the rate is 0."""
    return {key: Dropout(width, rate)} if rate else {}
