"""RealMLP against a transcription of its description (Holzmueller et al., 2024) that knows no layer."""

import numpy as np
import pytest
from toys import inputs

from netrain.nn.activations import Mish, Selu
from netrain.nn.build import Shape, build
from netrain.nn.models import Realmlp
from netrain.nn.optimizers import AdamW
from netrain.random import stream
from netrain.training.descent import Descent

SHAPE = Shape(4, (3,), 3, numbers=(1, 3))
N, WIDTHS = 32, (7, 6, 5)


def selu(x):
    return 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0)))


def selu_slope(x):
    return 1.0507009873554805 * np.where(x > 0, 1.0, 1.6732632423543772 * np.exp(np.minimum(x, 0)))


def mish(x):
    return x * np.tanh(np.log1p(np.exp(x)))


def mish_slope(x):
    t, s = np.tanh(np.log1p(np.exp(x))), 1 / (1 + np.exp(-x))
    return t + x * (1 - t**2) * s


FUNCTIONS = {"selu": (Selu(), selu, selu_slope), "mish": (Mish(), mish, mish_slope)}
each_function = pytest.mark.parametrize("name", FUNCTIONS)


def network(name):
    model = Realmlp(hidden=WIDTHS, activation=FUNCTIONS[name][0], dropout=0.0)
    net, x = build(model, SHAPE, seed=0, rows=N, dtype=np.float64), inputs(SHAPE, N)
    net.start(x, np.zeros((N, 1)), 0)
    net.flat.values += stream(0, "off").normal(0.0, 0.1, net.flat.values.size)
    return net, x


def transcription(p, x, f, slope, dout):
    """The outputs, and the gradients of sum(outputs * dout) by every parameter."""
    xs = x.num[:, [1, 3]]
    freq, phase = p["embedding.numeric.frequency"], p["embedding.numeric.phase"]
    w2, b2 = p["embedding.numeric.w"], p["embedding.numeric.shift"]
    columns, angles = [], []
    for i in range(2):
        u = 2 * np.pi * np.outer(xs[:, i], freq[i]) + phase[i]
        angles.append(u)
        columns += [np.cos(u) @ w2[i] + b2[i], xs[:, [i]]]
    h0 = np.concatenate([*columns, x.num[:, [0, 2]], p["embedding.0"][x.cat[:, 0]]], axis=1)
    z = h0 * p["scale.s"]
    kept = []
    for i in range(3):
        w, b, a = (p[f"hidden.{i}.{key}"] for key in ("linear.w", "linear.b", "activation.a"))
        u = z @ w / np.sqrt(len(w)) + b
        kept.append((z, u))
        z = u + a * (f(u) - u)
    out = z @ p["out.w"] / np.sqrt(WIDTHS[-1]) + p["out.b"]
    g = {"out.w": z.T @ dout / np.sqrt(WIDTHS[-1]), "out.b": dout.sum(axis=0)}
    dz = dout @ p["out.w"].T / np.sqrt(WIDTHS[-1])
    for i in (2, 1, 0):
        w, a = p[f"hidden.{i}.linear.w"], p[f"hidden.{i}.activation.a"]
        z, u = kept[i]
        g[f"hidden.{i}.activation.a"] = (dz * (f(u) - u)).sum(axis=0)
        du = dz * (1 - a + a * slope(u))
        g[f"hidden.{i}.linear.w"], g[f"hidden.{i}.linear.b"] = z.T @ du / np.sqrt(len(w)), du.sum(axis=0)
        dz = du @ w.T / np.sqrt(len(w))
    g["scale.s"] = (dz * h0).sum(axis=0)
    dh = dz * p["scale.s"]
    g["embedding.0"] = np.zeros_like(p["embedding.0"])
    np.add.at(g["embedding.0"], x.cat[:, 0], dh[:, -8:])
    by_column = {key: [] for key in ("w", "shift", "frequency", "phase")}
    for i, u in enumerate(angles):
        de = dh[:, 4 * i : 4 * i + 3]
        du = -np.sin(u) * (de @ w2[i].T)
        by_column["w"].append(np.cos(u).T @ de)
        by_column["shift"].append(de.sum(axis=0))
        by_column["phase"].append(du.sum(axis=0))
        by_column["frequency"].append(2 * np.pi * (xs[:, [i]] * du).sum(axis=0))
    return out, g | {f"embedding.numeric.{key}": np.array(value) for key, value in by_column.items()}


@each_function
def test_outputs_and_gradients_are_those_of_the_description(name):
    net, x = network(name)
    dout = stream(0, "dout").normal(size=(N, 3))
    found = net.forward(x).copy()
    net.flat.grads.fill(np.nan)
    net.backward(dout.copy())
    out, gradients = transcription(net.flat.named, x, *FUNCTIONS[name][1:], dout)
    np.testing.assert_allclose(found, out, rtol=1e-12, atol=1e-13)
    assert gradients.keys() == net.flat.named_grads.keys()
    for key, gradient in gradients.items():
        np.testing.assert_allclose(net.flat.named_grads[key], gradient, rtol=1e-10, atol=1e-12, err_msg=key)


FACTORS = {"embedding.numeric": 0.1, "scale.s": 6.0, "activation.a": 0.1, "linear.b": 0.1, "out.b": 0.1}


def test_a_step_moves_each_kind_of_parameter_at_its_rate_and_decays_it_by_the_square():
    net, x = network("mish")
    flat, rate, weight_decay, decay = net.flat, 0.04, 0.02, 0.5
    spec = AdamW(beta2=0.95, weight_decay=weight_decay)
    slots = {name: np.zeros_like(flat.grads) for name in spec.slots}
    net.forward(x)
    net.backward(np.ones((N, 3)))
    before, grads = flat.values.copy(), {key: g.copy() for key, g in flat.named_grads.items()}
    expected = {}
    for key, value in flat.named.items():
        factor = next((f for part, f in FACTORS.items() if part in key), 1.0)
        held = 0.0 if key.endswith(".b") else weight_decay
        p = value * (1 - rate * factor**2 * held * decay)
        expected[key] = p - rate * factor * grads[key] / (np.abs(grads[key]) + 1e-8)
    Descent(flat, spec, slots).step(1, rate, decay)
    assert (flat.values != before).any()
    for key, value in expected.items():
        np.testing.assert_allclose(flat.named[key], value, rtol=1e-9, atol=1e-12, err_msg=key)


def test_a_start_from_rows_gives_every_unit_variance_one_and_a_zero_among_the_rows():
    model = Realmlp(hidden=WIDTHS, dropout=0.0, parametric=False)
    net, x = build(model, SHAPE, seed=0, rows=N, dtype=np.float64), inputs(SHAPE, N)
    net.start(x, np.zeros((N, 1)), 0)
    p = net.flat.named
    z = net.entry.forward(x) * p["scale.s"]
    for layer in ("hidden.0.linear", "hidden.1.linear", "hidden.2.linear", "out"):
        u = z @ p[f"{layer}.w"] / np.sqrt(z.shape[1])
        np.testing.assert_allclose(u.std(axis=0), 1.0, rtol=1e-9)
        assert (u.min(axis=0) <= -p[f"{layer}.b"]).all()  # a mixture of rows lies between them
        assert (-p[f"{layer}.b"] <= u.max(axis=0)).all()
        z = mish(u + p[f"{layer}.b"])
