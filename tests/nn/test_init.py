import numpy as np
import pytest
from unions import defaults

from netrain.nn.build import Shape, build
from netrain.nn.init import Constant, He, Init, Normal, Orthogonal
from netrain.nn.models import Linear, Mlp
from netrain.random import stream

N_IN, N_OUT = 400, 300
VARIANCES = {
    "he": 2 / N_IN,
    "glorot": 2 / (N_IN + N_OUT),
    "lecun": 1 / N_IN,
    "orthogonal": 1 / max(N_IN, N_OUT),
    "uniform": 1 / 3 / N_IN,
    "data": 1 / N_IN,
    "zeros": 0.0,
}

every_init = pytest.mark.parametrize("init", defaults(Init))


def assert_moments(weights, variance):
    """Mean 0 and a variance, within five deviations of their estimates (of a normal; a uniform's are smaller)."""
    if not variance:
        assert not weights.any()
        return
    assert abs(weights.mean()) < 5 * (variance / weights.size) ** 0.5
    assert abs(weights.var() / variance - 1) < 5 * (2 / weights.size) ** 0.5


@every_init
@pytest.mark.parametrize("shape", [(N_IN, N_OUT), (3, N_IN, N_OUT)], ids=["layer", "ensemble"])
def test_variance(init, shape):
    weights = init.draw(stream(0, "init"), shape)
    assert weights.shape == shape
    assert_moments(weights, VARIANCES[init.name])


@every_init
def test_the_stream_decides(init):
    a, same, other = (init.draw(stream(0, "init", place), (4, 3)) for place in (0, 0, 1))
    np.testing.assert_array_equal(a, same)
    assert (a != other).all() or not VARIANCES[init.name]


@every_init
def test_a_model_draws_as_it_is_told(init):
    named = build(Linear(init=init), Shape(N_IN, (), N_OUT), seed=0, rows=1, dtype=np.float64).flat.named
    assert_moments(named["out.w"], VARIANCES[init.name])
    assert not named["out.b"].any()
    shape = Shape(N_IN, (), N_IN)
    models = [Mlp(hidden=(N_OUT,), init=init), Mlp(hidden=(N_OUT,), init=He(), last_init=init)]
    first, last = (build(model, shape, seed=0, rows=1, dtype=np.float64).flat.named for model in models)
    assert_moments(first["hidden.0.linear.w"], VARIANCES[init.name])
    assert_moments(first["out.w"], VARIANCES["glorot"])
    assert_moments(last["hidden.0.linear.w"], VARIANCES["he"])
    assert last["out.w"].std() == pytest.approx(init.draw(stream(0, "init"), (N_OUT, N_IN)).std(), rel=0.05)
    assert not first["hidden.0.linear.b"].any()


@pytest.mark.parametrize("shape", [(7, 4), (4, 7), (3, 7, 4), (2, 3, 4, 7)], ids=str)
@pytest.mark.parametrize("gain", [1.0, 0.5])
def test_orthogonal_has_right_angles(shape, gain):
    weights = Orthogonal(gain=gain).draw(stream(0, "init"), shape)
    tall = weights if shape[-2] > shape[-1] else weights.swapaxes(-2, -1)
    found = tall.swapaxes(-2, -1) @ tall
    np.testing.assert_allclose(found, np.broadcast_to(gain**2 * np.eye(4), found.shape), atol=1e-12)


def test_normal_and_constant():
    assert_moments(Normal(std=0.5).draw(stream(0, "init"), (N_IN, N_OUT)), 0.25)
    np.testing.assert_array_equal(Constant(value=3.0).draw(stream(0, "init"), (2, 2)), np.full((2, 2), 3.0))
