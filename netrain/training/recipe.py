"""How a network is trained: the `training` part of a config."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from netrain.nn.optimizers import AdamW, Optimizer
from netrain.nn.schedules import Cosine, Schedule
from netrain.spec import ByName, Count, NotNegative, Positive, Spec
from netrain.training.stopping import Patience, StopRule


class ClipNorm(Spec):
    """A gradient longer than `max` is scaled down to it (Pascanu et al., 2013)."""

    name: Literal["norm"] = "norm"
    max: Positive = Field(1.0, description="the longest gradient that is left as it is")

    def factor(self, norm: float) -> float:
        """What the gradient is multiplied by."""
        return min(1.0, self.max / norm) if norm > 0 else 1.0


class NoClip(Spec):
    """Gradients as they come."""

    name: Literal["none"] = "none"

    def factor(self, norm: float) -> float:  # noqa: ARG002
        """1."""
        return 1.0


Clip = Annotated[ClipNorm | NoClip, Field(discriminator="name"), ByName]


def as_list(value: Any) -> Any:
    """One rule may stand without its list."""
    return value if isinstance(value, list | tuple) else [value]


class Training(Spec):
    """Epochs, batches, the optimizer and when to stop."""

    epochs: Count = Field(200, description="passes over the training rows, at most")
    batch_size: Count = Field(128, description="rows of a step")
    optimizer: Optimizer = Field(AdamW(), description="how gradients change the weights")
    schedule: Schedule = Field(Cosine(warmup=0.05), description="how the learning rate moves")
    clip: Clip = Field(NoClip(), description="a bound on gradients")
    stop: Annotated[tuple[StopRule, ...], BeforeValidator(as_list)] = Field(
        (Patience(),), description="one rule or a list; the first to fire ends the training"
    )
    save_every: NotNegative = Field(1.0, description="seconds between saves, at least")
