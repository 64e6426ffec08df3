"""What stands for numbers: against the formulas of the papers, and the edges against an independent tree."""

import numpy as np
import pytest
from central import assert_gradient
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from unions import variants

from netrain.nn.build import make_curves
from netrain.nn.edges import apart, quantile_edges, tree_edges
from netrain.nn.embeddings import NumericEmbedding, Pbld, Ple, Plr, Raw
from netrain.nn.params import Flat
from netrain.random import stream

M, N = 3, 40

every_embedding = pytest.mark.parametrize("spec", [c for c in variants(NumericEmbedding) if c.values[0] != Raw()])


def small(spec):
    sizes = {"bins": 5, "frequencies": 4, "size": 3}
    return spec.model_copy(update={k: v for k, v in sizes.items() if k in type(spec).model_fields})


def made(spec, dtype=np.float64):
    curves = make_curves(small(spec), M)
    flat = Flat(curves.params(), dtype)
    flat.draw(0)
    curves.bind(flat.named, flat.named_grads, N, dtype)
    x = stream(0, "x").normal(size=(N, M)).astype(dtype)
    curves.start(x, stream(0, "y").normal(size=(N, 1)))
    flat.values[: flat.trained] += stream(0, "off").normal(0.0, 0.3, flat.trained).astype(dtype)
    return curves, flat, x


def outputs(curves, x) -> np.ndarray:
    out = np.full((len(x), curves.m, curves.size), np.nan, x.dtype)
    curves.forward(np.ascontiguousarray(x.T), out)
    return out


@every_embedding
def test_gradient(spec):
    curves, flat, x = made(spec)
    direction = stream(0, "direction").normal(size=(N, M, curves.size))
    outputs(curves, x)
    flat.grads.fill(np.nan)
    curves.backward(direction)
    grads = flat.grads.copy()
    value = lambda: float(np.vdot(outputs(curves, x), direction))  # noqa: E731
    assert_gradient(value, flat.values[: flat.trained], grads)


def test_ple_is_the_formula():
    curves, flat, x = made(Ple())
    p, x = flat.named, np.concatenate([x[:-2], [[9.0] * M, [-9.0] * M]])  # beyond the edges, too
    edges = [quantile_edges(made(Ple())[2][:, j], 5) for j in range(M)]
    for i, row in enumerate(outputs(curves, x)):
        for j, e in enumerate(edges):
            v = (x[i, j] - e[:-1]) / np.diff(e)
            v[0], v[1:-1], v[-1] = min(v[0], 1.0), np.clip(v[1:-1], 0.0, 1.0), max(v[-1], 0.0)
            expected = p["line"][j] * x[i, j] + p["b"][j] + v @ p["w"][j]
            np.testing.assert_allclose(row[j], expected, rtol=1e-10, atol=1e-12)


def test_plr_is_the_formula():
    curves, flat, x = made(Plr())
    p = flat.named
    for j in range(M):
        angle = 2 * np.pi * x[:, [j]] * p["frequency"][j]
        z = np.concatenate([np.cos(angle), np.sin(angle)], axis=1) @ p["w"][j] + p["b"][j]
        np.testing.assert_allclose(outputs(curves, x)[:, j], np.maximum(z, 0.0), rtol=1e-10, atol=1e-12)


def test_pbld_is_the_formula():
    curves, flat, x = made(Pbld())
    p = flat.named
    for j in range(M):
        h = np.cos(2 * np.pi * x[:, [j]] * p["frequency"][j] + p["phase"][j])
        expected = np.concatenate([h @ p["w"][j] + p["shift"][j], x[:, [j]]], axis=1)
        np.testing.assert_allclose(outputs(curves, x)[:, j], expected, rtol=1e-10, atol=1e-12)


def test_a_number_that_takes_few_values_uses_few_pieces():
    curves, flat, x = made(Ple())
    x[:, 0], x[:, 1] = 7.0, np.arange(N) >= N // 2
    curves.start(x, np.zeros((N, 1)))
    assert [(flat.named["slope"][j] != 0).sum() for j in range(M)] == [1, 1, 5]
    assert np.isfinite(outputs(curves, x)).all()


@settings(deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.integers(2, 20))
def test_edges_rise_from_the_least_to_the_greatest(values, bins):
    x = np.array(values)
    edges = quantile_edges(x, bins)
    assert 2 <= len(edges) <= bins + 1
    assert (np.diff(edges) > 0).all()
    assert edges[0] == x.min()
    assert edges[-1] == x.max() or np.ptp(x) <= 1e-6


def test_edges_are_quantiles_where_no_value_is_heavy():
    x = stream(0, "x").normal(size=999)
    np.testing.assert_allclose(quantile_edges(x, 8), np.quantile(x, np.linspace(0.0, 1.0, 9)), rtol=1e-12)


def test_each_of_few_values_has_an_edge():
    x = stream(0, "x").geometric(0.3, size=999).clip(1, 9).astype(float)
    np.testing.assert_array_equal(quantile_edges(x, 8), np.arange(1.0, 10.0))


def test_a_heavy_value_leaves_the_other_edges_to_the_other_rows():
    gains = stream(0, "x").lognormal(9.0, 1.0, size=500)
    edges = quantile_edges(np.concatenate((np.zeros(9_500), gains)), 8)
    np.testing.assert_allclose(edges, [0.0, *np.quantile(gains, np.linspace(0.0, 1.0, 8))], rtol=1e-12)


@pytest.mark.parametrize("classes", [0, 3])
@pytest.mark.parametrize("bins", [2, 5, 12])
def test_the_edges_of_a_tree_are_those_of_scikit_learn(classes, bins):
    n = 64 * 4 * bins
    x = stream(0, "x").normal(size=n)
    signal = np.sin(3 * x) + 0.3 * stream(0, "noise").normal(size=n)
    y = np.digitize(signal, [-0.3, 0.4]).astype(np.int32) if classes else signal[:, None]
    tree = DecisionTreeClassifier if classes else DecisionTreeRegressor
    oracle = tree(max_leaf_nodes=bins, min_samples_leaf=64).fit(x[:, None], y).tree_
    expected = apart(np.sort([x.min(), x.max(), *oracle.threshold[oracle.feature == 0]]))
    np.testing.assert_allclose(tree_edges(x, y, bins), expected, rtol=1e-6)


def test_a_tree_finds_the_step_of_the_target():
    x = np.linspace(0.0, 1.0, 1000)
    edges = tree_edges(x, (x[:, None] > 0.3).astype(float), 2)
    np.testing.assert_allclose(edges, [0.0, 0.3, 1.0], atol=1e-3)
