"""What training makes small. Each loss owns its link from the network's outputs to predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, Strict, field_validator

from netrain.lazy import np
from netrain.nn.activations import logistic, softplus
from netrain.spec import ByName, Positive, Share, Spec, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netrain.inputs import Floats

    Targets = NDArray[Any]
    Weights = NDArray[np.floating] | None

# Every loss, over outputs [n, k] and targets y, with row weights [n] of mean 1 or None:
#   raw                                 whether it takes values as they are, not standardised
#   outputs(classes, columns)           the k it needs: (c, 1) for c classes, (2, c) for c labels, (0, c) for c values
#   value_and_grad(out, y, weights, grad)   the mean over the rows; its gradient by out goes to grad [n, k]
#   link(out)                           predictions [n, k] in new memory: probabilities or values


class SquaredError(Spec):
    """(out - y)^2, for the mean of the target (Legendre, 1805)."""

    name: Literal["squared_error"] = "squared_error"
    task: ClassVar[Task] = "regression"
    raw: ClassVar[bool] = False

    def outputs(self, classes: int, columns: int) -> int:  # noqa: ARG002
        """One output a column."""
        return columns

    def value_and_grad(self, out: Floats, y: Targets, weights: Weights, grad: Floats) -> float:
        """Mean over rows and columns; y float [n, k]."""
        error = np.subtract(out, y, out=grad)
        per_row = np.einsum("ij,ij->i", error, error)
        np.multiply(error, 2.0 / error.size, out=grad)
        return weigh(per_row, weights, grad) / int(out.shape[1])

    def link(self, out: Floats) -> Floats:
        """The values."""
        return out.copy()


class Huber(Spec):
    """e^2 / 2 near 0 and linear from |e| = delta on, against outliers (Huber, 1964)."""

    name: Literal["huber"] = "huber"
    task: ClassVar[Task] = "regression"
    raw: ClassVar[bool] = False
    delta: Positive = Field(1.0, description="where it turns linear, in deviations of the target")

    def outputs(self, classes: int, columns: int) -> int:  # noqa: ARG002
        """One output a column."""
        return columns

    def value_and_grad(self, out: Floats, y: Targets, weights: Weights, grad: Floats) -> float:
        """Mean over rows and columns; y float [n, k]."""
        error = out - y
        slope = np.clip(error, -self.delta, self.delta, out=grad)
        # g*e - g*g/2 is e*e/2 where g == e, and delta*(|e| - delta/2) where g is clipped
        per_row = np.einsum("ij,ij->i", slope, error) - 0.5 * np.einsum("ij,ij->i", slope, slope)
        np.multiply(slope, 1.0 / slope.size, out=grad)
        return weigh(per_row, weights, grad) / int(out.shape[1])

    def link(self, out: Floats) -> Floats:
        """The values."""
        return out.copy()


class CrossEntropy(Spec):
    """-log of the probability of the true class, under softmax; with label smoothing (Szegedy et al., 2016)."""

    name: Literal["cross_entropy"] = "cross_entropy"
    task: ClassVar[Task] = "classification"
    raw: ClassVar[bool] = False
    label_smoothing: Share = Field(0.0, description="share of the true class that is spread over all classes")

    def outputs(self, classes: int, columns: int) -> int:  # noqa: ARG002
        """One output a class."""
        return classes

    def value_and_grad(self, out: Floats, y: Targets, weights: Weights, grad: Floats) -> float:
        """Mean over rows; y holds class numbers [n]."""
        n, k = out.shape
        spread = self.label_smoothing / k
        rows = np.arange(n)
        logits = np.subtract(out, out.max(axis=1, keepdims=True), out=grad)
        true = (1.0 - self.label_smoothing) * logits[rows, y]
        if spread:
            true += spread * logits.sum(axis=1)
        np.exp(logits, out=grad)
        total = grad.sum(axis=1, keepdims=True)
        np.divide(grad, total, out=grad)
        # log softmax is logits - log(total), and the smoothed target sums to 1
        per_row = np.log(total[:, 0]) - true
        grad[rows, y] -= 1.0 - self.label_smoothing
        if spread:
            np.subtract(grad, spread, out=grad)
        np.multiply(grad, 1.0 / n, out=grad)
        return weigh(per_row, weights, grad)

    def link(self, out: Floats) -> Floats:
        """Softmax. [n, k] -> [n, k]."""
        p: Floats = np.exp(out - out.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        return p


class BinaryCrossEntropy(Spec):
    """Cross-entropy of yes and no from one output, the log odds of yes (Good, 1952); for two classes, or labels."""

    name: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    task: ClassVar[Task] = "classification"
    raw: ClassVar[bool] = False
    label_smoothing: Share = Field(0.0, description="share of the true class that is spread over both classes")

    def outputs(self, classes: int, columns: int) -> int:  # noqa: ARG002
        """One output for two classes, one a label for several labels."""
        return columns

    def value_and_grad(self, out: Floats, y: Targets, weights: Weights, grad: Floats) -> float:
        """Mean over rows and columns; y holds 0 or 1, [n] or [n, k]."""
        target = y.reshape(out.shape) * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
        target = target.astype(out.dtype, copy=False)
        # softplus(z) - t z
        per_row = (softplus(out, out=grad) - target * out).mean(axis=1)
        logistic(out, out=grad)
        np.subtract(grad, target, out=grad)
        np.multiply(grad, 1.0 / out.size, out=grad)
        return weigh(per_row, weights, grad)

    def link(self, out: Floats) -> Floats:
        """The probability of yes. [n, k] -> [n, k]."""
        return logistic(out, out=np.empty_like(out))


class AbsoluteError(Spec):
    """|out - y|, for the median of the target (Bloomfield and Steiger, 1983)."""

    name: Literal["absolute_error"] = "absolute_error"
    task: ClassVar[Task] = "regression"
    raw: ClassVar[bool] = False

    def outputs(self, classes: int, columns: int) -> int:  # noqa: ARG002
        """One output a column."""
        return columns

    def value_and_grad(self, out: Floats, y: Targets, weights: Weights, grad: Floats) -> float:
        """Mean over rows and columns; y float [n, k]."""
        error = out - y
        per_row = np.abs(error).mean(axis=1)
        np.sign(error, out=grad)
        np.multiply(grad, 1.0 / error.size, out=grad)
        return weigh(per_row, weights, grad)

    def link(self, out: Floats) -> Floats:
        """The values."""
        return out.copy()


class Quantile(Spec):
    """The pinball loss, for several quantiles of the target at once (Koenker and Bassett, 1978)."""

    name: Literal["quantile"] = "quantile"
    task: ClassVar[Task] = "regression"
    raw: ClassVar[bool] = False
    quantiles: Annotated[tuple[Annotated[float, Strict(), Field(gt=0, lt=1)], ...], Field(min_length=1)] = Field(
        (0.05, 0.5, 0.95), description="shares of the target that lie below each output"
    )

    @field_validator("quantiles")
    @classmethod
    def _unlike(cls, quantiles: tuple[float, ...]) -> tuple[float, ...]:
        if len({f"{q:g}" for q in quantiles}) < len(quantiles):  # they name columns of predictions
            raise ValueError("two quantiles are the same")
        return quantiles

    def outputs(self, classes: int, columns: int) -> int:  # noqa: ARG002
        """One output a quantile, column by column."""
        return columns * len(self.quantiles)

    def value_and_grad(self, out: Floats, y: Targets, weights: Weights, grad: Floats) -> float:
        """Mean over rows, columns and quantiles; y float [n, k]."""
        shares = np.tile(np.array(sorted(self.quantiles), out.dtype), y.shape[1])
        error = np.repeat(y, len(self.quantiles), axis=1) - out
        # share * e where the target lies above, (share - 1) * e where below, and 0 between them
        slope = (shares - (error < 0)) * (error != 0)
        per_row = (slope * error).mean(axis=1)
        np.multiply(slope, -1.0 / out.size, out=grad)
        return weigh(per_row, weights, grad)

    def link(self, out: Floats) -> Floats:
        """The values, sorted within each column so that quantiles do not cross."""
        q = len(self.quantiles)
        return np.sort(out.reshape(len(out), -1, q), axis=2).reshape(out.shape)


class Poisson(Spec):
    """For counts: half the Poisson deviance, with the log of the mean as output (Nelder and Wedderburn, 1972)."""

    name: Literal["poisson"] = "poisson"
    task: ClassVar[Task] = "regression"
    raw: ClassVar[bool] = True

    def outputs(self, classes: int, columns: int) -> int:  # noqa: ARG002
        """One output a column."""
        return columns

    def value_and_grad(self, out: Floats, y: Targets, weights: Weights, grad: Floats) -> float:
        """Mean over rows and columns of exp(z) - y z + y log y - y; y float [n, k], not negative."""
        z = np.minimum(out, MAX_LOG)
        mean = np.exp(z, out=grad)
        per_row = (mean - y * z + y * np.log(np.maximum(y, 1e-30)) - y).mean(axis=1)
        np.subtract(mean, y, out=grad)
        np.multiply(grad, 1.0 / out.size, out=grad)
        return weigh(per_row, weights, grad)

    def link(self, out: Floats) -> Floats:
        """The means."""
        return np.exp(np.minimum(out, MAX_LOG))


MAX_LOG = 30.0  # of a mean: 1e13, far beyond any count and far from float32's end

Losses = SquaredError | AbsoluteError | Huber | Quantile | Poisson | CrossEntropy | BinaryCrossEntropy
Loss = Annotated[Losses, Field(discriminator="name"), ByName]


def weigh(per_row: Floats, weights: Weights, grad: Floats) -> float:
    """The weighted mean of the rows' losses, in float64; scales the gradients of the rows alike."""
    if weights is None:
        return float(per_row.mean(dtype=np.float64))
    np.multiply(grad, weights[:, None], out=grad)
    return float(np.multiply(per_row, weights, dtype=np.float64).mean())
