"""The models a config can ask for, declared; `build` makes them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from netrain.nn.activations import Activation, Relu
from netrain.nn.init import Glorot, He, Init
from netrain.spec import ByName, Count, Positive, Share, Spec

Norm = Literal["none", "layer", "batch"]


class Linear(Spec):
    """One linear layer: linear or logistic regression (Legendre, 1805; Cox, 1958)."""

    name: Literal["linear"] = "linear"
    init: Init = Field(Glorot(), description="how the weights are drawn")
    embedding_size: Count = Field(8, description="numbers that stand for a level of an embedded column")


class Mlp(Spec):
    """A multilayer perceptron: blocks of linear, norm, activation, dropout; then linear (Rumelhart et al., 1986)."""

    name: Literal["mlp"] = "mlp"
    hidden: tuple[Count, ...] = Field((64, 64), min_length=1, max_length=100, description="units of each block")
    activation: Activation = Field(Relu(), description="what follows each hidden linear layer")
    norm: Norm = Field("none", description="`layer` or `batch` norm before each activation")
    dropout: Share = Field(0.0, description="share of the units that a training step leaves out")
    init: Init = Field(He(), description="how hidden weights are drawn")
    last_init: Init = Field(Glorot(), description="how the weights of the last layer are drawn")
    embedding_size: Count = Field(8, description="numbers that stand for a level of an embedded column")


class Resnet(Spec):
    """A residual network for tables (Gorishniy et al., 2021): blocks that each add a correction to `width` numbers.

    A block is norm, linear, activation, dropout, linear, dropout; linear before them, norm, activation, linear after.
    """

    name: Literal["resnet"] = "resnet"
    width: Count = Field(128, description="numbers that pass from block to block")
    blocks: Annotated[int, Strict(), Field(ge=1, le=100)] = Field(2, description="how many")
    factor: Positive = Field(2.0, description="a block's hidden units, in widths")
    activation: Activation = Field(Relu(), description="what follows the first linear layer of each block")
    norm: Norm = Field("batch", description="`batch`, `layer` or `none`, at the start of each block and the end")
    dropout: Share = Field(0.15, description="share of a block's hidden units that a training step leaves out")
    residual_dropout: Share = Field(0.0, description="share of a block's outputs that a training step leaves out")
    init: Init = Field(He(), description="how hidden weights are drawn")
    last_init: Init = Field(Glorot(), description="how the weights of the last layer are drawn")
    embedding_size: Count = Field(8, description="numbers that stand for a level of an embedded column")

    @property
    def hidden(self) -> int:
        """The hidden units of a block."""
        return max(1, round(self.width * self.factor))


Model = Annotated[Linear | Mlp | Resnet, Field(discriminator="name"), ByName]
