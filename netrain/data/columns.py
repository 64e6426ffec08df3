"""How a column becomes inputs of the network: the choice, without anything fitted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from netrain.spec import ByName, Count, Spec


class Standardize(Spec):
    """Mean 0 and deviation 1 over the training rows."""

    name: Literal["standardize"] = "standardize"


class Unscaled(Spec):
    """As it stands in the table."""

    name: Literal["none"] = "none"


Scale = Annotated[Standardize | Unscaled, Field(discriminator="name"), ByName]


class Numeric(Spec):
    """A number. A missing one becomes the mean of the training rows."""

    name: Literal["numeric"] = "numeric"
    scale: Scale = Field(Standardize(), description="how the numbers are scaled")


class Categorical(Spec):
    """One of a set of levels, those of the training rows; any other counts as missing."""

    name: Literal["categorical"] = "categorical"
    encode: Literal["auto", "one_hot", "embedding"] = Field(
        "auto", description="one input a level, or a learned vector; `auto`: by the number of levels"
    )
    one_hot_up_to: Count = Field(16, description="with `auto`: more levels than this are embedded")


class Drop(Spec):
    """Not used."""

    name: Literal["drop"] = "drop"


Column = Annotated[Numeric | Categorical | Drop, Field(discriminator="name"), ByName]
