"""How the learning rate moves over training: a factor for each step."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, inf, log2, pi
from typing import Annotated, ClassVar, Literal

from pydantic import Field, Strict

from netrain.spec import ByName, Count, Positive, Share, Spec

WARMUP = "share of the steps over which the rate rises from 0, linearly"
FLOOR = "the share of the rate that is left at the end"

Part = Annotated[float, Strict(), Field(gt=0, lt=1)]
AtLeastOne = Annotated[float, Strict(), Field(ge=1)]
Few = Annotated[int, Strict(), Field(ge=1, le=100)]

History = Sequence[float | None]

# Every schedule is called with
#   step, total     the step, from 0, of the total of steps
#   history         the figure that chooses the best epoch, of each epoch so far, signed so that smaller is better;
#                   None where it is missing
# and gives the factor on the optimizer's learning rate. `looks_ahead` says whether the total matters.


class Constant(Spec):
    """The same rate throughout, after warm-up."""

    name: Literal["constant"] = "constant"
    warmup: Share = Field(0.0, description=WARMUP)

    @property
    def looks_ahead(self) -> bool:
        """Only the warm-up is a share of the whole."""
        return self.warmup > 0

    def __call__(self, step: int, total: int, history: History) -> float:  # noqa: ARG002
        """1, after warm-up."""
        return ramp(step, self.warmup * total)


class Linear(Spec):
    """A line from the full rate down to a floor, after warm-up (Li et al., 2020)."""

    name: Literal["linear"] = "linear"
    warmup: Share = Field(0.0, description=WARMUP)
    floor: Share = Field(0.0, description=FLOOR)
    looks_ahead: ClassVar[bool] = True

    def __call__(self, step: int, total: int, history: History) -> float:  # noqa: ARG002
        """From 1 down to the floor."""
        fall = 1.0 - progress(step, total, self.warmup)
        return ramp(step, self.warmup * total) * (self.floor + (1.0 - self.floor) * fall)


class Cosine(Spec):
    """Half a cosine from the full rate down to a floor, after warm-up (Loshchilov and Hutter, 2017)."""

    name: Literal["cosine"] = "cosine"
    warmup: Share = Field(0.0, description=WARMUP)
    floor: Share = Field(0.0, description=FLOOR)
    looks_ahead: ClassVar[bool] = True

    def __call__(self, step: int, total: int, history: History) -> float:  # noqa: ARG002
        """From 1 down to the floor."""
        fall = half_cosine(progress(step, total, self.warmup))
        return ramp(step, self.warmup * total) * (self.floor + (1.0 - self.floor) * fall)


class CosineRestarts(Spec):
    """Several half cosines, each from the full rate down to a floor (Loshchilov and Hutter, 2017)."""

    name: Literal["cosine_restarts"] = "cosine_restarts"
    warmup: Share = Field(0.0, description=WARMUP)
    floor: Share = Field(0.0, description="the share of the rate that is left at the end of each cosine")
    cycles: Few = Field(3, description="how many cosines")
    growth: Annotated[float, Strict(), Field(ge=1, le=10)] = Field(2.0, description="how much longer each is")
    looks_ahead: ClassVar[bool] = True

    def __call__(self, step: int, total: int, history: History) -> float:  # noqa: ARG002
        """From 1 down to the floor, again and again."""
        lengths = [self.growth**cycle for cycle in range(self.cycles)]
        at, cycle = progress(step, total, self.warmup) * sum(lengths), 0
        while cycle < self.cycles - 1 and at >= lengths[cycle]:
            at -= lengths[cycle]
            cycle += 1
        fall = half_cosine(min(at / lengths[cycle], 1.0))
        return ramp(step, self.warmup * total) * (self.floor + (1.0 - self.floor) * fall)


class Step(Spec):
    """Drops by the same factor after equal parts of the run (He et al., 2016)."""

    name: Literal["step"] = "step"
    warmup: Share = Field(0.0, description=WARMUP)
    factor: Part = Field(0.1, description="what a drop multiplies the rate by")
    drops: Few = Field(2, description="how many; there is one part more")
    looks_ahead: ClassVar[bool] = True

    def __call__(self, step: int, total: int, history: History) -> float:  # noqa: ARG002
        """factor^k in part k, from 0."""
        part = min(int(progress(step, total, self.warmup) * (self.drops + 1)), self.drops)
        return ramp(step, self.warmup * total) * self.factor**part


class Exponential(Spec):
    """Falls by the same share in every step, from the full rate to a floor (Senior et al., 2013)."""

    name: Literal["exponential"] = "exponential"
    warmup: Share = Field(0.0, description=WARMUP)
    floor: Part = Field(0.01, description=FLOOR)
    looks_ahead: ClassVar[bool] = True

    def __call__(self, step: int, total: int, history: History) -> float:  # noqa: ARG002
        """From 1 down to the floor."""
        return float(ramp(step, self.warmup * total) * self.floor ** progress(step, total, self.warmup))


class OneCycle(Spec):
    """Half a cosine up from a low rate to the full one, and another down to almost nothing (Smith and Topin, 2019)."""

    name: Literal["one_cycle"] = "one_cycle"
    rise: Share = Field(0.3, description="share of the steps over which the rate rises")
    start_div: AtLeastOne = Field(25.0, description="the first rate is the full one divided by this")
    end_div: AtLeastOne = Field(1e4, description="and so is the last, by this")
    looks_ahead: ClassVar[bool] = True

    def __call__(self, step: int, total: int, history: History) -> float:  # noqa: ARG002
        """Up to 1 and down."""
        peak = self.rise * total
        if step < peak:
            return 1.0 - (1.0 - 1.0 / self.start_div) * half_cosine(step / peak)
        low = 1.0 / self.end_div
        return low + (1.0 - low) * half_cosine(progress(step, total, self.rise))


class Plateau(Spec):
    """Drops by a factor whenever the best figure has not improved for some epochs (Krizhevsky et al., 2012)."""

    name: Literal["plateau"] = "plateau"
    warmup: Share = Field(0.0, description=WARMUP)
    factor: Part = Field(0.5, description="what a drop multiplies the rate by")
    epochs: Count = Field(5, description="epochs without a better figure before a drop")

    @property
    def looks_ahead(self) -> bool:
        """Only the warm-up is a share of the whole."""
        return self.warmup > 0

    def __call__(self, step: int, total: int, history: History) -> float:
        """factor^drops; an epoch without a figure counts neither way."""
        best, idle, drops = inf, 0, 0
        for figure in history:
            if figure is None:
                continue
            if figure < best:
                best, idle = figure, 0
            else:
                idle += 1
                if idle == self.epochs:
                    idle, drops = 0, drops + 1
        return float(ramp(step, self.warmup * total) * self.factor**drops)


class CosLog(Spec):
    """Waves from 0 up and down to 0, each twice as long as the one before (Holzmueller et al., 2024)."""

    name: Literal["coslog"] = "coslog"
    cycles: Few = Field(4, description="how many waves")
    looks_ahead: ClassVar[bool] = True

    def __call__(self, step: int, total: int, history: History) -> float:  # noqa: ARG002
        """(1 - cos(2 pi log2(1 + (2^cycles - 1) t))) / 2, at the middle of the step's share t of the run."""
        t = min((step + 0.5) / total, 1.0)
        return 0.5 * (1.0 - cos(2.0 * pi * log2(1.0 + (2.0**self.cycles - 1.0) * t)))


