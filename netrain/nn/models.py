"""The models a config can ask for, declared; `build` makes them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from netrain.nn.activations import Activation, Mish, Relu
from netrain.nn.embeddings import NumericEmbedding, Pbld, Ple, Raw
from netrain.nn.init import DataDriven, Glorot, He, Init, Uniform
from netrain.spec import ByName, Count, Flag, Positive, Share, Spec

Norm = Literal["none", "layer", "batch"]
Parametrisation = Literal["standard", "ntk"]

CURVES = "what stands for a number before the first layer"
FRONT = "a learned factor on each input of the first layer, which learns fast"
PARAMETRIC = "each unit learns how far its activation bends"
NTK = "`ntk`: weights about 1, divided by the root of their number; wants a learning rate near 0.1"
CLIP = "values predicted stay in the range of the training targets"


class Linear(Spec):
    """One linear layer: linear or logistic regression (Legendre, 1805; Cox, 1958)."""

    name: Literal["linear"] = "linear"
    init: Init = Field(Glorot(), description="how the weights are drawn")
    embedding_size: Count = Field(8, description="numbers that stand for a level of an embedded column")
    clip_output: Flag = Field(False, description=CLIP)
    members: ClassVar[int] = 1


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
    numeric_embedding: NumericEmbedding = Field(Raw(), description=CURVES)
    front_scale: Flag = Field(False, description=FRONT)
    parametric: Flag = Field(False, description=PARAMETRIC)
    parametrisation: Parametrisation = Field("standard", description=NTK)
    clip_output: Flag = Field(False, description=CLIP)
    members: ClassVar[int] = 1


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
    numeric_embedding: NumericEmbedding = Field(Raw(), description=CURVES)
    clip_output: Flag = Field(False, description=CLIP)
    members: ClassVar[int] = 1

    @property
    def hidden(self) -> int:
        """The hidden units of a block."""
        return max(1, round(self.width * self.factor))


class Realmlp(Spec):
    """RealMLP, an MLP with all that was found to help on tables (Holzmueller et al., 2024).

    Its recipe is in `configs/`: robust scaling, `coslog`, scheduled dropout and weight decay, the last of tied epochs.
    """

    name: Literal["realmlp"] = "realmlp"
    hidden: tuple[Count, ...] = Field((256, 256, 256), min_length=1, max_length=100, description="units of each block")
    activation: Activation = Field(Mish(), description="what follows each hidden linear layer; `selu` for classes")
    norm: Norm = Field("none", description="`layer` or `batch` norm before each activation")
    dropout: Share = Field(0.15, description="share of the units that a training step leaves out")
    init: Init = Field(DataDriven(), description="how hidden weights are drawn")
    last_init: Init = Field(DataDriven(), description="how the weights of the last layer are drawn")
    embedding_size: Count = Field(8, description="numbers that stand for a level of an embedded column")
    numeric_embedding: NumericEmbedding = Field(Pbld(), description=CURVES)
    front_scale: Flag = Field(True, description=FRONT)
    parametric: Flag = Field(True, description=PARAMETRIC)
    parametrisation: Parametrisation = Field("ntk", description=NTK)
    clip_output: Flag = Field(True, description=CLIP)
    members: ClassVar[int] = 1


class Tabm(Spec):
    """TabM, an ensemble of MLPs that share most weights and are trained as one network (Gorishniy et al., 2025).

    `mini`: members differ in factors on their inputs and in their last layers; `full`: in factors around each hidden
    layer, too; `packed`: in everything. Each has a loss of its own; the prediction is the mean of theirs.
    """

    name: Literal["tabm"] = "tabm"
    variant: Literal["mini", "full", "packed"] = Field("mini", description="what the members share")
    ensemble: Annotated[int, Strict(), Field(ge=2, le=1000)] = Field(32, description="members")
    own_rows: Flag = Field(True, description="a step shows each member rows of its own; else all see the same")
    hidden: tuple[Count, ...] = Field((512, 512), min_length=1, max_length=100, description="units of each block")
    activation: Activation = Field(Relu(), description="what follows each hidden linear layer")
    dropout: Share = Field(0.1, description="share of the units that a training step leaves out")
    init: Init = Field(Uniform(), description="how hidden weights are drawn")
    last_init: Init = Field(Uniform(), description="how the weights of the last layers are drawn")
    embedding_size: Count = Field(8, description="numbers that stand for a level of an embedded column")
    numeric_embedding: NumericEmbedding = Field(Ple(), description=CURVES)
    clip_output: Flag = Field(False, description=CLIP)

    @property
    def members(self) -> int:
        """How many there are."""
        return self.ensemble


Model = Annotated[Linear | Mlp | Resnet | Realmlp | Tabm, Field(discriminator="name"), ByName]
