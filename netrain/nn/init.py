"""How weights are drawn before training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from netrain.lazy import np
from netrain.spec import ByName, Number, Positive, Spec

if TYPE_CHECKING:
    from netrain.inputs import Floats


class He(Spec):
    """Normal with variance 2 / n_in: keeps the variance through layers of ReLU (He et al., 2015)."""

    name: Literal["he"] = "he"

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Weights of `shape` [n_in, n_out]."""
        return rng.normal(0.0, (2.0 / shape[-2]) ** 0.5, shape)


class Glorot(Spec):
    """Uniform with variance 2 / (n_in + n_out): keeps the variance both ways (Glorot and Bengio, 2010)."""

    name: Literal["glorot"] = "glorot"

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Weights of `shape` [n_in, n_out]."""
        bound = (6.0 / (shape[-2] + shape[-1])) ** 0.5
        return rng.uniform(-bound, bound, shape)


class Lecun(Spec):
    """Normal with variance 1 / n_in: keeps the variance of inputs, as SELU wants (LeCun et al., 1998)."""

    name: Literal["lecun"] = "lecun"

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Weights of `shape` [n_in, n_out]."""
        return rng.normal(0.0, shape[-2] ** -0.5, shape)


class Orthogonal(Spec):
    """Rows or columns, whichever are fewer, of length `gain` at right angles (Saxe et al., 2014)."""

    name: Literal["orthogonal"] = "orthogonal"
    gain: Positive = Field(1.0, description="their length")

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Weights of `shape` [n_in, n_out]."""
        *lead, n_in, n_out = shape
        q, r = np.linalg.qr(rng.normal(size=(*lead, max(n_in, n_out), min(n_in, n_out))))
        signs = np.diagonal(r, axis1=-2, axis2=-1)[..., None, :] < 0
        q *= np.where(signs, -self.gain, self.gain)  # the signs of r decide q's, so that q is uniform
        return q if n_in >= n_out else q.swapaxes(-2, -1)


class Zeros(Spec):
    """All 0, for a last layer: training starts from the same answer for every row (Zhang et al., 2019)."""

    name: Literal["zeros"] = "zeros"

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:  # noqa: ARG002
        """Weights of `shape` [n_in, n_out]; nothing is drawn."""
        return np.zeros(shape)


Init = Annotated[He | Glorot | Lecun | Orthogonal | Zeros, Field(discriminator="name"), ByName]


class Constant(Spec):
    """Every number the same: biases start at 0, gains at 1."""

    value: Number = 0.0

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:  # noqa: ARG002
        """An array of `shape`; nothing is drawn."""
        return np.full(shape, self.value)


class Normal(Spec):
    """Normal with mean 0 and a given deviation: embeddings."""

    std: Positive = 1.0

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """An array of `shape`."""
        return rng.normal(0.0, self.std, shape)
