import importlib
import pkgutil

import numpy as np
import pytest
from central import assert_gradient
from hypothesis import given, settings
from hypothesis import strategies as st
from unions import variants

import netrain.nn
from netrain.inputs import Inputs
from netrain.nn.activate import Activate
from netrain.nn.activations import Activation, Tanh
from netrain.nn.dropout import Dropout
from netrain.nn.embedding import Entry, sum_rows
from netrain.nn.front_scale import FrontScale
from netrain.nn.init import Constant, Glorot, He, Normal
from netrain.nn.layer import Chain, Layer
from netrain.nn.linear import Linear
from netrain.nn.members import Adapt, BatchEnsemble, Ensemble, Separate
from netrain.nn.norm import BatchNorm, LayerNorm
from netrain.nn.ntk import NtkLinear
from netrain.nn.parametric import Parametric
from netrain.nn.params import Flat, Param
from netrain.nn.residual import Residual
from netrain.random import stream

N_IN = 5
LEADING = [(6,), (3, 4)]  # a batch, and an ensemble of batches


def block() -> Layer:
    parts = {"a": Linear(N_IN, 4, He()), "b": LayerNorm(4), "c": Activate(4, Tanh()), "d": Dropout(4, 0.3)}
    return Chain({"hidden": Chain(parts), "out": Linear(4, 2, Glorot())})


def residual() -> Layer:
    parts = {"norm": BatchNorm(N_IN), "up": Linear(N_IN, 7, He()), "tanh": Activate(7, Tanh())}
    return Residual(Chain(parts | {"down": Linear(7, N_IN, He())}))


LAYERS = {
    "linear": lambda: Linear(N_IN, 3, Glorot()),
    "layer_norm": lambda: LayerNorm(N_IN),
    "batch_norm": lambda: BatchNorm(N_IN),
    "dropout": lambda: Dropout(N_IN, 0.4),
    "residual": residual,
    "front_scale": lambda: FrontScale(N_IN),
    "ntk_linear": lambda: NtkLinear(N_IN, 3, Glorot()),
    "parametric": lambda: Parametric(N_IN, Tanh()),
    "adapt": lambda: Adapt(3, N_IN, Normal()),
    "batch_ensemble": lambda: BatchEnsemble(3, N_IN, 4, He(), Normal()),
    "separate": lambda: Separate(3, N_IN, 4, He()),
    "chain": block,
} | {f"activate-{case.id}": lambda spec=case.values[0]: Activate(N_IN, spec) for case in variants(Activation)}

every_layer = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)
every_lead = pytest.mark.parametrize("lead", LEADING, ids=["n", "m_n"])


def bound(layer: Layer | Entry, rows: int = 20, dtype=np.float64) -> Flat:
    """The memory of a layer, moved off its start so that no bias is 0 and no gain 1."""
    flat = Flat(layer.params(), dtype)
    flat.draw(0)
    flat.values += np.abs(stream(0, "off").normal(0.0, 0.3, flat.values.size)).astype(dtype)
    layer.bind(flat.named, flat.named_grads, rows, dtype)
    return flat


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return stream(seed, "numbers").normal(size=shape)


def mask() -> np.random.Generator:
    """The same draws for every forward."""
    return stream(0, "mask")


def test_every_layer_has_a_case():
    for module in pkgutil.iter_modules(netrain.nn.__path__):
        importlib.import_module(f"netrain.nn.{module.name}")
    found = {type(make()) for make in LAYERS.values()}
    assert found | {Ensemble} == set(Layer.__subclasses__())  # an ensemble has tests of its own


@every_layer
@every_lead
def test_gradient(make, lead):
    layer = make()
    flat, x = bound(layer), numbers(*lead, N_IN)
    direction = numbers(*lead, layer.n_out, seed=1)

    def value() -> float:
        return float(np.vdot(layer.forward(x.copy(), mask()), direction))

    value()
    dx = layer.backward(direction.copy()).copy()
    grads = flat.grads.copy()
    assert_gradient(value, x, dx)
    assert_gradient(value, flat.values[: flat.trained], grads)


