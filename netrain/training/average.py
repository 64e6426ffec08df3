"""Which weights are validated and kept: those of the last step, or an average over steps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from netrain.lazy import np
from netrain.nn.memory import blocks, scratch
from netrain.spec import ByName, Share, Spec

if TYPE_CHECKING:
    from netrain.inputs import Floats

# Every average has
#   slots                           the names of its vectors, as long as all weights and equal to them at the start
#   follow(values, slots, step)     after each step, counted from 1, in place
#   weights(values, slots)          those to validate and keep, running statistics included; not to be written to


class NoAverage(Spec):
    """The weights as they are."""

    name: Literal["none"] = "none"
    slots: ClassVar[tuple[str, ...]] = ()

    def follow(self, values: Floats, slots: Mapping[str, Floats], step: int) -> None:
        """Nothing."""

    def weights(self, values: Floats, slots: Mapping[str, Floats]) -> Floats:  # noqa: ARG002
        """The values themselves."""
        return values


class Ema(Spec):
    """An exponential moving average, in which early steps fade faster (Polyak and Juditsky, 1992)."""

    name: Literal["ema"] = "ema"
    decay: Share = Field(0.999, description="the share of the average that a step leaves; less in the first steps")
    slots: ClassVar[tuple[str, ...]] = ("average",)

    def follow(self, values: Floats, slots: Mapping[str, Floats], step: int) -> None:
        """a = d a + (1 - d) w with d = min(decay, (1 + step) / (10 + step))."""
        share = 1.0 - min(self.decay, (1.0 + step) / (10.0 + step))
        for a, w in blocks(slots["average"], values):
            (gap,) = scratch(1, a.shape, a.dtype)
            np.multiply(np.subtract(w, a, out=gap), share, out=gap)
            np.add(a, gap, out=a)

    def weights(self, values: Floats, slots: Mapping[str, Floats]) -> Floats:  # noqa: ARG002
        """The average."""
        return slots["average"]


Average = Annotated[NoAverage | Ema, Field(discriminator="name"), ByName]
