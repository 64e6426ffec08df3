"""What changes in training beside the weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import Literal

from netrain.inputs import Floats
from netrain.metrics import higher_is_better
from netrain.training.recipe import Training

Figures = dict[str, float | None]


@dataclass
class State:
    """Saved whole, so that a resumed run equals an unbroken one."""

    epoch: int = 0  # epochs finished
    batch: int = 0  # batches done of the epoch under way
    step: int = 0  # updates made
    loss_sum: float = 0.0  # over the rows of the epoch under way
    norm_sum: float = 0.0  # of gradients, over its batches
    rate: float = 0.0  # the learning rate of the last step
    update_norm: float = 0.0  # of the last step of an epoch
    best_epoch: int = 0  # 0: none yet
    history: list[Figures] = field(default_factory=list)  # validation figures of each epoch
    slots: dict[str, Floats] = field(default_factory=dict)  # those of `slot_names`
    best: Floats | None = None  # the weights of the best epoch

    def better(self, metric: str, ties: Literal["first", "last"] = "first") -> bool:
        """Whether the last epoch beats the best one, or is its equal where `ties` are for the last.

        A figure that is missing or not finite beats nothing.
        """
        if metric not in self.history[-1]:  # nothing is validated: the last epoch is the model
            return True
        now = self.history[-1][metric]
        before = self.history[self.best_epoch - 1][metric] if self.best_epoch else None
        if now is None or not isfinite(now):
            return False
        if ties == "last" and now == before:
            return True
        return before is None or (now > before if higher_is_better(metric) else now < before)


def slot_names(training: Training) -> tuple[str, ...]:
    """The names of `State.slots` once training has begun: the optimizer's vectors [p], the average's [p + s]."""
    return (*training.optimizer.slots, *training.average.slots)
