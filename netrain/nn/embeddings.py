"""How a number becomes several inputs before the first layer: the choice, with nothing bound."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Strict

from netrain.spec import ByName, Count, Positive, Spec

Bins = Annotated[int, Strict(), Field(ge=2, le=1000)]
Size = Annotated[int, Strict(), Field(ge=2, le=1000)]
RATE = "factor on the learning rate for the embedding"


class Raw(Spec):
    """The number itself."""

    name: Literal["none"] = "none"


class Ple(Spec):
    """A learned piecewise linear curve a number (Gorishniy et al., 2022), added to a linear one as TabM does.

    The curve bends at quantiles of the training rows, or where a tree of this column alone would split them. At
    quantiles, a value of many rows counts as one bend, and the others are quantiles of the other rows.
    """

    name: Literal["ple"] = "ple"
    bins: Bins = Field(48, description="pieces of a curve, at most")
    size: Size = Field(16, description="inputs that stand for a number")
    edges: Literal["quantile", "tree"] = Field(
        "quantile", description="where curves bend: `quantile`, or `tree` to look at the target too"
    )
    rate: Positive = Field(1.0, description=RATE)


class Plr(Spec):
    """Waves of learned frequencies, a linear layer and ReLU for each number (Gorishniy et al., 2022)."""

    name: Literal["plr"] = "plr"
    frequencies: Count = Field(48, description="waves a number")
    size: Size = Field(24, description="inputs that stand for a number")
    sigma: Positive = Field(0.1, description="deviation of the frequencies at the start; the one to tune")
    rate: Positive = Field(1.0, description=RATE)


class Pbld(Spec):
    """Waves of learned frequencies and phases, a linear layer, and the number itself (Holzmueller et al., 2024)."""

    name: Literal["pbld"] = "pbld"
    frequencies: Count = Field(16, description="waves a number")
    size: Size = Field(4, description="inputs that stand for a number, itself included")
    sigma: Positive = Field(0.1, description="deviation of the frequencies at the start")
    rate: Positive = Field(0.1, description=RATE)


NumericEmbedding = Annotated[Raw | Ple | Plr | Pbld, Field(discriminator="name"), ByName]
