"""How the learning rate moves over training: a factor for each step."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi
from typing import Annotated, Literal

from pydantic import Field

from netrain.spec import ByName, Share, Spec

WARMUP = "share of the steps over which the rate rises from 0, linearly"

# Every schedule is called with the step (from 0), the total of steps, and the validation metric of each epoch
# so far, and gives the factor on the optimizer's learning rate. `looks_ahead` says whether the total matters.


class Constant(Spec):
    """The same rate throughout, after warm-up."""

    name: Literal["constant"] = "constant"
    warmup: Share = Field(0.0, description=WARMUP)

    @property
    def looks_ahead(self) -> bool:
        """Only the warm-up is a share of the whole."""
        return self.warmup > 0

    def __call__(self, step: int, total: int, history: Sequence[float | None]) -> float:  # noqa: ARG002
        """1, after warm-up."""
        return ramp(step, self.warmup * total)


class Cosine(Spec):
    """Half a cosine from the full rate down to a floor, after warm-up (Loshchilov and Hutter, 2017)."""

    name: Literal["cosine"] = "cosine"
    warmup: Share = Field(0.0, description=WARMUP)
    floor: Share = Field(0.0, description="the share of the rate that is left at the end")

    @property
    def looks_ahead(self) -> bool:
        """Every factor depends on the total."""
        return True

    def __call__(self, step: int, total: int, history: Sequence[float | None]) -> float:  # noqa: ARG002
        """From 1 down to the floor."""
        start = self.warmup * total
        if step < start:
            return ramp(step, start)
        progress = (step - start) / max(total - start, 1.0)
        return self.floor + (1.0 - self.floor) * 0.5 * (1.0 + cos(pi * min(progress, 1.0)))


Schedule = Annotated[Constant | Cosine, Field(discriminator="name"), ByName]


def ramp(step: int, length: float) -> float:
    """(step + 1) / length up to 1: the first step already moves."""
    return min(1.0, (step + 1) / length) if length > 0 else 1.0
