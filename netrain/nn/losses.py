"""What training makes small. Each loss owns its link from the network's outputs to predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from netrain.lazy import np
from netrain.nn.activations import logistic
from netrain.spec import ByName, Positive, Share, Spec, Task

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from netrain.inputs import Floats

    Targets = NDArray[Any]
    Weights = NDArray[np.floating] | None

# Every loss, over outputs [n, k] and targets y, with row weights [n] of mean 1 or None:
#   outputs(targets)                    the k it needs for so many classes, or columns of a regression target
#   value_and_grad(out, y, weights, grad)   the mean over the rows; its gradient by out goes to grad [n, k]
#   link(out)                           predictions in new memory: probabilities [n, classes], or values [n, k]


class SquaredError(Spec):
    """(out - y)^2, for the mean of the target."""

    name: Literal["squared_error"] = "squared_error"
    task: ClassVar[Task] = "regression"

    def outputs(self, targets: int) -> int:
        """One output a column."""
        return targets

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
    delta: Positive = Field(1.0, description="where it turns linear, in deviations of the target")

    def outputs(self, targets: int) -> int:
        """One output a column."""
        return targets

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
    label_smoothing: Share = Field(0.0, description="share of the true class that is spread over all classes")

    def outputs(self, targets: int) -> int:
        """One output a class."""
        return targets

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
    """Cross-entropy of two classes from one output, the log odds of the second class."""

    name: Literal["binary_cross_entropy"] = "binary_cross_entropy"
    task: ClassVar[Task] = "classification"
    label_smoothing: Share = Field(0.0, description="share of the true class that is spread over both classes")

    def outputs(self, targets: int) -> int:  # noqa: ARG002
        """One output, for two classes."""
        return 1

    def value_and_grad(self, out: Floats, y: Targets, weights: Weights, grad: Floats) -> float:
        """Mean over rows; y holds class numbers [n], 0 or 1."""
        target = y.reshape(out.shape) * (1.0 - self.label_smoothing) + 0.5 * self.label_smoothing
        target = target.astype(out.dtype, copy=False)
        # softplus(z) - t z, with softplus(z) = max(z, 0) + log(1 + exp(-|z|)), which cannot overflow
        per_row = np.maximum(out, 0.0) - target * out + np.log1p(np.exp(-np.abs(out)))
        logistic(out, out=grad)
        np.subtract(grad, target, out=grad)
        np.multiply(grad, 1.0 / len(out), out=grad)
        return weigh(per_row[:, 0], weights, grad)

    def link(self, out: Floats) -> Floats:
        """Probabilities of both classes. [n, 1] -> [n, 2]."""
        p = np.empty((len(out), 2), out.dtype)
        logistic(out[:, 0], out=p[:, 1])
        np.subtract(1.0, p[:, 1], out=p[:, 0])
        return p


Loss = Annotated[SquaredError | Huber | CrossEntropy | BinaryCrossEntropy, Field(discriminator="name"), ByName]


def weigh(per_row: Floats, weights: Weights, grad: Floats) -> float:
    """The weighted mean of the rows' losses, in float64; scales the gradients of the rows alike."""
    if weights is None:
        return float(per_row.mean(dtype=np.float64))
    np.multiply(grad, weights[:, None], out=grad)
    return float(np.multiply(per_row, weights, dtype=np.float64).mean())
