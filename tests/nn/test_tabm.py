"""TabM (Gorishniy et al., 2025): a network that is k networks, with losses of their own and one answer."""

import numpy as np
import pytest
from central import assert_gradient
from test_layers import N_IN, bound, numbers
from toys import example, inputs, kinds
from unions import defaults

from netrain.inputs import Inputs, Rows
from netrain.nn.build import Shape, build
from netrain.nn.init import Adapters, Uniform
from netrain.nn.losses import Loss, SquaredError
from netrain.nn.members import Ensemble, Separate
from netrain.nn.models import Tabm
from netrain.nn.pool import pool
from netrain.random import stream
from netrain.training.fit import Plan, State
from netrain.training.recipe import Training
from netrain.training.step import Stepper

K, N = 3, 8
SHAPE = Shape(4, (3,), 2, numbers=(1, 3))
VARIANTS = ("mini", "full", "packed")
each_variant = pytest.mark.parametrize("variant", VARIANTS)


def network(variant, *, own=False, rows=N):
    model = Tabm(variant=variant, ensemble=K, hidden=(6, 5), own_rows=own, dropout=0.0)
    net, x = build(model, SHAPE, seed=0, rows=rows, dtype=np.float64), inputs(SHAPE, rows)
    net.start(x, np.zeros((rows, 1)), 0)
    net.flat.values[: net.flat.trained] += stream(0, "off").normal(0.0, 0.1, net.flat.trained)
    return net, x


def member(p, variant, i, z):
    """The outputs of member i for rows that have passed the entry, from the formulas of the paper."""
    if variant == "mini":
        z = z * p["adapt.r"][i]
    for layer in ("hidden.0.linear", "hidden.1.linear"):
        w, b = p[f"{layer}.w"], p[f"{layer}.b"]
        match variant:
            case "mini":
                z = z @ w + b
            case "full":
                z = ((z * p[f"{layer}.r"][i]) @ w) * p[f"{layer}.s"][i] + b[i]
            case "packed":
                z = z @ w[i] + b[i]
        z = np.maximum(z, 0.0)
    return z @ p["out.w"][i] + p["out.b"][i]


