"""How weights are drawn before training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from netrain.lazy import np
from netrain.spec import ByName, Flag, Number, Positive, Spec

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


class Uniform(Spec):
    """Uniform within 1 / sqrt(n_in), which is a third of the variance that keeps it (LeCun et al., 1998)."""

    name: Literal["uniform"] = "uniform"

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Weights of `shape` [n_in, n_out]."""
        bound = shape[-2] ** -0.5
        return rng.uniform(-bound, bound, shape)


class DataDriven(Spec):
    """Normal, then fitted to a pass over training rows: outputs of variance 1, biases near rows (Holzmueller, 2024).

    Each unit starts at 0 for a random mixture of five rows. It is for linear layers; others take the normal numbers.
    """

    name: Literal["data"] = "data"

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """Weights of `shape` [n_in, n_out], before the pass."""
        return rng.normal(0.0, shape[-2] ** -0.5, shape)


Init = Annotated[He | Glorot | Lecun | Orthogonal | Uniform | DataDriven | Zeros, Field(discriminator="name"), ByName]


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


class Near(Spec):
    """Normal with mean 0 and a given deviation, none farther than three of them: frequencies."""

    std: Positive = 1.0

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """An array of `shape`."""
        drawn = rng.normal(0.0, self.std, shape)
        while (far := np.abs(drawn) > 3.0 * self.std).any():
            drawn[far] = rng.normal(0.0, self.std, int(far.sum()))
        return drawn


class Within(Spec):
    """Uniform between -bound and bound. `alike`: one draw for every entry of the first axis."""

    bound: Positive = 1.0
    alike: Flag = False

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """An array of `shape`."""
        if self.alike:
            return np.repeat(rng.uniform(-self.bound, self.bound, (1, *shape[1:])), shape[0], axis=0)
        return rng.uniform(-self.bound, self.bound, shape)


class Stretched(Spec):
    """Another initialisation, times a number."""

    init: Init
    by: Positive

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """An array of `shape`."""
        return self.init.draw(rng, shape) * self.by


class Adapters(Spec):
    """Signs, or normal numbers, one for each member of an ensemble and section of its inputs (Gorishniy et al., 2025).

    `sections` are the widths of inputs that share a draw.
    """

    sections: tuple[int, ...]
    signs: Flag = True

    def draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
        """An array of `shape` [members, sum of sections]."""
        size = (shape[0], len(self.sections))
        drawn = 2.0 * rng.integers(0, 2, size) - 1.0 if self.signs else rng.normal(size=size)
        return np.repeat(drawn, self.sections, axis=1)


Draw = Init | Constant | Normal | Near | Within | Stretched | Adapters
