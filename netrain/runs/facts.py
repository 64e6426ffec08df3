"""What a checkpoint says of itself, checked before any of it is used."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, Strict, model_validator

from netrain.config import AutoLoss, Config
from netrain.data.features import Preprocessor
from netrain.data.target import Classes, Labels, TargetCoding, Values
from netrain.nn.losses import BinaryCrossEntropy, CrossEntropy, Loss, Quantile
from netrain.spec import NotNegative, Number, Spec
from netrain.training.fit import State

Whole = Annotated[int, Strict(), Field(ge=0, lt=2**53)]

PLAIN = [f.name for f in fields(State) if f.name not in ("slots", "best")]  # of a State, what is JSON


class StateFacts(Spec):
    """The numbers of a State."""

    epoch: Whole
    batch: Whole
    step: Whole
    loss_sum: Number
    norm_sum: Number
    rate: NotNegative = 0.0
    update_norm: NotNegative = 0.0
    best_epoch: Whole
    history: tuple[dict[str, Number | None], ...]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if len(self.history) != self.epoch or self.best_epoch > self.epoch:
            raise ValueError(f"{len(self.history)} figures and the best epoch {self.best_epoch} of {self.epoch}")
        return self


class Member(Spec):
    """What a bag says of one of its networks."""

    epoch: Whole
    figures: dict[str, Number | None]


class Facts(Spec):
    """Everything but the tensors. What a later version adds is passed over."""

    model_config = ConfigDict(extra="ignore")

    kind: Literal["best", "last"]
    netrain: str
    environment: dict[str, str] = Field({})
    config: Config
    preprocessor: Preprocessor
    coding: TargetCoding
    fingerprint: str
    epoch: Whole
    figures: dict[str, Number | None]
    state: StateFacts | None = None
    members: tuple[Member, ...] = ()  # of a bag

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        loss = self.config.loss
        if isinstance(loss, AutoLoss):
            raise ValueError("its config is not complete: the loss is open")
        if not speaks(loss, self.coding):
            raise ValueError(f"the loss `{loss.name}` is not for this target")
        networks = self.config.training.networks
        if len(self.members) != (networks if networks > 1 else 0) or (networks > 1 and self.kind == "last"):
            raise ValueError(f"{len(self.members)} members where {networks} are told")
        return self


def speaks(loss: Loss, coding: TargetCoding) -> bool:
    """Whether a loss is for a target coded so."""
    match coding:
        case Classes():
            return isinstance(loss, CrossEntropy) or (isinstance(loss, BinaryCrossEntropy) and coding.classes == 2)
        case Labels():
            return isinstance(loss, BinaryCrossEntropy)
        case Values():
            quantiles = tuple(sorted(loss.quantiles)) if isinstance(loss, Quantile) else ()
            return loss.task == "regression" and quantiles == coding.quantiles and (coding.raw or not loss.raw)