@each_variant
def test_its_outputs_are_those_of_k_networks(variant):
    net, x = network(variant)
    z = net.entry.forward(x).copy()
    expected = [member(net.flat.named, variant, i, z) for i in range(K)]
    np.testing.assert_allclose(net.forward(x), np.concatenate(expected), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(net.predict(x), np.mean(expected, axis=0), rtol=1e-12, atol=1e-13)


@each_variant
def test_rows_of_their_own_are_seen_by_each_member_alone(variant):
    net, x = network(variant, own=True, rows=K * N)
    out = net.forward(x, stream(0, "mask")).copy()
    z = net.entry.forward(x)
    expected = [member(net.flat.named, variant, i, z[i * N : (i + 1) * N]) for i in range(K)]
    np.testing.assert_allclose(out, np.concatenate(expected), rtol=1e-12, atol=1e-13)


@each_variant
def test_members_differ_from_the_start_and_sections_share_a_factor(variant):
    net, x = network(variant)
    first = net.forward(x).reshape(K, N, -1)
    assert all((first[i] != first[j]).any() for i in range(K) for j in range(i))
    r = Adapters(sections=(3, 1, 2), signs=False).draw(stream(0, "init"), (K, 6))
    assert (r[:, 0] == r[:, 1]).all()
    assert (r[:, 0] == r[:, 2]).all()
    assert (r[:, 2] != r[:, 3]).all()
    assert (r[:, 4] == r[:, 5]).all()
    signs = Adapters(sections=(1,) * 50).draw(stream(0, "init"), (K, 50))
    assert set(np.unique(signs)) == {-1.0, 1.0}


@pytest.mark.parametrize("own", [False, True])
def test_an_ensemble_gives_the_gradient_of_its_input(own):
    layer = Ensemble(K, N_IN, Separate(K, N_IN, 2, Uniform()), own=own)
    flat, x = bound(layer), numbers(6, N_IN)
    rng = stream(0, "mask")
    direction = numbers(len(layer.forward(x, rng)), 2, seed=1)
    dx = layer.backward(direction.copy())
    w = flat.named["w"]
    if own:
        expected = np.concatenate([direction[2 * i : 2 * i + 2] @ w[i].T for i in range(K)])
    else:
        expected = sum(direction[6 * i : 6 * i + 6] @ w[i].T for i in range(K))
    np.testing.assert_allclose(dx, expected, rtol=1e-12)


@pytest.mark.parametrize("loss", defaults(Loss))
def test_the_answer_of_an_ensemble_is_the_mean_of_what_members_predict(loss):
    for kind in kinds(loss):
        out = np.stack([example(loss, kind, 20, seed=seed)[0] for seed in range(K)])
        expected = np.mean([loss.link(member) for member in out], axis=0)
        np.testing.assert_allclose(loss.link(pool(loss)(out)), expected, rtol=1e-9, atol=1e-12)


def test_the_answer_of_sure_members_is_finite():
    for loss in (case.values[0] for case in defaults(Loss)):
        for kind in kinds(loss):
            out = np.stack([example(loss, kind, 20, np.float32, seed)[0] * 100 for seed in range(K)])
            assert np.isfinite(pool(loss)(out)).all()


def test_a_step_sees_a_batch_for_each_member_and_the_mean_of_their_losses():
    net, _ = network("packed", own=True, rows=K * N)
    x, y = inputs(SHAPE, 30), stream(0, "y").normal(size=(30, 2))
    training = Training(batch_size=N, schedule="constant", optimizer="sgd")
    plan = Plan(training, SquaredError(), "loss", 0, dict)
    state = State()
    stepper = Stepper(net, plan, Rows(x, y), state, total=10, batch_size=N)
    rows = stream(0, "rows").integers(0, 30, K * N)
    losses = []
    for i, own in enumerate(np.split(rows, K)):
        z = net.entry.forward(Inputs(x.num[own], x.cat[own])).copy()
        losses.append(np.mean((member(net.flat.named, "packed", i, z) - y[own]) ** 2))
    stepper.step(rows, last=False)
    assert state.loss_sum / N == pytest.approx(np.mean(losses), rel=1e-12)


def test_members_that_share_a_batch_have_the_mean_of_their_losses_too():
    net, _ = network("mini")
    x, y = inputs(SHAPE, N), stream(0, "y").normal(size=(N, 2))
    plan = Plan(Training(batch_size=N, schedule="constant"), SquaredError(), "loss", 0, dict)
    state = State()
    stepper = Stepper(net, plan, Rows(x, y), state, total=10, batch_size=N)
    expected = np.mean([np.mean((out - y) ** 2) for out in net.forward(x).reshape(K, N, 2)])
    stepper.step(np.arange(N), last=False)
    assert state.loss_sum / N == pytest.approx(expected, rel=1e-12)


@each_variant
@pytest.mark.parametrize("own", [False, True])
def test_its_slopes_are_those_of_what_the_entry_makes(variant, own):
    net, x = network(variant, own=own)
    weights, z = np.array([1.0, -0.5]), net.entry.forward(x).copy()
    found = net.slopes(x, weights)
    assert found.shape == z.shape

    def value() -> float:
        return float(net.body.forward(z, None).reshape(K, N, 2).mean(axis=0) @ weights @ np.ones(N))

    assert_gradient(value, z, found)


def test_what_comes_from_an_input_is_told_as_its_own():
    net, x = network("mini")
    z = net.entry.forward(x)
    num, cat = net.entry.by_input(z)
    assert (num.shape, cat.shape) == (x.num.shape, x.cat.shape)
    others = [i for i in range(SHAPE.num) if i not in SHAPE.numbers]
    np.testing.assert_array_equal(num[:, others], x.num[:, others])
    table = net.flat.named["embedding.0"]
    np.testing.assert_allclose(cat[:, 0], table[x.cat[:, 0]].sum(axis=1), rtol=1e-12)
