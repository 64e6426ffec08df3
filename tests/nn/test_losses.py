import numpy as np
import pytest
from central import assert_gradient
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import huber, log_expit, log_softmax, softmax
from sklearn.metrics import log_loss, mean_squared_error
from toys import example, targets
from unions import defaults, variants

from netrain.nn.losses import BinaryCrossEntropy, CrossEntropy, Loss

N = 6
REPEATS = np.array([2, 0, 1, 1, 2, 0])  # weights of mean 1 that are counts
LARGEST = 2.0**40  # its square stays within float32

every_variant = pytest.mark.parametrize("loss", variants(Loss))
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def smoothed(loss, y, k) -> np.ndarray:
    return (1 - loss.label_smoothing) * np.eye(k)[y] + loss.label_smoothing / k


def cross_entropy(loss, out, y) -> np.ndarray:
    return -(smoothed(loss, y, out.shape[1]) * log_softmax(out, axis=1)).sum(axis=1)


def binary_cross_entropy(loss, out, y) -> np.ndarray:
    return -(smoothed(loss, y, 2) * log_expit(np.hstack([-out, out]))).sum(axis=1)


# the loss of each row [n], by another's code
FORMULAS = {
    "squared_error": lambda _, out, y: mean_squared_error(y.T, out.T, multioutput="raw_values"),
    "huber": lambda loss, out, y: huber(loss.delta, out - y).mean(axis=1),
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
}
LINKS = {
    "squared_error": lambda _, out: out,
    "huber": lambda _, out: out,
    "cross_entropy": lambda _, out: softmax(out, axis=1),
    "binary_cross_entropy": lambda _, out: softmax(np.hstack([np.zeros_like(out), out]), axis=1),
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
def test_value_and_gradient(loss, weights):
    out, y = example(loss, N)
    value, grad = value_and_grad(loss, out, y, weights)
    expected = np.average(FORMULAS[loss.name](loss, out, y), weights=weights)
    np.testing.assert_allclose(value, expected, rtol=1e-12)
    assert_gradient(lambda: value_and_grad(loss, out, y, weights)[0], out, grad)


@every_variant
def test_a_weight_is_how_often_a_row_occurs(loss):
    out, y = example(loss, N)
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
def test_extreme_outputs(loss, dtype, data):
    out, y = example(loss, N, dtype)
    width = np.dtype(dtype).itemsize * 8
    out = data.draw(arrays(dtype, out.shape, elements=st.floats(-LARGEST, LARGEST, width=width)))
    value, grad = value_and_grad(loss, out, y)
    expected = FORMULAS[loss.name](loss, out.astype(np.float64), y.astype(np.float64 if y.ndim > 1 else int)).mean()
    unit = 10 * np.finfo(dtype).eps  # each row's terms are rounded in the dtype
    np.testing.assert_allclose(value, expected, rtol=unit, atol=unit * max(1.0, float(np.abs(out).max())))
    assert np.isfinite(grad).all()
    assert np.isfinite(loss.link(out)).all()


@every_variant
@both_dtypes
def test_dtype_stays(loss, dtype):
    out, y = example(loss, N, dtype)
    value, grad = value_and_grad(loss, out, y, np.ones(N, dtype))
    assert type(value) is float
    assert grad.dtype == loss.link(out).dtype == dtype


@every_variant
@both_dtypes
def test_link(loss, dtype):
    out, _ = example(loss, 50, dtype)
    out *= 5
    before = out.copy()
    prediction = loss.link(out)
    expected = LINKS[loss.name](loss, before.astype(np.float64))
    np.testing.assert_allclose(prediction, expected, atol=4 * np.finfo(dtype).eps, rtol=0)
    assert not np.shares_memory(prediction, out)
    np.testing.assert_array_equal(out, before)


@pytest.mark.parametrize("loss", [case for case in variants(Loss) if case.values[0].task == "classification"])
@settings(deadline=None, max_examples=40)
@given(st.data())
def test_probabilities(loss, data):
    out, _ = example(loss, N, np.float32)
    out = data.draw(arrays(np.float32, out.shape, elements=st.floats(-LARGEST, LARGEST, width=32)))
    p = loss.link(out)
    assert p.shape == (N, targets(loss))
    assert ((p >= 0) & (p <= 1)).all()
    np.testing.assert_allclose(p.sum(axis=1), 1.0, atol=1e-6)


@pytest.mark.parametrize("loss", [CrossEntropy(), BinaryCrossEntropy()], ids=lambda loss: loss.name)
@pytest.mark.parametrize("weights", [None, np.linspace(0.5, 1.5, N)], ids=["none", "any"])
def test_cross_entropies_are_log_loss(loss, weights):
    out, y = example(loss, N)
    expected = log_loss(y, loss.link(out), sample_weight=weights, labels=range(targets(loss)))
    np.testing.assert_allclose(value_and_grad(loss, out, y, weights)[0], expected, rtol=1e-12)


def test_two_classes_by_one_output_or_two():
    z, y = np.array([[0.3], [-2.0], [5.0]]), np.array([1, 0, 0], np.int32)
    for smoothing in (0.0, 0.1, 0.5):
        one, two = BinaryCrossEntropy(label_smoothing=smoothing), CrossEntropy(label_smoothing=smoothing)
        value, grad = value_and_grad(one, z, y)
        expected, both = value_and_grad(two, np.hstack([np.zeros_like(z), z]), y)
        np.testing.assert_allclose(value, expected, rtol=1e-12)
        np.testing.assert_allclose(grad, both[:, 1:], rtol=1e-12)


@pytest.mark.parametrize("loss", defaults(Loss))
def test_the_gradient_of_a_perfect_fit_is_zero(loss):
    _, y = example(loss, N)
    if loss.task == "regression":
        out = np.repeat(y, loss.outputs(1), axis=1)
    else:
        sure = 1e3 * (2 * np.eye(targets(loss))[y] - 1)
        out = np.ascontiguousarray(sure[:, -loss.outputs(targets(loss)) :])
    value, grad = value_and_grad(loss, out, y)
    assert value == 0.0
    assert not grad.any()
