"""How a network is trained: the `training` part of a config."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

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
    start_from: str = Field("", description="a checkpoint or run whose weights and preprocessing are the start")
    freeze: tuple[str, ...] = Field((), description="parameters, or parts of the network, that stay as they start")
    save_every: NotNegative = Field(1.0, description="seconds between saves, at least")
