import numpy as np
import pytest
from central import assert_gradient
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, huber, log_expit, log_softmax, softmax, xlogy
from sklearn.metrics import (
    log_loss,
    mean_absolute_error,
    mean_pinball_loss,
    mean_poisson_deviance,
    mean_squared_error,
)
from toys import Kind, example, outputs, with_kinds
from unions import defaults, variants

from netrain.nn.losses import AbsoluteError, BinaryCrossEntropy, CrossEntropy, Loss, Poisson, Quantile
from netrain.random import stream

N = 6
REPEATS = np.array([2, 0, 1, 1, 2, 0])  # weights of mean 1 that are counts
LARGEST = 2.0**40  # its square stays within float32

CASES = with_kinds(variants(Loss))
MAX_LOG = 30.0  # the largest log of a mean

every_variant = pytest.mark.parametrize(("loss", "kind"), CASES)
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def smoothed(loss, y, k) -> np.ndarray:
    return (1 - loss.label_smoothing) * np.eye(k)[y] + loss.label_smoothing / k


def cross_entropy(loss, out, y) -> np.ndarray:
    return -(smoothed(loss, y, out.shape[1]) * log_softmax(out, axis=1)).sum(axis=1)


def binary_cross_entropy(loss, out, y) -> np.ndarray:
    both = smoothed(loss, y.reshape(out.shape), 2) * log_expit(np.stack([-out, out], axis=2))
    return -both.sum(axis=2).mean(axis=1)


def quantile(loss, out, y) -> np.ndarray:
    """By scikit-learn, each column and share alone."""
    shares = loss.quantiles
    return np.mean(
        [
            [mean_pinball_loss([a], [b], alpha=share) for a, b in zip(column, guess, strict=True)]
            for column, guesses in zip(y.T, out.T.reshape(y.shape[1], len(shares), -1), strict=True)
            for share, guess in zip(shares, guesses, strict=True)
        ],
        axis=0,
    )


def poisson(_, out, y) -> np.ndarray:
    z = np.minimum(out, MAX_LOG)
    return (np.exp(z) - y * z + xlogy(y, y) - y).mean(axis=1)


