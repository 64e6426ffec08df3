"""From a declared model to a network: the one place where a choice of model becomes layers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import numpy as np
from numpy.typing import DTypeLike

from netrain.nn.activate import Activate
from netrain.nn.dropout import Dropout
from netrain.nn.embedding import Entry
from netrain.nn.embeddings import NumericEmbedding, Pbld, Ple, Plr, Raw
from netrain.nn.front_scale import FrontScale
from netrain.nn.init import Adapters, Constant, Draw, Init, Within
from netrain.nn.layer import Chain, Layer
from netrain.nn.linear import Linear
from netrain.nn.members import Adapt, BatchEnsemble, Ensemble, Separate
from netrain.nn.models import Linear as LinearModel
from netrain.nn.models import Mlp, Model, Norm, Realmlp, Resnet, Tabm
from netrain.nn.network import Network
from netrain.nn.norm import BatchNorm, LayerNorm
from netrain.nn.ntk import NtkLinear
from netrain.nn.numeric import Curves
from netrain.nn.parametric import Parametric
from netrain.nn.periodic import PhasedWaves, Waves
from netrain.nn.piecewise import Pieces
from netrain.nn.pool import Pool, mean
from netrain.nn.residual import Residual


@dataclass(frozen=True)
class Shape:
    """What a network connects: `num` numeric inputs, the levels of each embedded column, `outputs`."""

    num: int
    levels: tuple[int, ...]
    outputs: int
    numbers: tuple[int, ...] = ()  # which of the numeric inputs are numbers, and not marks of levels or the like


def build(
    model: Model, shape: Shape, *, seed: int, rows: int, dtype: DTypeLike = np.float32, pool: Pool = mean
) -> Network:
    """The network of a model for inputs and outputs of a shape, freshly drawn. `pool` is for its members, if any."""
    entry, body = declared(model, shape)
    own = isinstance(model, Tabm) and model.own_rows
    return Network(entry, body, seed=seed, rows=rows, dtype=dtype, members=model.members, own=own, pool=pool)


def shapes(model: Model, shape: Shape) -> dict[str, tuple[int, ...]]:
    """The shape of each parameter of a network by its name; no memory is taken."""
    entry, body = declared(model, shape)
    params = {f"embedding.{name}": param for name, param in entry.params().items()} | body.params()
    return {name: param.shape for name, param in params.items()}


def declared(model: Model, shape: Shape) -> tuple[Entry, Layer]:
    """What turns the columns into one row, and the layers behind it; no memory is taken yet."""
    entry = make_entry(model, shape)
    match model:
        case LinearModel():
            return entry, Chain({"out": Linear(entry.n_out, shape.outputs, model.init, data=entry.data)})
        case Mlp() | Realmlp():
            return entry, mlp(model, entry.n_out, shape.outputs, data=entry.data)
        case Resnet():
            return entry, resnet(model, entry.n_out, shape.outputs, data=entry.data)
        case Tabm():
            return entry, tabm(model, entry, shape.outputs)
        case _:
            assert_never(model)


def tabm(model: Tabm, entry: Entry, n_out: int) -> Ensemble:
    """The factors `adapt` on the inputs, the blocks `hidden.0`, `hidden.1`, ... and the separate layers `out`."""
    k, width = model.members, entry.n_out
    adapters = Adapters(sections=entry.sections, signs=entry.curves is None)
    layers: dict[str, Layer] = {}
    if model.variant == "mini":
        layers["adapt"] = Adapt(k, width, adapters)
    for i, hidden in enumerate(model.hidden):
        first: Draw = adapters if i == 0 else Constant(value=1.0)
        inner: dict[str, Layer] = {"linear": shared(model, width, hidden, first)}
        inner["activation"] = Activate(hidden, model.activation)
        layers[f"hidden.{i}"] = Chain(inner | dropout("dropout", model.dropout, hidden))
        width = hidden
    body = Chain(layers | {"out": Separate(k, width, n_out, model.last_init)})
    return Ensemble(k, entry.n_out, body, own=model.own_rows)


def shared(model: Tabm, n_in: int, n_out: int, adapters: Draw) -> Layer:
    """A hidden linear layer, shared as the variant has it."""
    match model.variant:
        case "mini":
            return Linear(n_in, n_out, model.init, bias=Within(bound=n_in**-0.5))
        case "full":
            return BatchEnsemble(model.members, n_in, n_out, model.init, adapters)
        case "packed":
            return Separate(model.members, n_in, n_out, model.init)
        case _:
            assert_never(model.variant)


def make_entry(model: Model, shape: Shape) -> Entry:
    """What turns the columns into one row."""
    levels, size = shape.levels, model.embedding_size
    std = 1.0 if isinstance(model, Realmlp) else None
    embedding = Raw() if isinstance(model, LinearModel) or not shape.numbers else model.numeric_embedding
    curves = make_curves(embedding, len(shape.numbers))
    return Entry(shape.num, levels, size, curves=curves, places=shape.numbers, std=std)


def make_curves(embedding: NumericEmbedding, m: int) -> Curves | None:
    """What stands for m numbers; None for themselves."""
    match embedding:
        case Raw():
            return None
        case Ple():
            return Pieces(m, embedding)
        case Plr():
            return Waves(m, embedding)
        case Pbld():
            return PhasedWaves(m, embedding)
        case _:
            assert_never(embedding)


def mlp(model: Mlp | Realmlp, n_in: int, n_out: int, *, data: int) -> Chain:
    """The layer `scale` if wanted, the hidden blocks `hidden.0`, `hidden.1`, ... and the layer `out`."""
    layers: dict[str, Layer] = {}
    if model.front_scale:
        layers["scale"] = FrontScale(n_in, data=data)
        data = 0
    for i, width in enumerate(model.hidden):
        layers[f"hidden.{i}"] = block(model, n_in, width, data=data)
        n_in, data = width, 0
    return Chain(layers | {"out": linear(model, n_in, n_out, model.last_init, data=data)})


def linear(model: Mlp | Realmlp, n_in: int, n_out: int, init: Init, *, data: int) -> Layer:
    """A linear layer in the model's parametrisation."""
    match model.parametrisation:
        case "standard":
            return Linear(n_in, n_out, init, data=data)
        case "ntk":
            return NtkLinear(n_in, n_out, init, data=data)
        case _:
            assert_never(model.parametrisation)


def block(model: Mlp | Realmlp, n_in: int, width: int, *, data: int) -> Chain:
    """Linear, norm, activation, dropout; without those that are switched off."""
    layers: dict[str, Layer] = {"linear": linear(model, n_in, width, model.init, data=data)}
    layers |= norm(model.norm, width)
    activate = Parametric if model.parametric else Activate
    layers["activation"] = activate(width, model.activation)
    return Chain(layers | dropout("dropout", model.dropout, width))


def resnet(model: Resnet, n_in: int, n_out: int, *, data: int) -> Chain:
    """The layer `first`, the blocks `blocks.0`, `blocks.1`, ..., and `norm`, `activation` and `out`."""
    layers: dict[str, Layer] = {"first": Linear(n_in, model.width, model.init, data=data)}
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