@every_layer
@every_lead
def test_gradient_of_predicting(make, lead):
    layer, x = make(), numbers(*lead, N_IN)
    flat, direction = bound(layer), numbers(*lead, layer.n_out, seed=1)

    def value() -> float:
        return float(np.vdot(layer.forward(x.copy(), None), direction))

    value()
    dx = layer.backward(direction.copy()).copy()
    grads = flat.grads.copy()
    assert_gradient(value, x, dx)
    assert_gradient(value, flat.values[: flat.trained], grads)


@every_layer
def test_its_modes_are_declared(make):
    layer, x = make(), numbers(6, N_IN)
    flat = bound(layer)
    before, predicted = flat.values.copy(), layer.forward(x.copy(), None).copy()
    np.testing.assert_array_equal(flat.values, before)
    differs = (layer.forward(x.copy(), mask()) != predicted).any()
    assert differs == layer.has_modes


@every_layer
def test_backward_replaces_the_last_gradient(make):
    layer = make()
    flat, direction = bound(layer), numbers(6, layer.n_out)
    found = []
    for _ in range(2):
        layer.forward(numbers(6, N_IN), mask())
        layer.backward(direction.copy())
        found.append(flat.grads.copy())
    np.testing.assert_array_equal(*found)


@every_layer
def test_an_ensemble_of_batches_is_its_batches(make):
    layer, x = make(), numbers(3, 4, N_IN)
    if isinstance(layer, Adapt | BatchEnsemble | Separate):
        return  # whose batches mean something else to them
    bound(layer)
    together = layer.forward(x.copy(), None).copy()
    for whole, batch in zip(together, x, strict=True):
        np.testing.assert_allclose(whole, layer.forward(batch, None), rtol=1e-12, atol=1e-15)


@every_layer
@every_lead
def test_float32_stays(make, lead):
    layer = make()
    flat = bound(layer, dtype=np.float32)
    y = layer.forward(numbers(*lead, N_IN).astype(np.float32), mask())
    dx = layer.backward(np.ones_like(y))
    assert {y.dtype, dx.dtype, flat.values.dtype, flat.grads.dtype} == {np.dtype(np.float32)}
    assert (y.shape, dx.shape) == ((*lead, layer.n_out), (*lead, N_IN))


FED = {
    "linear": lambda data: Linear(N_IN, 3, He(), data=data),
    "ntk_linear": lambda data: NtkLinear(N_IN, 3, He(), data=data),
    "front_scale": lambda data: FrontScale(N_IN, data=data),
}


@pytest.mark.parametrize("make", FED.values(), ids=FED)
@every_lead
@pytest.mark.parametrize("data", [0, 2, N_IN])
def test_a_layer_that_is_fed_data_has_the_same_gradients_but_those_by_the_data(make, lead, data):
    found = []
    for fed in (0, data):
        layer = make(fed)
        flat = bound(layer)
        layer.forward(numbers(*lead, N_IN), None)
        dx = layer.backward(numbers(*lead, layer.n_out, seed=1))
        assert dx.shape == (*lead, N_IN - fed)
        found.append((flat.grads, dx[..., data - fed :]))
    for whole, fed in zip(*found, strict=True):
        np.testing.assert_allclose(whole, fed, rtol=1e-12, atol=1e-15)


def test_linear_by_hand():
    layer = Linear(2, 1, He())
    flat = bound(layer)
    flat.named["w"][:], flat.named["b"][:] = [[2.0], [3.0]], 5.0
    np.testing.assert_array_equal(layer.forward(np.array([[1.0, 10.0]]), None), [[37.0]])


def test_layer_norm_formula():
    layer, x = LayerNorm(N_IN), numbers(4, N_IN) * [[1e-3], [1.0], [1e3], [1e6]] + 5.0
    named = bound(layer).named
    # Ba et al. (2016), equation 3; without epsilon the first row would have deviation 1
    unit = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(layer.forward(x.copy(), None), named["gain"] * unit + named["bias"], rtol=1e-9)


def test_batch_norm_formula():
    layer, x = BatchNorm(N_IN), numbers(20, N_IN) * [1e-3, 1.0, 1e3, 1e6, 1.0] + 5.0
    named = bound(layer).named
    # Ioffe and Szegedy (2015), algorithm 1; without epsilon the first column would have deviation 1
    unit = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)
    np.testing.assert_allclose(layer.forward(x.copy(), mask()), named["gain"] * unit + named["bias"], rtol=1e-9)
    again = layer.forward(x.reshape(4, 5, N_IN), mask())
    np.testing.assert_allclose(again.reshape(20, N_IN), named["gain"] * unit + named["bias"], rtol=1e-9)


