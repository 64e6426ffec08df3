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


Init = Annotated[He | Glorot, Field(discriminator="name"), ByName]


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
