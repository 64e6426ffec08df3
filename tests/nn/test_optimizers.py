import tracemalloc

import numpy as np
import pytest
from pydantic import ValidationError
from unions import defaults, variants

from netrain.nn.memory import BLOCK
from netrain.nn.optimizers import Optimizer, Sgd, settle, soften
from netrain.nn.schedules import Cosine
from netrain.random import stream

STEPS, P, DECAY = 10, 7, 4
LRS = np.linspace(0.2, 0.02, STEPS)  # a rate that moves, as under a schedule

every_variant = pytest.mark.parametrize("spec", variants(Optimizer))
both_dtypes = pytest.mark.parametrize("dtype", [np.float32, np.float64])


def zeros(spec, like) -> dict[str, np.ndarray]:
    return {name: np.zeros_like(like) for name in spec.slots}


def decayed(spec, lr) -> np.ndarray:
    """What decoupled weight decay leaves of each parameter in a step; nothing is lost without the option."""
    return 1 - lr * getattr(spec, "weight_decay", 0.0) * (np.arange(P) < DECAY)


# Each paper's formula, number for number: from parameters and the gradient of every step to the last parameters.


def sgd(spec, p, gradients):
    v = np.zeros(P)
    for g, lr in zip(gradients, LRS, strict=True):
        v = spec.momentum * v + g
        p = decayed(spec, lr) * p - lr * (g + spec.momentum * v if spec.nesterov else v)
    return p


def adam(spec, p, gradients):
    m, v = np.zeros(P), np.zeros(P)
    for t, (g, lr) in enumerate(zip(gradients, LRS, strict=True), start=1):
        m = spec.beta1 * m + (1 - spec.beta1) * g
        v = spec.beta2 * v + (1 - spec.beta2) * g**2
        m_hat = m / (1 - spec.beta1**t)
        v_hat = v / (1 - spec.beta2**t)
        p = decayed(spec, lr) * p - lr * m_hat / (np.sqrt(v_hat) + spec.epsilon)
    return p


def rmsprop(spec, p, gradients):
    v, u = np.zeros(P), np.zeros(P)
    for g, lr in zip(gradients, LRS, strict=True):
        v = spec.rho * v + (1 - spec.rho) * g**2
        u = spec.momentum * u + g / (np.sqrt(v) + spec.epsilon)
        p = decayed(spec, lr) * p - lr * u
    return p


def adagrad(spec, p, gradients):
    for t, lr in enumerate(LRS, start=1):
        root = np.sqrt((gradients[:t] ** 2).sum(axis=0))
        p = decayed(spec, lr) * p - lr * gradients[t - 1] / (root + spec.epsilon)
    return p


def lion(spec, p, gradients):
    m = np.zeros(P)
    for g, lr in zip(gradients, LRS, strict=True):
        direction = np.sign(spec.beta1 * m + (1 - spec.beta1) * g)
        p = decayed(spec, lr) * p - lr * direction
        m = spec.beta2 * m + (1 - spec.beta2) * g
    return p


FORMULAS = {"sgd": sgd, "adam": adam, "adamw": adam, "rmsprop": rmsprop, "adagrad": adagrad, "lion": lion}


