"""How a network is trained: the `training` part of a config."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from netrain.nn.optimizers import AdamW, Optimizer
from netrain.nn.schedules import Constant, Cosine, Schedule
from netrain.spec import Count, NotNegative, Spec, as_list
from netrain.training.average import Average, NoAverage
from netrain.training.clip import Clip, NoClip
from netrain.training.stopping import Patience, StopRule


class Training(Spec):
    """Epochs, batches, the optimizer and when to stop."""

    epochs: Count = Field(200, description="passes over the training rows, at most")
    batch_size: Count = Field(128, description="rows of a step")
    optimizer: Optimizer = Field(AdamW(), description="how gradients change the weights")
    schedule: Schedule = Field(Cosine(warmup=0.05), description="how the learning rate moves")
    dropout_schedule: Schedule = Field(Constant(), description="how dropout moves: a factor on its rates")
    decay_schedule: Schedule = Field(Constant(), description="how weight decay moves, beside the learning rate")
    clip: Clip = Field(NoClip(), description="a bound on gradients")
    l1: NotNegative = Field(0.0, description="pulls weights to exactly 0: each loses up to lr * this in a step")
    noise: NotNegative = Field(
        0.0, description="deviation of the normal noise that training adds to numeric inputs (Bishop, 1995)"
    )
    average: Average = Field(NoAverage(), description="`ema`: validate and keep a moving average of the weights")
    stop: Annotated[tuple[StopRule, ...], BeforeValidator(as_list)] = Field(
        (Patience(),), description="one rule or a list; the first to fire ends the training"
    )
    ties: Literal["first", "last"] = Field("first", description="which of epochs with the same best figure is kept")
    bag: Annotated[Count, Field(le=20)] = Field(
        1, description="networks, each validated on a fold of the rows that it does not train on, that answer as one"
    )
    member: Annotated[int, Field(ge=0, strict=True)] = Field(
        0, description="train this network of the bag alone, from 1; 0: all"
    )
    start_from: str = Field("", description="a checkpoint or run whose weights and preprocessing are the start")
    freeze: tuple[str, ...] = Field((), description="parameters, or parts of the network, that stay as they start")
    save_every: NotNegative = Field(1.0, description="seconds between saves, at least")

    @property
    def networks(self) -> int:
        """How many networks answer."""
        return 1 if self.member else self.bag

    @model_validator(mode="after")
    def _has_member(self) -> Self:
        if self.member and not 1 < self.bag >= self.member:
            raise ValueError(f"`member: {self.member}` of a bag of {self.bag}")
        return self
