"""What training makes small. Each loss owns its link from the network's outputs to predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field, Strict, field_validator

from netrain.lazy import np
from netrain.nn.activations import logistic, softplus
from netrain.nn.memory import aligned, scratch
from netrain.spec import ByName, Positive, Share, Spec, Task

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

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
        (each,) = scratch(1, out.shape, out.dtype)
        error = np.subtract(out, y, out=grad)
        np.multiply(error, error, out=each)
        np.multiply(error, 2.0 / error.size, out=grad)
        return weigh(each, weights, grad)

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
        error, each = scratch(2, out.shape, out.dtype)
        np.subtract(out, y, out=error)
        slope = np.clip(error, -self.delta, self.delta, out=grad)
        # g*(e - g/2) is e*e/2 where g == e, and delta*(|e| - delta/2) where g is clipped
        np.multiply(slope, 0.5, out=each)
        np.subtract(error, each, out=each)
        np.multiply(slope, each, out=each)
        np.multiply(slope, 1.0 / slope.size, out=grad)
        return weigh(each, weights, grad)

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
        room = scratch.room(Softmax, k, n, out.dtype)
        logits, target, p, top, total = room.logits, room.target, room.p, room.top, room.total
        np.copyto(logits, out.T)
        if k == 2:  # half the time
            np.maximum(room.first, room.last, out=top)
        else:
            np.maximum.reduce(logits, axis=0, out=top)
        np.subtract(logits, top, out=logits)
        np.equal(room.classes, y, out=room.is_true)
        np.copyto(target, room.is_true)
        if self.label_smoothing:
            np.multiply(target, 1.0 - self.label_smoothing, out=target)
            np.add(target, self.label_smoothing / k, out=target)
        # with e = exp(logits) and s its sum, a row's loss is log s - target logits, and its slope e/s - target
        np.exp(logits, out=p)
        room.over_classes.dot(p, total)
        np.divide(p, total, out=p)
        np.subtract(p, target, out=p)
        np.log(total, out=total)
        if weights is None:
            np.multiply(p, 1.0 / n, out=grad.T)
            loss: float = (float(room.over_rows.dot(total)) - float(np.vdot(logits, target))) / n
            return loss
        share = np.multiply(weights, 1.0 / n, out=room.share)
        np.multiply(p, share, out=grad.T)
        np.multiply(target, share, out=target)
        return float(share.dot(total)) - float(np.vdot(logits, target))

    def link(self, out: Floats) -> Floats:
        """Softmax. [n, k] -> [n, k]."""
        p: Floats = np.exp(out - out.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        return p


class Softmax:
    """Memory for the cross-entropy of n rows, class by class: sums over few classes are long additions."""

    def __init__(self, k: int, n: int, dtype: DTypeLike) -> None:
        self.logits, self.target, self.p = (aligned((k, n), dtype) for _ in range(3))
        self.first, self.last = self.logits[0], self.logits[-1]
        self.top, self.total, self.share = (aligned((n,), dtype) for _ in range(3))
        self.is_true = aligned((k, n), np.bool_)
        self.classes = np.arange(k, dtype=np.int32)[:, None]
        self.over_classes, self.over_rows = np.ones(k, dtype), np.ones(n, dtype)  # sums as products


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
        target, each, work = scratch(3, out.shape, out.dtype)
        np.copyto(target, y.reshape(out.shape))
        if self.label_smoothing:
            np.multiply(target, 1.0 - self.label_smoothing, out=target)
            np.add(target, 0.5 * self.label_smoothing, out=target)
        # softplus(z) - t z
        softplus(out, out=each, work=work)
        np.multiply(target, out, out=work)
        np.subtract(each, work, out=each)
        logistic(out, out=grad)
        np.subtract(grad, target, out=grad)
        np.multiply(grad, 1.0 / out.size, out=grad)
        return weigh(each, weights, grad)

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
        (each,) = scratch(1, out.shape, out.dtype)
        error = np.subtract(out, y, out=grad)
        np.abs(error, out=each)
        np.sign(error, out=grad)
        np.multiply(grad, 1.0 / error.size, out=grad)
        return weigh(each, weights, grad)

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
        error, slope, work = scratch(3, out.shape, out.dtype)
        (mask,) = scratch(1, out.shape, np.bool_)
        shares = np.tile(np.array(sorted(self.quantiles), out.dtype), y.shape[1])
        by_column = (*y.shape, len(self.quantiles))
        np.subtract(y[:, :, None], out.reshape(by_column), out=error.reshape(by_column))
        # share * e where the target lies above, (share - 1) * e where below, and 0 between them
        np.copyto(slope, np.less(error, 0.0, out=mask))
        np.subtract(shares, slope, out=slope)
        np.copyto(work, np.not_equal(error, 0.0, out=mask))
        np.multiply(slope, work, out=slope)
        np.multiply(slope, error, out=error)
        np.multiply(slope, -1.0 / out.size, out=grad)
        return weigh(error, weights, grad)

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
        z, each = scratch(2, out.shape, out.dtype)
        np.minimum(out, MAX_LOG, out=z)
        mean = np.exp(z, out=grad)
        np.maximum(y, 1e-30, out=each)
        np.log(each, out=each)
        np.subtract(each, z, out=each)
        np.multiply(each, y, out=each)
        np.add(each, np.subtract(mean, y, out=grad), out=each)
        np.multiply(grad, 1.0 / out.size, out=grad)
        return weigh(each, weights, grad)

    def link(self, out: Floats) -> Floats:
        """The means."""
        return np.exp(np.minimum(out, MAX_LOG))


MAX_LOG = 30.0  # of a mean: 1e13, far beyond any count and far from float32's end

Losses = SquaredError | AbsoluteError | Huber | Quantile | Poisson | CrossEntropy | BinaryCrossEntropy
Loss = Annotated[Losses, Field(discriminator="name"), ByName]


def weigh(each: Floats, weights: Weights, grad: Floats) -> float:
    """The weighted mean of losses [n, k], which are used up; scales the gradients of the rows alike."""
    if weights is not None:
        np.multiply(grad, weights[:, None], out=grad)
        np.multiply(each, weights[:, None], out=each)
    return float(np.add.reduce(each, axis=None)) / each.size
