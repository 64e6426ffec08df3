"""A bound on gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from netrain.lazy import np
from netrain.spec import ByName, Positive, Spec

if TYPE_CHECKING:
    from netrain.inputs import Floats

# Every bound has  apply(grads, norm) -> None  which changes the gradient [p], `norm` long, in place.


class NoClip(Spec):
    """Gradients as they come."""

    name: Literal["none"] = "none"

    def apply(self, grads: Floats, norm: float) -> None:
        """Nothing."""


class ClipNorm(Spec):
    """A gradient longer than `max` is scaled down to it (Pascanu et al., 2013)."""

    name: Literal["norm"] = "norm"
    max: Positive = Field(1.0, description="the longest gradient that is left as it is")

    def apply(self, grads: Floats, norm: float) -> None:
        """The direction stays."""
        if norm > self.max:
            np.multiply(grads, self.max / norm, out=grads)


class ClipValue(Spec):
    """Each number of a gradient is cut off at `max`, and at -max (Mikolov, 2012)."""

    name: Literal["value"] = "value"
    max: Positive = Field(1.0, description="the largest number that is left as it is")

    def apply(self, grads: Floats, norm: float) -> None:  # noqa: ARG002
        """The direction may change."""
        np.clip(grads, -self.max, self.max, out=grads)


Clip = Annotated[NoClip | ClipNorm | ClipValue, Field(discriminator="name"), ByName]
