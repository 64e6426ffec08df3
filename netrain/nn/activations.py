"""Activations: a function of one number and its derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from netrain.lazy import np
from netrain.spec import ByName, Spec

if TYPE_CHECKING:
    from netrain.inputs import Floats

# Every activation has two methods over arrays of one shape [..., n]:
#   forward(x, y, kept)       writes f(x) to y, and to `kept` what backward needs beside x and y
#   backward(dy, x, y, kept)  multiplies dy by f'(x) in place; y and kept are used up


class Relu(Spec):
    """f(x) = max(x, 0) (Nair and Hinton, 2010)."""

    name: Literal["relu"] = "relu"

    def forward(self, x: Floats, y: Floats, kept: Floats) -> None:  # noqa: ARG002
        """y = max(x, 0)."""
        np.maximum(x, 0.0, out=y)

    def backward(self, dy: Floats, x: Floats, y: Floats, kept: Floats) -> None:  # noqa: ARG002
        """f' is 1 where y > 0, else 0."""
        np.multiply(dy, y > 0.0, out=dy)


class Tanh(Spec):
    """The hyperbolic tangent (LeCun et al., 1998)."""

    name: Literal["tanh"] = "tanh"

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


GELU_A = 0.044715
GELU_C = 0.7978845608028654  # sqrt(2 / pi)


def logistic(x: Floats, out: Floats) -> Floats:
    """1 / (1 + exp(-x)), by tanh, which cannot overflow."""
    np.multiply(x, 0.5, out=out)
    np.tanh(out, out=out)
    np.multiply(out, 0.5, out=out)
    return np.add(out, 0.5, out=out)


Activation = Annotated[Relu | Gelu | Tanh | Silu, Field(discriminator="name"), ByName]