def test_batch_norm_predicts_from_a_running_mean_of_batches():
    layer, batches = BatchNorm(N_IN), [numbers(8, N_IN, seed=seed) * 3 + 1 for seed in range(4)]
    named = bound(layer).named
    mean, variance = named["mean"].copy(), named["variance"].copy()
    for x in batches:
        layer.forward(x.copy(), mask())
        mean = 0.9 * mean + 0.1 * x.mean(axis=0)
        variance = 0.9 * variance + 0.1 * x.var(axis=0, ddof=1)
        np.testing.assert_allclose(named["mean"], mean, rtol=1e-12)
        np.testing.assert_allclose(named["variance"], variance, rtol=1e-12)
    unit = (batches[0] - mean) / np.sqrt(variance + 1e-5)
    np.testing.assert_allclose(layer.forward(batches[0], None), named["gain"] * unit + named["bias"], rtol=1e-12)


def test_batch_norm_of_one_row_is_that_of_predicting():
    layer, x = BatchNorm(N_IN), numbers(1, N_IN)
    flat = bound(layer)
    before, expected = flat.values.copy(), layer.forward(x.copy(), None).copy()
    np.testing.assert_array_equal(layer.forward(x.copy(), mask()), expected)
    np.testing.assert_array_equal(flat.values, before)
    dx, named = layer.backward(np.ones_like(x)), flat.named
    np.testing.assert_allclose(dx[0], named["gain"] / np.sqrt(named["variance"] + 1e-5), rtol=1e-12)


def test_batch_norm_of_a_column_that_never_changes():
    layer = BatchNorm(N_IN)
    named = bound(layer).named
    np.testing.assert_array_equal(layer.forward(np.full((6, N_IN), 7.0), mask()), np.tile(named["bias"], (6, 1)))
    assert np.isfinite(layer.backward(numbers(6, N_IN))).all()


def test_residual_adds_its_input_and_keeps_names():
    layer, x = residual(), numbers(6, N_IN)
    bound(layer)
    inside = layer.forward(x.copy(), None) - x
    np.testing.assert_allclose(inside, layer.block.forward(x, None), rtol=1e-12, atol=1e-15)
    assert list(layer.params()) == list(layer.block.params())


def test_dropout_keeps_the_mean_and_drops_its_share():
    layer, rate, x = Dropout(100, 0.3), round(0.3 * 65536) / 65536, np.ones((1000, 100))
    bound(layer, rows=1000)
    y = layer.forward(x.copy(), mask())
    assert set(np.unique(y)) == {0.0, 1 / (1 - rate)}
    assert abs((y == 0).mean() - rate) < 5 * (rate * (1 - rate) / y.size) ** 0.5  # five deviations
    np.testing.assert_array_equal(layer.backward(np.ones_like(x)), y)


def test_dropout_may_be_eased():
    layer, x = Dropout(100, 0.4), np.ones((1000, 100))
    bound(layer, rows=1000)
    layer.factor = 0.5
    assert set(np.unique(layer.forward(x, mask()))) == {0.0, 1 / (1 - round(0.2 * 65536) / 65536)}
    layer.factor = 0.0
    np.testing.assert_array_equal(layer.forward(x, mask()), x)


def test_dropout_is_nothing_when_predicting():
    layer, x = Dropout(N_IN, 0.9), numbers(6, N_IN)
    bound(layer)
    layer.forward(x.copy(), mask())
    np.testing.assert_array_equal(layer.forward(x.copy(), None), numbers(6, N_IN))
    np.testing.assert_array_equal(layer.backward(np.ones((6, N_IN))), 1.0)


CAT = np.array([[0, 1], [2, 0], [2, 1], [0, 1], [2, 1]], np.int32)  # repeated; 0; level 1 of the first never


