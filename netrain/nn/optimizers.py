"""How a gradient changes the parameters. State lives in slots, one vector like the parameters each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from netrain.lazy import np
from netrain.spec import ByName, Flag, NotNegative, Positive, Share, Spec

if TYPE_CHECKING:
    from netrain.inputs import Floats

# Every optimizer has
#   slots                                                   the names of its vectors [p], zero at the start
#   update(params, grads, slots, *, step, lr, decay)        in place; uses up grads
# step counts from 1, lr is the scheduled learning rate, and params[:decay] are those that weight decay is for.


class Sgd(Spec):
    """Gradient descent with momentum (Polyak, 1964), or Nesterov's (Sutskever et al., 2013)."""

    name: Literal["sgd"] = "sgd"
    learning_rate: Positive = 1e-2
    momentum: Share = Field(0.9, description="share of the last direction that is kept; 0: none")
    nesterov: Flag = Field(False, description="look ahead along the momentum; needs momentum")
    weight_decay: NotNegative = Field(0.0, description="decoupled: weights shrink by lr * this in a step")
    slots: ClassVar[tuple[str, ...]] = ("velocity",)

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> Self:
        if self.nesterov and not self.momentum:
            raise ValueError("`nesterov: true` needs a `momentum` above 0")
        return self

    def update(
        self, params: Floats, grads: Floats, slots: Mapping[str, Floats], *, step: int, lr: float, decay: int
    ) -> None:
        """v = momentum v + g; p -= lr v, or lr (g + momentum v) with Nesterov."""  # step has no part in it
        del step
        shrink(params, decay, lr * self.weight_decay)
        velocity = slots["velocity"]
        np.multiply(velocity, self.momentum, out=velocity)
        np.add(velocity, grads, out=velocity)
        if self.nesterov:
            np.multiply(grads, lr, out=grads)
            np.subtract(params, grads, out=params)
            np.multiply(velocity, lr * self.momentum, out=grads)
        else:
            np.multiply(velocity, lr, out=grads)
        np.subtract(params, grads, out=params)


class Adam(Spec):
    """Steps scaled by running moments of the gradient (Kingma and Ba, 2015). Without weight decay."""

    name: Literal["adam"] = "adam"
    learning_rate: Positive = 1e-3
    beta1: Share = Field(0.9, description="decay of the first moment")
    beta2: Share = Field(0.999, description="decay of the second moment")
    epsilon: Positive = 1e-8
    slots: ClassVar[tuple[str, ...]] = ("m", "v")

    def update(
        self, params: Floats, grads: Floats, slots: Mapping[str, Floats], *, step: int, lr: float, decay: int
    ) -> None:
        """p -= lr m^ / (sqrt v^ + epsilon)."""
        del decay
        adam(self, params, grads, slots, step, lr)


class AdamW(Spec):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."""

    name: Literal["adamw"] = "adamw"
    learning_rate: Positive = 1e-3
    beta1: Share = Field(0.9, description="decay of the first moment")
    beta2: Share = Field(0.999, description="decay of the second moment")
    epsilon: Positive = 1e-8
    weight_decay: NotNegative = Field(1e-2, description="decoupled: weights shrink by lr * this in a step")
    slots: ClassVar[tuple[str, ...]] = ("m", "v")

    def update(
        self, params: Floats, grads: Floats, slots: Mapping[str, Floats], *, step: int, lr: float, decay: int
    ) -> None:
        """p -= lr weight_decay p, then Adam's step."""
        shrink(params, decay, lr * self.weight_decay)
        adam(self, params, grads, slots, step, lr)


Optimizer = Annotated[Sgd | Adam | AdamW, Field(discriminator="name"), ByName]


def shrink(params: Floats, decay: int, share: float) -> None:
    """Decoupled weight decay: the decayed parameters lose a share of themselves."""
    if share:
        np.multiply(params[:decay], 1.0 - share, out=params[:decay])


def adam(spec: Adam | AdamW, params: Floats, grads: Floats, slots: Mapping[str, Floats], step: int, lr: float) -> None:
    """Adam's step. The slots hold m / (1 - beta1) and v / (1 - beta2), which saves two passes over memory."""
    m, v = slots["m"], slots["v"]
    np.multiply(m, spec.beta1, out=m)
    np.add(m, grads, out=m)
    np.multiply(v, spec.beta2, out=v)
    np.multiply(grads, grads, out=grads)
    np.add(v, grads, out=v)
    # with m^ = c1 m and v^ = c2 v:  lr m^ / (sqrt v^ + eps) = (lr c1 / sqrt c2) m / (sqrt v + eps / sqrt c2)
    c1 = (1.0 - spec.beta1) / (1.0 - spec.beta1**step)
    root_c2 = ((1.0 - spec.beta2) / (1.0 - spec.beta2**step)) ** 0.5
    np.sqrt(v, out=grads)
    np.add(grads, spec.epsilon / root_c2, out=grads)
    np.divide(m, grads, out=grads)
    np.multiply(grads, lr * c1 / root_c2, out=grads)
    np.subtract(params, grads, out=params)
