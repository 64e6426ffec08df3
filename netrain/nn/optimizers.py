"""How a gradient changes the parameters. State lives in slots, one vector like the parameters each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from netrain.lazy import np
from netrain.nn.memory import blocks, scratch
from netrain.spec import ByName, Flag, NotNegative, Positive, Share, Spec

if TYPE_CHECKING:
    from netrain.inputs import Floats

DECOUPLED = "decoupled: weights shrink by lr * this in a step"

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
    weight_decay: NotNegative = Field(0.0, description=DECOUPLED)
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
        for p, g, v in blocks(params, grads, slots["velocity"]):
            np.multiply(v, self.momentum, out=v)
            np.add(v, g, out=v)
            if self.nesterov:
                np.subtract(p, np.multiply(g, lr, out=g), out=p)
                np.multiply(v, lr * self.momentum, out=g)
            else:
                np.multiply(v, lr, out=g)
            np.subtract(p, g, out=p)


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
    weight_decay: NotNegative = Field(1e-2, description=DECOUPLED)
    slots: ClassVar[tuple[str, ...]] = ("m", "v")

    def update(
        self, params: Floats, grads: Floats, slots: Mapping[str, Floats], *, step: int, lr: float, decay: int
    ) -> None:
        """p -= lr weight_decay p, then Adam's step."""
        shrink(params, decay, lr * self.weight_decay)
        adam(self, params, grads, slots, step, lr)


class RmsProp(Spec):
    """Steps scaled by a running mean of squared gradients (Tieleman and Hinton, 2012)."""

    name: Literal["rmsprop"] = "rmsprop"
    learning_rate: Positive = 1e-3
    rho: Share = Field(0.9, description="decay of the mean of squares")
    momentum: Share = Field(0.0, description="share of the last direction that is kept; 0: none")
    epsilon: Positive = 1e-8
    weight_decay: NotNegative = Field(0.0, description=DECOUPLED)
    slots: ClassVar[tuple[str, ...]] = ("v", "velocity")

    def update(
        self, params: Floats, grads: Floats, slots: Mapping[str, Floats], *, step: int, lr: float, decay: int
    ) -> None:
        """v = rho v + (1 - rho) g^2; u = momentum u + g / (sqrt v + epsilon); p -= lr u."""
        del step
        shrink(params, decay, lr * self.weight_decay)
        for p, g, v, u in blocks(params, grads, slots["v"], slots["velocity"]):
            np.multiply(v, self.rho, out=v)
            add_square(v, g, 1.0 - self.rho)
            np.multiply(u, self.momentum, out=u)
            np.add(u, over_root(g, v, self.epsilon), out=u)
            np.subtract(p, np.multiply(u, lr, out=g), out=p)


class AdaGrad(Spec):
    """Steps scaled by the root of the sum of all squared gradients (Duchi et al., 2011)."""

    name: Literal["adagrad"] = "adagrad"
    learning_rate: Positive = 1e-2
    epsilon: Positive = 1e-8
    weight_decay: NotNegative = Field(0.0, description=DECOUPLED)
    slots: ClassVar[tuple[str, ...]] = ("v",)

    def update(
        self, params: Floats, grads: Floats, slots: Mapping[str, Floats], *, step: int, lr: float, decay: int
    ) -> None:
        """v += g^2; p -= lr g / (sqrt v + epsilon)."""
        del step
        shrink(params, decay, lr * self.weight_decay)
        for p, g, v in blocks(params, grads, slots["v"]):
            add_square(v, g, 1.0)
            over_root(g, v, self.epsilon)
            np.subtract(p, np.multiply(g, lr, out=g), out=p)


