"""The models a config can ask for, declared; `build` makes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from netrain.nn.activations import Activation, Relu
from netrain.nn.init import Glorot, He, Init
from netrain.spec import ByName, Count, Share, Spec


class Linear(Spec):
    """One linear layer: linear or logistic regression."""

    name: Literal["linear"] = "linear"
    init: Init = Field(Glorot(), description="how the weights are drawn")
    embedding_size: Count = Field(8, description="numbers that stand for a level of an embedded column")


class Mlp(Spec):
    """A multilayer perceptron: blocks of linear, norm, activation, dropout; then a linear layer."""

    name: Literal["mlp"] = "mlp"
    hidden: tuple[Count, ...] = Field((64, 64), min_length=1, max_length=100, description="units of each block")
    activation: Activation = Field(Relu(), description="what follows each hidden linear layer")
    norm: Literal["none", "layer"] = Field("none", description="`layer`: layer norm before each activation")
    dropout: Share = Field(0.0, description="share of the units that a training step leaves out")
    init: Init = Field(He(), description="how hidden weights are drawn; those of the last layer by glorot")
    embedding_size: Count = Field(8, description="numbers that stand for a level of an embedded column")


Model = Annotated[Linear | Mlp, Field(discriminator="name"), ByName]