def ten_steps(spec, dtype) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Parameters before and after, and the gradients [steps, p]: one of them tiny, so that epsilon matters."""
    rng = stream(0, "optimizer")
    start = rng.normal(size=P)
    gradients = rng.normal(size=(STEPS, P)) * [1, 1, 1e-8, 1, 1e3, 1, 1e-8]
    params = start.astype(dtype)
    slots = zeros(spec, params)
    for step, (g, lr) in enumerate(zip(gradients, LRS, strict=True), start=1):
        spec.update(params, g.astype(dtype), slots, step=step, lr=float(lr), decay=DECAY)
    assert {a.dtype for a in (params, *slots.values())} == {np.dtype(dtype)}
    return start, params, gradients


@every_variant
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 1e-5)])
def test_formula(spec, dtype, rtol):
    start, found, gradients = ten_steps(spec, dtype)  # float32: some rounding errors of 1e-7 in each step
    expected = FORMULAS[spec.name](spec, start, gradients)
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol)


@every_variant
@both_dtypes
def test_zero_gradients_only_decay(spec, dtype):
    params, expected = np.ones(P, dtype), np.ones(P)
    slots = zeros(spec, params)
    for step in range(1, 101):
        spec.update(params, np.zeros(P, dtype), slots, step=step, lr=0.1, decay=DECAY)
        expected *= decayed(spec, 0.1)
    np.testing.assert_allclose(params, expected, rtol=100 * np.finfo(dtype).eps)  # 100 roundings
    np.testing.assert_array_equal(params[DECAY:], 1.0)


@every_variant
def test_no_parameters_are_no_problem(spec):
    nothing = np.zeros(0)
    spec.update(nothing, nothing, zeros(spec, nothing), step=1, lr=0.1, decay=0)


@every_variant
def test_a_long_vector_moves_as_its_parts(spec):
    rng, n = stream(0, "long"), 2 * BLOCK + 5
    whole, gradients = rng.normal(size=n), rng.normal(size=(3, n))
    parts = np.array_split(whole.copy(), 3)
    slots, slots_of_parts = zeros(spec, whole), [zeros(spec, part) for part in parts]
    for step, g in enumerate(gradients, start=1):
        for part, piece, own in zip(parts, np.array_split(g.copy(), 3), slots_of_parts, strict=True):
            spec.update(part, piece, own, step=step, lr=0.1, decay=len(part))
        spec.update(whole, g, slots, step=step, lr=0.1, decay=n)
    np.testing.assert_array_equal(whole, np.concatenate(parts))


@every_variant
def test_an_update_needs_no_memory_of_the_size_of_the_parameters(spec):
    params = np.ones(100 * BLOCK, np.float32)
    grads, slots = np.ones_like(params), zeros(spec, params)
    tracemalloc.start()
    spec.update(params, grads, slots, step=1, lr=0.1, decay=len(params))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < params.nbytes / 10


@both_dtypes
def test_soften_moves_decayed_parameters_to_zero_and_no_further(dtype):
    params = np.array([3.0, -2.0, 0.5, -0.5, 0.4, 0.0, 0.4], dtype)
    soften(params, 6, 0.5, np.full(7, np.nan, dtype))
    np.testing.assert_array_equal(params, np.array([2.5, -1.5, 0, 0, 0, 0, 0.4], dtype))


def test_nesterov_takes_the_gradient_ahead():
    # Sutskever et al. (2013), equation 3 and 4, on 1/2 a x^2; ours holds the point ahead, x + momentum v
    a, x, v, lr, mu = np.array([1.0, 10.0]), np.ones(2), np.zeros(2), 0.05, 0.9
    spec, params = Sgd(momentum=mu, nesterov=True), np.ones(2)
    slots = zeros(spec, params)
    for step in range(1, 21):
        v = mu * v - lr * a * (x + mu * v)
        x = x + v
        spec.update(params, a * params, slots, step=step, lr=lr, decay=0)
        np.testing.assert_allclose(params, x + mu * v, rtol=1e-12)


def test_nesterov_needs_momentum():
    with pytest.raises(ValidationError, match="needs a `momentum` above 0"):
        Sgd(momentum=0.0, nesterov=True)


def parabola(x) -> np.ndarray:
    return np.geomspace(1.0, 100.0, x.size) * x


def rosenbrock(x) -> np.ndarray:
    a, b = x
    return np.array([-2 * (1 - a) - 400 * a * (b - a * a), 200 * (b - a * a)])


# the gradient, the start, the minimum
VALLEYS = {
    "parabola": (parabola, [1.0, -1.0, 1.0, 1.0], [0.0] * 4),
    "rosenbrock": (rosenbrock, [-1.2, 1.0], [1.0, 1.0]),
}
RATES = {
    ("sgd", "parabola"): 5e-3,
    ("sgd", "rosenbrock"): 1.5e-3,
    ("adagrad", "parabola"): 1.0,
    ("adagrad", "rosenbrock"): 1.0,
    ("lion", "rosenbrock"): 1e-3,
    ("rmsprop", "rosenbrock"): 1e-2,
}
UPDATES = {("adagrad", "rosenbrock"): 20_000, ("rmsprop", "rosenbrock"): 20_000}  # without momentum in a curved valley
RATE, MOST = 0.05, 6000


@pytest.mark.parametrize("spec", defaults(Optimizer))
@pytest.mark.parametrize("valley", VALLEYS)
def test_convergence(spec, valley):
    gradient, start, minimum = VALLEYS[valley]
    x = np.array(start)
    slots, fall = zeros(spec, x), Cosine()
    rate, updates = RATES.get((spec.name, valley), RATE), UPDATES.get((spec.name, valley), MOST)
    for step in range(updates):
        spec.update(x, gradient(x), slots, step=step + 1, lr=rate * fall(step, updates, []), decay=0)
    np.testing.assert_allclose(x, minimum, atol=1e-3)


@both_dtypes
def test_settle_makes_faded_numbers_zero_and_leaves_the_rest(dtype):
    slot = np.array([0.0, 1e-40, -1e-37, 1e-34, -1e-32, 1e-30, 1.0, -3e30], dtype)
    settle(slot)
    np.testing.assert_array_equal(slot, np.array([0, 0, 0, 0, -1e-32, 1e-30, 1.0, -3e30], dtype))
