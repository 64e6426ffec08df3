import numpy as np
import pytest
from scipy.special import expit, ndtr
from unions import variants

from netrain.nn.activate import Activate
from netrain.nn.activations import Activation, Gelu

FORMULAS = {
    "relu": lambda _, x: np.where(x > 0, x, 0.0),
    "tanh": lambda _, x: np.tanh(x),
    "silu": lambda _, x: x * expit(x),
    "leaky_relu": lambda spec, x: np.where(x > 0, x, spec.slope * x),
    "elu": lambda spec, x: np.where(x > 0, x, spec.alpha * np.expm1(np.minimum(x, 0))),
    "selu": lambda _, x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0))),
    "mish": lambda _, x: x * np.tanh(np.logaddexp(0, x)),
    "sigmoid": lambda _, x: expit(x),
    "softplus": lambda _, x: np.logaddexp(0, x),
    "gelu": lambda _, x: 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
}
LARGE = np.array([sign * 10.0**power for sign in (1, -1) for power in range(1, 11)])

every_activation = pytest.mark.parametrize("spec", variants(Activation))
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def layer(spec, n, dtype) -> Activate:
    made = Activate(n, spec)
    made.bind({}, {}, 1, dtype)
    return made


@every_activation
def test_value(spec):
    x = np.linspace(-6, 6, 121)[None]
    found = layer(spec, x.size, x.dtype).forward(x.copy(), None)
    np.testing.assert_allclose(found, FORMULAS[spec.name](spec, x), rtol=1e-12, atol=1e-15)


@every_activation
@both_dtypes
def test_large_numbers_are_exact_and_their_slopes_finite(spec, dtype):
    x = LARGE.astype(dtype)[None]
    activate = layer(spec, x.size, dtype)
    expected = FORMULAS[spec.name](spec, x.astype(np.float64))
    # the tails of a logistic are rounded to a part of 1, which the first numbers, 10 and -10, scale by ten
    unit = np.finfo(dtype).eps
    np.testing.assert_allclose(activate.forward(x, None), expected, rtol=8 * unit, atol=10 * unit)
    assert np.isfinite(activate.backward(np.ones_like(x))).all()


@every_activation
@both_dtypes
def test_zeros_and_the_input_are_safe(spec, dtype):
    x = np.zeros((1, 3), dtype)
    x.flags.writeable = spec.in_place  # else the input belongs to the layer before
    activate = layer(spec, 3, dtype)
    assert np.isfinite(activate.forward(x, None)).all()
    assert np.isfinite(activate.backward(np.ones((1, 3), dtype))).all()


def test_gelu_is_near_the_exact_one():
    x = np.linspace(-6, 6, 121)[None]
    found = layer(Gelu(), x.size, x.dtype).forward(x, None)
    np.testing.assert_allclose(found, x * ndtr(x), atol=5e-4)  # the error of the tanh formula itself
