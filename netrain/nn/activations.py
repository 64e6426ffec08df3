"""Activations: a function of one number and its derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from netrain.lazy import np
from netrain.nn.memory import full, scratch
from netrain.spec import ByName, Positive, Share, Spec

if TYPE_CHECKING:
    from netrain.inputs import Floats

# Every activation has
#   in_place                  whether y may be x itself: half the memory, and a fiftieth off the step of a large network
# and two methods over arrays of one shape [..., n]:
#   forward(x, y, kept)       writes f(x) to y, and to `kept` what backward needs beside x and y
#   backward(dy, x, y, kept)  multiplies dy by f'(x) in place; y and kept are used up


class Relu(Spec):
    """f(x) = max(x, 0) (Nair and Hinton, 2010)."""

    name: Literal["relu"] = "relu"
    in_place: ClassVar[bool] = True

    def forward(self, x: Floats, y: Floats, kept: Floats) -> None:  # noqa: ARG002
        """y = max(x, 0)."""
        np.maximum(x, full(x.shape, x.dtype, 0.0), out=y)

    def backward(self, dy: Floats, x: Floats, y: Floats, kept: Floats) -> None:  # noqa: ARG002
        """f' is 1 where y > 0, else 0."""
        np.multiply(dy, above_zero(y, out=y), out=dy)


class Tanh(Spec):
    """The hyperbolic tangent (LeCun et al., 1998)."""

    name: Literal["tanh"] = "tanh"
    in_place: ClassVar[bool] = False

    def forward(self, x: Floats, y: Floats, kept: Floats) -> None:  # noqa: ARG002
        """y = tanh x."""
        np.tanh(x, out=y)

    def backward(self, dy: Floats, x: Floats, y: Floats, kept: Floats) -> None:  # noqa: ARG002
        """f' = 1 - y^2."""
        np.multiply(y, y, out=y)
        np.subtract(1.0, y, out=y)
        np.multiply(dy, y, out=dy)


class Silu(Spec):
    """f(x) = x s(x) with the logistic s (Elfwing et al., 2018); also called swish."""

    name: Literal["silu"] = "silu"
    in_place: ClassVar[bool] = False

    def forward(self, x: Floats, y: Floats, kept: Floats) -> None:
        """y = x s; keeps s."""
        logistic(x, out=kept)
        np.multiply(x, kept, out=y)

    def backward(self, dy: Floats, x: Floats, y: Floats, kept: Floats) -> None:  # noqa: ARG002
        """f' = s + y (1 - s) = (y - 1)(1 - s) + 1."""
        np.subtract(1.0, kept, out=kept)
        np.subtract(y, 1.0, out=y)
        np.multiply(y, kept, out=y)
        np.add(y, 1.0, out=y)
        np.multiply(dy, y, out=dy)


class Gelu(Spec):
    """f(x) = x P(Z <= x) for a standard normal Z, by its tanh formula (Hendrycks and Gimpel, 2016)."""

    name: Literal["gelu"] = "gelu"
    in_place: ClassVar[bool] = False

    def forward(self, x: Floats, y: Floats, kept: Floats) -> None:
        """y = x (1 + t) / 2 with t = tanh(c (x + a x^3)); keeps t."""
        np.multiply(x, x, out=kept)
        np.multiply(kept, GELU_C * GELU_A, out=kept)
        np.add(kept, GELU_C, out=kept)
        np.multiply(kept, x, out=kept)
        np.tanh(kept, out=kept)
        np.add(kept, 1.0, out=y)
        np.multiply(y, x, out=y)
        np.multiply(y, 0.5, out=y)

    def backward(self, dy: Floats, x: Floats, y: Floats, kept: Floats) -> None:
        """f' = (1 + t) (1 + (1 - t) q) / 2 with q = x c (1 + 3 a x^2)."""
        np.multiply(x, x, out=y)
        np.multiply(y, 3 * GELU_A * GELU_C, out=y)
        np.add(y, GELU_C, out=y)
        np.multiply(y, x, out=y)
        np.subtract(1.0, kept, out=kept)  # 1 - t
        np.multiply(y, kept, out=y)
        np.add(y, 1.0, out=y)
        np.subtract(2.0, kept, out=kept)  # 1 + t
        np.multiply(y, kept, out=y)
        np.multiply(y, 0.5, out=y)
        np.multiply(dy, y, out=dy)


class LeakyRelu(Spec):
    """f(x) = x above 0 and slope * x below (Maas et al., 2013)."""

    name: Literal["leaky_relu"] = "leaky_relu"
    in_place: ClassVar[bool] = False
    slope: Share = Field(0.01, description="below 0")

    def forward(self, x: Floats, y: Floats, kept: Floats) -> None:  # noqa: ARG002
        """y = max(x, slope x)."""
        np.multiply(x, self.slope, out=y)
        np.maximum(x, y, out=y)

    def backward(self, dy: Floats, x: Floats, y: Floats, kept: Floats) -> None:  # noqa: ARG002
        """f' is 1 where x > 0, else the slope."""
        above_zero(x, out=y)
        np.multiply(y, 1.0 - self.slope, out=y)
        np.add(y, self.slope, out=y)
        np.multiply(dy, y, out=dy)


class Elu(Spec):
    """f(x) = x above 0 and alpha (exp(x) - 1) below (Clevert et al., 2016)."""

    name: Literal["elu"] = "elu"
    in_place: ClassVar[bool] = False
    alpha: Positive = Field(1.0, description="-alpha is the limit below 0")

    def forward(self, x: Floats, y: Floats, kept: Floats) -> None:
        """y = max(x, 0) + alpha (exp(min(x, 0)) - 1); keeps the second part."""
        elu(x, y, kept, self.alpha)

    def backward(self, dy: Floats, x: Floats, y: Floats, kept: Floats) -> None:
        """f' is 1 above 0, else kept + alpha."""
        elu_slope(x, y, kept, self.alpha)
        np.multiply(dy, y, out=dy)