# the loss of each row [n], by another's code
FORMULAS = {
    "absolute_error": lambda _, out, y: mean_absolute_error(y.T, out.T, multioutput="raw_values"),
    "quantile": quantile,
    "poisson": poisson,
    "squared_error": lambda _, out, y: mean_squared_error(y.T, out.T, multioutput="raw_values"),
    "huber": lambda loss, out, y: huber(loss.delta, out - y).mean(axis=1),
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
}
LINKS = {
    "absolute_error": lambda _, out: out,
    "quantile": lambda loss, out: np.concatenate(
        [np.sort(part, axis=1) for part in np.split(out, out.shape[1] // len(loss.quantiles), axis=1)], axis=1
    ),
    "poisson": lambda _, out: np.exp(np.minimum(out, MAX_LOG)),
    "squared_error": lambda _, out: out,
    "huber": lambda _, out: out,
    "cross_entropy": lambda _, out: softmax(out, axis=1),
    "binary_cross_entropy": lambda _, out: expit(out),
}


def value_and_grad(loss, out, y, weights=None) -> tuple[float, np.ndarray]:
    """Both, with inputs that cannot be written and a gradient that must be."""
    given_arrays = [a for a in (out, y, weights) if a is not None]
    for array in given_arrays:
        array.flags.writeable = False
    grad = np.full_like(out, np.nan)
    value = loss.value_and_grad(out, y, weights, grad)
    for array in given_arrays:
        array.flags.writeable = True
    return value, grad


@every_variant
@pytest.mark.parametrize("weights", [None, REPEATS / 1.0, np.linspace(0.5, 1.5, N)], ids=["none", "counts", "any"])
def test_value_and_gradient(loss, kind, weights):
    out, y = example(loss, kind, N)
    value, grad = value_and_grad(loss, out, y, weights)
    expected = np.average(FORMULAS[loss.name](loss, out, y), weights=weights)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    assert_gradient(lambda: value_and_grad(loss, out, y, weights)[0], out, grad)


@every_variant
def test_a_weight_is_how_often_a_row_occurs(loss, kind):
    out, y = example(loss, kind, N)
    rows = np.repeat(np.arange(N), REPEATS)
    value, grad = value_and_grad(loss, out, y, REPEATS / 1.0)
    expected, grad_of_repeated = value_and_grad(loss, out[rows], y[rows])
    summed = np.zeros_like(out)
    np.add.at(summed, rows, grad_of_repeated)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    np.testing.assert_allclose(grad, summed, rtol=1e-12, atol=1e-15)


@every_variant
@both_dtypes
@settings(deadline=None, max_examples=40)
@given(st.data())
def test_extreme_outputs(loss, kind, dtype, data):
    out, y = example(loss, kind, N, dtype)
    width = np.dtype(dtype).itemsize * 8
    out = data.draw(arrays(dtype, out.shape, elements=st.floats(-LARGEST, LARGEST, width=width)))
    value, grad = value_and_grad(loss, out, y)
    expected = FORMULAS[loss.name](
        loss, out.astype(np.float64), y.astype(int if loss.task == "classification" else np.float64)
    ).mean()
    unit = 10 * np.finfo(dtype).eps  # each row's terms are rounded in the dtype
    np.testing.assert_allclose(value, expected, rtol=unit, atol=unit * max(1.0, float(np.abs(out).max())))
    assert np.isfinite(grad).all()
    assert np.isfinite(loss.link(out)).all()


@every_variant
@both_dtypes
def test_dtype_stays(loss, kind, dtype):
    out, y = example(loss, kind, N, dtype)
    value, grad = value_and_grad(loss, out, y, np.ones(N, dtype))
    assert type(value) is float
    assert grad.dtype == loss.link(out).dtype == dtype


@every_variant
@both_dtypes
def test_link(loss, kind, dtype):
    out, _ = example(loss, kind, 50, dtype)
    out *= 5
    before = out.copy()
    prediction = loss.link(out)
    expected = LINKS[loss.name](loss, before.astype(np.float64))
    np.testing.assert_allclose(prediction, expected, atol=4 * np.finfo(dtype).eps, rtol=4 * np.finfo(dtype).eps)
    assert not np.shares_memory(prediction, out)
    np.testing.assert_array_equal(out, before)


@pytest.mark.parametrize(("loss", "kind"), [case for case in CASES if case.values[0].task == "classification"])
@settings(deadline=None, max_examples=40)
@given(st.data())
def test_probabilities(loss, kind, data):
    out, _ = example(loss, kind, N, np.float32)
    out = data.draw(arrays(np.float32, out.shape, elements=st.floats(-LARGEST, LARGEST, width=32)))
    p = loss.link(out)
    assert p.shape == (N, outputs(loss, kind))
    assert ((p >= 0) & (p <= 1)).all()
    if kind.classes > 2:
        np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-6)


by_weights = pytest.mark.parametrize("weights", [None, np.linspace(0.5, 1.5, N)], ids=["none", "any"])


@pytest.mark.parametrize(
    ("loss", "kind"),
    [(CrossEntropy(), Kind(3, 1)), (BinaryCrossEntropy(), Kind(2, 1)), (BinaryCrossEntropy(), Kind(2, 3))],
)
@by_weights
def test_cross_entropies_are_log_loss(loss, kind, weights):
    out, y = example(loss, kind, N)
    p = loss.link(out)
    if kind.columns == 1:
        expected = log_loss(y, p, sample_weight=weights, labels=range(kind.classes))
    else:  # of many labels it is the mean over them
        columns = zip(y.T, p.T, strict=True)
        expected = np.mean([log_loss(a, b, sample_weight=weights, labels=[0, 1]) for a, b in columns])
    np.testing.assert_allclose(value_and_grad(loss, out, y, weights)[0], expected, rtol=1e-12)


@pytest.mark.parametrize("columns", [1, 2])
@by_weights
def test_poisson_is_half_the_deviance(columns, weights):
    out, y = example(Poisson(), Kind(0, columns), N)
    each = [mean_poisson_deviance(a, b, sample_weight=weights) for a, b in zip(y.T, np.exp(out).T, strict=True)]
    np.testing.assert_allclose(value_and_grad(Poisson(), out, y, weights)[0], np.mean(each) / 2, rtol=1e-12)


def test_the_middle_quantile_is_half_the_absolute_error():
    out, y = example(AbsoluteError(), Kind(0, 2), N)
    half, halved = value_and_grad(Quantile(quantiles=(0.5,)), out, y)
    whole, grad = value_and_grad(AbsoluteError(), out, y)
    np.testing.assert_allclose(2 * half, whole, rtol=1e-12)
    np.testing.assert_allclose(2 * halved, grad, rtol=1e-12)


def test_quantiles_are_those_of_the_sample():
    y = stream(0, "sample").normal(size=(1000, 1))
    loss = Quantile(quantiles=(0.9, 0.1, 0.5))  # in any order: outputs rise
    best = np.quantile(y, [0.1, 0.5, 0.9], method="inverted_cdf")
    lowest = value_and_grad(loss, np.tile(best, (1000, 1)), y)[0]
    for i in range(3):
        for away in (-0.05, 0.05):
            moved = best + away * np.eye(3)[i]
            assert value_and_grad(loss, np.tile(moved, (1000, 1)), y)[0] > lowest


def test_two_classes_by_one_output_or_two():
    z, y = np.array([[0.3], [-2.0], [5.0]]), np.array([1, 0, 0], np.int32)
    for smoothing in (0.0, 0.1, 0.5):
        one, two = BinaryCrossEntropy(label_smoothing=smoothing), CrossEntropy(label_smoothing=smoothing)
        value, grad = value_and_grad(one, z, y)
        expected, both = value_and_grad(two, np.hstack([np.zeros_like(z), z]), y)
        np.testing.assert_allclose(value, expected, rtol=1e-12)
        np.testing.assert_allclose(grad, both[:, 1:], rtol=1e-12)


@pytest.mark.parametrize(("loss", "kind"), with_kinds(defaults(Loss)))
def test_the_gradient_of_a_perfect_fit_is_zero(loss, kind):
    _, y = example(loss, kind, N)
    if loss.task == "regression":
        out = np.repeat(np.log(np.maximum(y, 1e-30)) if loss.raw else y, loss.outputs(0, 1), axis=1)
    elif kind.classes > 2:
        out = 1e3 * (2 * np.eye(kind.classes)[y] - 1)
    else:
        out = 1e3 * (2.0 * y.reshape(N, kind.columns) - 1)
    value, grad = value_and_grad(loss, out, y)
    assert value == pytest.approx(0.0, abs=1e-15)  # exp(log y) is rounded
    np.testing.assert_allclose(grad, 0.0, atol=1e-15)
