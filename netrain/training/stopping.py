"""When training ends before its last epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from netrain.metrics import higher_is_better
from netrain.spec import ByName, Count, NotNegative, Number, Positive, Spec

Figures = Mapping[str, float | None]  # validation loss and metrics of an epoch

# Every rule has  fired(history, seconds) -> the reason in words, or None
# with the figures of every epoch so far, and the seconds that the run has taken.


class Patience(Spec):
    """Stop when a validation figure has not improved for so many epochs."""

    name: Literal["patience"] = "patience"
    metric: str = Field("loss", description="a validation figure")
    epochs: Count = Field(20, description="epochs without a better figure")
    min_delta: NotNegative = Field(0.0, description="a figure is better only by more than this")

    def fired(self, history: Sequence[Figures], seconds: float) -> str | None:  # noqa: ARG002
        """Counted from the best epoch."""
        if len(history) - self.best(history) > self.epochs - 1 and len(history) > self.epochs:
            return f"no better {self.metric} in {self.epochs} epochs"
        return None

    def left(self, history: Sequence[Figures]) -> int:
        """The epochs that may still pass without a better figure."""
        return max(0, self.epochs - (len(history) - self.best(history)))

    def best(self, history: Sequence[Figures]) -> int:
        """The number of the last epoch, from 1, that was better than all before it; 0: none."""
        sign = 1.0 if higher_is_better(self.metric) else -1.0
        best, at = float("-inf"), 0
        for epoch, figures in enumerate(history, start=1):
            figure = figures.get(self.metric)
            if figure is not None and sign * figure > best + (self.min_delta if at else 0.0):
                best, at = sign * figure, epoch
        return at


class Target(Spec):
    """Stop when a validation figure reaches a value."""

    name: Literal["target"] = "target"
    metric: str = Field("loss", description="a validation figure")
    value: Number = Field(description="where to stop")

    def fired(self, history: Sequence[Figures], seconds: float) -> str | None:  # noqa: ARG002
        """At or beyond the value."""
        figure = history[-1].get(self.metric) if history else None
        if figure is None:
            return None
        reached = figure >= self.value if higher_is_better(self.metric) else figure <= self.value
        return f"{self.metric} reached {figure:.6g}" if reached else None


class Time(Spec):
    """Stop when the run has taken so long; looked at within epochs too."""

    name: Literal["time"] = "time"
    seconds: Positive = Field(description="seconds of the run, those before a resume included")

    def fired(self, history: Sequence[Figures], seconds: float) -> str | None:  # noqa: ARG002
        """By the clock."""
        return f"{self.seconds:g} seconds are over" if seconds >= self.seconds else None


class Never(Spec):
    """Train all epochs."""

    name: Literal["never"] = "never"

    def fired(self, history: Sequence[Figures], seconds: float) -> str | None:  # noqa: ARG002
        """Not before the last epoch."""
        return None


StopRule = Annotated[Patience | Target | Time | Never, Field(discriminator="name"), ByName]