class Lion(Spec):
    """The sign of a direction between momentum and gradient (Chen et al., 2023). Every step is lr long."""

    name: Literal["lion"] = "lion"
    learning_rate: Positive = 1e-4
    beta1: Share = Field(0.9, description="share of the momentum in the direction")
    beta2: Share = Field(0.99, description="decay of the momentum")
    weight_decay: NotNegative = Field(0.1, description=DECOUPLED)
    slots: ClassVar[tuple[str, ...]] = ("m",)

    def update(
        self, params: Floats, grads: Floats, slots: Mapping[str, Floats], *, step: int, lr: float, decay: int
    ) -> None:
        """p -= lr sign(beta1 m + (1 - beta1) g); m = beta2 m + (1 - beta2) g."""
        del step
        shrink(params, decay, lr * self.weight_decay)
        for p, g, m in blocks(params, grads, slots["m"]):
            along, part = scratch(2, g.shape, g.dtype)
            np.multiply(m, self.beta1, out=along)
            np.add(along, np.multiply(g, 1.0 - self.beta1, out=part), out=along)
            np.multiply(np.sign(along, out=along), lr, out=along)
            np.subtract(p, along, out=p)
            np.multiply(m, self.beta2, out=m)
            np.add(m, np.multiply(g, 1.0 - self.beta2, out=g), out=m)


Optimizer = Annotated[
    Sgd | Adam | AdamW | RmsProp | AdaGrad | Lion,
    Field(discriminator="name"),
    ByName,
]


FADED = 1e-33  # a share of 0.9 a step leaves it above 1e-38 for a hundred steps


def shrink(params: Floats, decay: int, share: float) -> None:
    """Decoupled weight decay: the decayed parameters lose a share of themselves."""
    if share:
        np.multiply(params[:decay], 1.0 - share, out=params[:decay])


def settle(slot: Floats) -> None:
    """Make 0 what has faded to almost 0, as the momentum of a dead unit does: a processor takes fifty times as long for
    numbers below 1e-38, and many would stay there for good. No step can tell, as epsilons are far larger.
    """
    for (some,) in blocks(slot):
        (size,), (mask,) = scratch(1, some.shape, some.dtype), scratch(1, some.shape, np.bool_)
        np.greater(np.abs(some, out=size), FADED, out=mask)
        np.copyto(size, mask)
        np.multiply(some, size, out=some)


def soften(params: Floats, decay: int, by: float, work: Floats) -> None:
    """The proximal step of an L1 penalty: decayed parameters move towards 0 and stop there (Daubechies et al., 2004).

    Uses up `work`, as long as `params`.
    """
    near = np.clip(params[:decay], -by, by, out=work[:decay])
    np.subtract(params[:decay], near, out=params[:decay])


def adam(spec: Adam | AdamW, params: Floats, grads: Floats, slots: Mapping[str, Floats], step: int, lr: float) -> None:
    """Adam's step. The slots hold m / (1 - beta1) and v / (1 - beta2), which saves two passes over memory."""
    # with m^ = c1 m and v^ = c2 v:  lr m^ / (sqrt v^ + eps) = (lr c1 / sqrt c2) m / (sqrt v + eps / sqrt c2)
    c1 = (1.0 - spec.beta1) / (1.0 - spec.beta1**step)
    root_c2 = ((1.0 - spec.beta2) / (1.0 - spec.beta2**step)) ** 0.5
    length, epsilon = lr * c1 / root_c2, spec.epsilon / root_c2
    for p, g, m, v in blocks(params, grads, slots["m"], slots["v"]):
        np.multiply(m, spec.beta1, out=m)
        np.add(m, g, out=m)
        np.multiply(v, spec.beta2, out=v)
        np.multiply(g, g, out=g)
        np.add(v, g, out=v)
        np.sqrt(v, out=g)
        np.add(g, epsilon, out=g)
        np.divide(m, g, out=g)
        np.multiply(g, length, out=g)
        np.subtract(p, g, out=p)


def add_square(v: Floats, g: Floats, share: float) -> None:
    """v += share g^2."""
    (square,) = scratch(1, g.shape, g.dtype)
    np.multiply(g, g, out=square)
    if share != 1.0:
        np.multiply(square, share, out=square)
    np.add(v, square, out=v)


def over_root(g: Floats, v: Floats, epsilon: float) -> Floats:
    """g = g / (sqrt v + epsilon)."""
    (root,) = scratch(1, g.shape, g.dtype)
    np.sqrt(v, out=root)
    np.add(root, epsilon, out=root)
    return np.divide(g, root, out=g)