@pytest.mark.parametrize("n_num", [0, 3])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "without_data"])
def test_entry_gradient(n_num, whole):
    entry = Entry(n_num, [3, 2], size=4)
    flat, x = bound(entry), Inputs(numbers(5, n_num), CAT)
    direction = numbers(5, entry.n_out, seed=1)
    entry.forward(x)
    flat.grads.fill(np.nan)  # backward writes every number
    assert entry.data == n_num
    entry.backward(direction[:, 0 if whole else entry.data :].copy())
    assert_gradient(lambda: float(np.vdot(entry.forward(x), direction)), flat.values, flat.grads.copy())
    assert not flat.named_grads["0"][1].any()


def test_entry_is_numbers_then_the_vectors_of_the_levels():
    entry = Entry(2, [3, 2], size=4)
    flat, num = bound(entry), numbers(5, 2)
    tables = flat.named["0"], flat.named["1"]
    for row, y in enumerate(entry.forward(Inputs(num, CAT))):
        vectors = [table[level] for table, level in zip(tables, CAT[row], strict=True)]
        np.testing.assert_array_equal(y, np.concatenate([num[row], *vectors]))


def test_the_vectors_of_levels_start_about_one_long():
    levels, size = 5000, 16
    entry = Entry(0, [levels], size)
    flat = Flat(entry.params(), np.float64)
    flat.draw(0)
    squares = (flat.named["0"] ** 2).sum(axis=1)
    assert abs(squares.mean() - 1) < 5 * (2 / size / levels) ** 0.5  # five deviations of a mean of chi squares


@settings(deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_sum_rows_adds_every_row(index):
    found, expected = np.full((5, 2), np.nan), np.zeros((5, 2))
    rows = numbers(len(index), 3)[:, 1:]
    sum_rows(rows, np.array(index, np.int32), out=found)
    np.add.at(expected, index, rows)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_sum_rows_of_many_levels_is_the_same():
    index, rows = np.array([900, 3, 900, 0, 3, 3]), numbers(6, 2)
    found, expected = np.full((1000, 2), np.nan), np.zeros((1000, 2))
    sum_rows(rows, index, out=found)
    np.add.at(expected, index, rows)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_rows_that_are_not_in_order_are_read_anew_at_every_step():
    layer, x = Linear(N_IN, 3, He()), numbers(3, 2, N_IN).transpose(1, 0, 2)
    bound(layer)
    layer.forward(x, None)
    x *= 2.0
    dy = numbers(3, 2, 3, seed=1).transpose(1, 0, 2)
    np.testing.assert_allclose(layer.forward(x, None), x @ layer.w + layer.b, rtol=1e-12)
    layer.backward(dy)
    dy *= 3.0
    np.testing.assert_allclose(layer.backward(dy), dy @ layer.w.T, rtol=1e-12)


def test_pieces_are_the_parameters_of_one_rate():
    declared = {
        "w": Param((2, 2), Constant(), decay=True),
        "b": Param((3,), Constant()),
        "s": Param((2,), Constant(), decay=True, rate=6.0),
        "c": Param((1,), Constant(), rate=0.1),
        "mean": Param((2,), Constant(), trained=False),
    }
    flat = Flat(declared, np.float32)
    assert flat.pieces() == [(0, 2, 2, 6.0), (2, 6, 9, 1.0), (9, 9, 10, 0.1)]
    assert (flat.decay, flat.trained) == (6, 10)
    plain = Flat({name: declared[name] for name in ("w", "b", "mean")}, np.float32)
    assert plain.pieces() == [(0, 4, 7, 1.0)]


def test_flat_memory_is_decayed_then_trained_then_running():
    declared = {
        "mean": Param((2,), Constant(value=4.0), trained=False),
        "b": Param((3,), Constant(value=2.0)),
        "w": Param((2, 2), Constant(value=1.0), decay=True),
    }
    flat = Flat(declared, np.float32)
    flat.draw(0)
    np.testing.assert_array_equal(flat.values, [1, 1, 1, 1, 2, 2, 2, 4, 4])
    assert (flat.decay, flat.trained, len(flat.grads)) == (4, 7, 7)
    assert set(flat.named_grads) == {"w", "b"}
    assert all(np.shares_memory(view, flat.values) for view in flat.named.values())
    assert all(np.shares_memory(view, flat.grads) for view in flat.named_grads.values())