class FlatCosine(Spec):
    """The full rate, then half a cosine down to 0 (Holzmueller et al., 2024)."""

    name: Literal["flat_cosine"] = "flat_cosine"
    flat: Share = Field(0.5, description="share of the steps at the full rate")
    looks_ahead: ClassVar[bool] = True

    def __call__(self, step: int, total: int, history: History) -> float:  # noqa: ARG002
        """1, then down to 0."""
        return half_cosine(progress(step, total, self.flat))


class Sweep(Spec):
    """Rises by the same share in every step, to find a rate (Smith, 2017). No choice of a config."""

    factor: Positive = Field(1e7, description="how many times the first rate the last one is")
    looks_ahead: ClassVar[bool] = True

    def __call__(self, step: int, total: int, history: History) -> float:  # noqa: ARG002
        """From 1 to the factor."""
        return float(self.factor ** (step / max(total - 1, 1)))


Schedule = Annotated[
    Constant | Linear | Cosine | CosineRestarts | Step | Exponential | OneCycle | Plateau | CosLog | FlatCosine,
    Field(discriminator="name"),
    ByName,
]


def ramp(step: int, length: float) -> float:
    """(step + 1) / length up to 1: the first step already moves."""
    return min(1.0, (step + 1) / length) if length > 0 else 1.0


def progress(step: int, total: int, before: float) -> float:
    """How much is over of the run after its first share `before`: 0 until then, 1 at the end."""
    start = before * total
    return min(max((step - start) / max(total - start, 1.0), 0.0), 1.0)


def half_cosine(share: float) -> float:
    """From 1 at 0 down to 0 at 1."""
    return 0.5 * (1.0 + cos(pi * share))