class Selu(Spec):
    """A scaled ELU whose fixed point is mean 0 and variance 1 (Klambauer et al., 2017)."""

    name: Literal["selu"] = "selu"
    in_place: ClassVar[bool] = False

    def forward(self, x: Floats, y: Floats, kept: Floats) -> None:
        """y = scale * elu(x); keeps what `elu` keeps."""
        elu(x, y, kept, SELU_ALPHA)
        np.multiply(y, SELU_SCALE, out=y)

    def backward(self, dy: Floats, x: Floats, y: Floats, kept: Floats) -> None:
        """f' = scale * elu'."""
        elu_slope(x, y, kept, SELU_ALPHA)
        np.multiply(y, SELU_SCALE, out=y)
        np.multiply(dy, y, out=dy)


class Mish(Spec):
    """f(x) = x tanh(softplus(x)) (Misra, 2020)."""

    name: Literal["mish"] = "mish"
    in_place: ClassVar[bool] = False

    def forward(self, x: Floats, y: Floats, kept: Floats) -> None:
        """y = x t with t = tanh(softplus(x)) = u / (u + 2) where u = e (e + 2) and e = exp(x); keeps t."""
        np.minimum(x, full(x.shape, x.dtype, MISH_END), out=kept)
        np.exp(kept, out=kept)
        np.add(kept, 2.0, out=y)
        np.multiply(y, kept, out=y)
        np.add(y, 2.0, out=kept)
        np.divide(y, kept, out=kept)
        np.multiply(x, kept, out=y)

    def backward(self, dy: Floats, x: Floats, y: Floats, kept: Floats) -> None:
        """f' = t + x s (1 - t) (1 + t), with the logistic s."""
        logistic(x, out=y)
        np.multiply(y, x, out=y)
        np.subtract(1.0, kept, out=kept)
        np.multiply(y, kept, out=y)
        np.subtract(2.0, kept, out=kept)
        np.multiply(y, kept, out=y)
        np.subtract(kept, 1.0, out=kept)
        np.add(y, kept, out=y)
        np.multiply(dy, y, out=dy)


class Sigmoid(Spec):
    """The logistic function (Cybenko, 1989)."""

    name: Literal["sigmoid"] = "sigmoid"
    in_place: ClassVar[bool] = False

    def forward(self, x: Floats, y: Floats, kept: Floats) -> None:  # noqa: ARG002
        """y = 1 / (1 + exp(-x))."""
        logistic(x, out=y)

    def backward(self, dy: Floats, x: Floats, y: Floats, kept: Floats) -> None:  # noqa: ARG002
        """f' = y (1 - y)."""
        np.subtract(1.0, y, out=kept)
        np.multiply(y, kept, out=y)
        np.multiply(dy, y, out=dy)


class Softplus(Spec):
    """f(x) = log(1 + exp(x)) (Dugas et al., 2001)."""

    name: Literal["softplus"] = "softplus"
    in_place: ClassVar[bool] = False

    def forward(self, x: Floats, y: Floats, kept: Floats) -> None:
        """y = log(1 + exp(x))."""
        softplus(x, out=y, work=kept)

    def backward(self, dy: Floats, x: Floats, y: Floats, kept: Floats) -> None:  # noqa: ARG002
        """f' is the logistic function."""
        logistic(x, out=y)
        np.multiply(dy, y, out=dy)


GELU_A = 0.044715
GELU_C = 0.7978845608028654  # sqrt(2 / pi)
MISH_END = 20.0  # from here on t is 1 in float64 too
SELU_ALPHA = 1.6732632423543772
SELU_SCALE = 1.0507009873554805


def logistic(x: Floats, out: Floats) -> Floats:
    """1 / (1 + exp(-x)), by tanh, which cannot overflow."""
    np.multiply(x, 0.5, out=out)
    np.tanh(out, out=out)
    np.multiply(out, 0.5, out=out)
    return np.add(out, 0.5, out=out)


def softplus(x: Floats, out: Floats, work: Floats) -> Floats:
    """log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), which cannot overflow."""
    np.abs(x, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    np.log1p(out, out=out)
    work.fill(0.0)
    np.maximum(x, work, out=work)
    return np.add(out, work, out=out)


def above_zero(x: Floats, out: Floats) -> Floats:
    """1 where x > 0, else 0."""
    (mask,) = scratch(1, x.shape, np.bool_)
    np.copyto(out, np.greater(x, 0.0, out=mask))  # to multiply numbers by a mask would cast it in buffers made anew
    return out


def elu(x: Floats, y: Floats, kept: Floats, alpha: float) -> None:
    """kept = alpha (exp(min(x, 0)) - 1) and y = max(x, 0) + kept."""
    nought = full(x.shape, x.dtype, 0.0)
    np.minimum(x, nought, out=kept)
    np.expm1(kept, out=kept)
    np.multiply(kept, alpha, out=kept)
    np.maximum(x, nought, out=y)
    np.add(y, kept, out=y)


def elu_slope(x: Floats, y: Floats, kept: Floats, alpha: float) -> None:
    """y = 1 where x > 0, else kept + alpha; kept is 0 where x > 0."""
    above_zero(x, out=y)
    np.multiply(y, 1.0 - alpha, out=y)
    np.add(y, kept, out=y)
    np.add(y, alpha, out=y)


Activation = Annotated[
    Relu | LeakyRelu | Gelu | Silu | Mish | Elu | Selu | Tanh | Sigmoid | Softplus,
    Field(discriminator="name"),
    ByName,
]
