from itertools import combinations

import numpy as np
import pytest
from central import assert_gradient
from toys import SHAPES, inputs, small
from unions import defaults, variants

from netrain.nn.activations import Relu
from netrain.nn.build import Shape, build
from netrain.nn.embeddings import Raw
from netrain.nn.init import Zeros
from netrain.nn.losses import SquaredError
from netrain.nn.models import Linear, Mlp, Model, Resnet
from netrain.random import stream

N = 6

every_model = pytest.mark.parametrize("model", variants(Model))
every_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def network(model, shape, *, rows=N, dtype=np.float64, seed=0):
    return build(small(model), shape, seed=seed, rows=rows, dtype=dtype)


def draws_nothing(model, shape) -> bool:
    """Whether all weights start at 0."""
    embeds = shape.numbers and getattr(model, "numeric_embedding", Raw()) != Raw()
    return not embeds and {model.init, getattr(model, "last_init", model.init)} == {Zeros()}


def off_start(net):
    """The same network with no bias at 0 and no gain at 1."""
    off = stream(0, "off").normal(0.0, 0.3, net.flat.values.size).astype(net.flat.values.dtype)
    off[net.flat.trained :] = np.abs(off[net.flat.trained :])  # a running variance stays above 0
    net.flat.values += off
    return net


@every_model
@every_shape
def test_gradient(model, shape):
    net = off_start(network(model, shape, rows=N + 3))
    x = inputs(shape, N * net.batches)
    y = stream(0, "y").normal(size=(N * net.members, shape.outputs))
    grad = np.empty_like(y)

    def value() -> float:
        return SquaredError().value_and_grad(net.forward(x, stream(0, "mask")), y, None, grad)

    value()
    net.flat.grads.fill(np.nan)  # backward writes every number
    net.backward(grad)
    for name, gradient in net.flat.named_grads.items():
        assert_gradient(value, net.flat.named[name], gradient.copy(), most=12)


@every_model
@every_shape
def test_batched_equals_unbatched(model, shape):
    x = inputs(shape, 20)
    whole, batched = (off_start(network(model, shape, rows=rows)).predict(x) for rows in (20, 7))
    assert whole.shape == (20, shape.outputs)
    np.testing.assert_allclose(batched, whole, rtol=1e-12, atol=1e-15)


@every_model
@every_shape
def test_a_small_batch_after_a_large_one(model, shape):
    net, x = off_start(network(model, shape, rows=20)), inputs(shape, 20)
    whole = net.forward(x).copy()
    few = net.forward(x[3:8]).reshape(net.members, 5, -1)
    kept = whole.reshape(net.members, 20, -1)[:, 3:8]
    np.testing.assert_allclose(few, kept, rtol=1e-12, atol=1e-14)  # sums of numbers up to 10
    np.testing.assert_allclose(net.forward(x), whole, rtol=1e-12, atol=1e-14)


@every_model
def test_predictions_have_their_own_memory(model):
    net, x = off_start(network(model, SHAPES["embeddings"])), inputs(SHAPES["embeddings"], N)
    first = net.predict(x)
    kept, again, last = first.copy(), net.predict(inputs(SHAPES["embeddings"], N, seed=1)), net.forward(x)
    np.testing.assert_array_equal(first, kept)
    assert not any(np.shares_memory(a, b) for a, b in combinations([first, again, last], 2))


@every_model
def test_no_rows_give_no_predictions(model):
    net = network(model, SHAPES["embeddings"])
    assert net.predict(inputs(SHAPES["embeddings"], 0)).shape == (0, 3)


@every_model
def test_predicting_changes_nothing(model):
    net, x = off_start(network(model, SHAPES["embeddings"])), inputs(SHAPES["embeddings"], N)
    values, before = net.flat.values.copy(), (x.num.copy(), x.cat.copy())
    net.predict(x)
    for kept, now in zip((values, *before), (net.flat.values, x.num, x.cat), strict=True):
        np.testing.assert_array_equal(now, kept)


@every_model
@every_shape
def test_dtype_stays(model, shape):
    net, x = network(model, shape, dtype=np.float32), inputs(shape, N, np.float32)
    out = net.forward(inputs(shape, N * net.batches, np.float32), stream(0, "mask"))
    net.backward(np.ones_like(out))
    assert {a.dtype for a in (out, net.predict(x), net.flat.values, net.flat.grads)} == {np.dtype(np.float32)}


@every_model
@every_shape
def test_decayed_parameters_come_first(model, shape):
    net = network(model, shape)
    for name, param in net.flat.params.items():
        net.flat.named[name][...] = param.decay and param.trained
    np.testing.assert_array_equal(net.flat.values, np.arange(len(net.flat.values)) < net.flat.decay)


@pytest.mark.parametrize("model", defaults(Model))
def test_weights_decay_and_biases_do_not(model):
    params = network(model, SHAPES["some_numbers"]).flat.params
    decay = {name.rpartition(".")[2]: param.decay for name, param in params.items()}
    assert decay["w"]
    assert not any(decay.get(name) for name in ("b", "bias", "gain"))


@every_model
@every_shape
def test_a_seed_is_a_network(model, shape):
    a, same, other = (network(model, shape, seed=seed).flat.values for seed in (3, 3, 4))
    np.testing.assert_array_equal(a, same)
    assert (a != other).any() or draws_nothing(model, shape)


@every_model
@every_shape
def test_no_two_parameters_are_drawn_alike(model, shape):
    views = network(model, shape).flat.named.values()
    drawn = [view.ravel()[:2] for view in views if np.ptp(view)]
    assert drawn or draws_nothing(model, shape)
    assert all((a != b).any() for a, b in combinations(drawn, 2))


def test_names_of_an_mlp():
    model = Mlp(hidden=(5, 4), norm="layer", dropout=0.5)
    net = build(model, Shape(3, (2,), 1), seed=0, rows=1)
    assert {name: param.shape for name, param in net.flat.params.items()} == {
        "embedding.0": (2, 8),
        "hidden.0.linear.w": (11, 5),
        "hidden.0.linear.b": (5,),
        "hidden.0.norm.gain": (5,),
        "hidden.0.norm.bias": (5,),
        "hidden.1.linear.w": (5, 4),
        "hidden.1.linear.b": (4,),
        "hidden.1.norm.gain": (4,),
        "hidden.1.norm.bias": (4,),
        "out.w": (4, 1),
        "out.b": (1,),
    }


def test_names_of_a_resnet():
    model = Resnet(width=4, blocks=2, factor=1.5, dropout=0.5, residual_dropout=0.5)
    net = build(model, Shape(3, (2,), 1), seed=0, rows=1)
    norm = {"gain": (4,), "bias": (4,), "mean": (4,), "variance": (4,)}
    block = {f"norm.{key}": shape for key, shape in norm.items()}
    block |= {"up.w": (4, 6), "up.b": (6,), "down.w": (6, 4), "down.b": (4,)}
    assert {name: param.shape for name, param in net.flat.params.items()} == {
        "embedding.0": (2, 8),
        "first.w": (11, 4),
        "first.b": (4,),
        **{f"blocks.{i}.{key}": shape for i in range(2) for key, shape in block.items()},
        **{f"norm.{key}": shape for key, shape in norm.items()},
        "out.w": (4, 1),
        "out.b": (1,),
    }
    assert {name.rpartition(".")[2] for name, param in net.flat.params.items() if not param.trained} == {
        "mean",
        "variance",
    }


def test_a_resnet_is_its_layers_in_a_row():
    net = off_start(network(Resnet(norm="layer"), SHAPES["numbers"]))
    x, named = inputs(SHAPES["numbers"], N), net.flat.named

    def linear(x, name):
        return x @ named[f"{name}.w"] + named[f"{name}.b"]

    def norm(x, name):
        unit = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
        return unit * named[f"{name}.gain"] + named[f"{name}.bias"]

    h = linear(x.num, "first")
    for block in ("blocks.0", "blocks.1"):
        inside = np.maximum(linear(norm(h, f"{block}.norm"), f"{block}.up"), 0.0)
        h = h + linear(inside, f"{block}.down")
    expected = linear(np.maximum(norm(h, "norm"), 0.0), "out")
    np.testing.assert_allclose(net.predict(x), expected, rtol=1e-12, atol=1e-15)


def test_a_last_layer_of_zeros_gives_every_row_the_same_start():
    for model in (Mlp(last_init=Zeros()), Resnet(last_init=Zeros())):
        assert not network(model, SHAPES["embeddings"]).predict(inputs(SHAPES["embeddings"], N)).any()


def test_an_mlp_is_its_layers_in_a_row():
    net = off_start(network(Mlp(activation=Relu()), SHAPES["numbers"]))
    x, named = inputs(SHAPES["numbers"], N), net.flat.named
    hidden = x.num
    for name in ("hidden.0.linear", "hidden.1.linear"):
        hidden = np.maximum(hidden @ named[f"{name}.w"] + named[f"{name}.b"], 0.0)
    expected = hidden @ named["out.w"] + named["out.b"]
    np.testing.assert_allclose(net.predict(x), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("model", "shape", "expected"),
    [
        (Linear(embedding_size=8), Shape(3, (1000, 9), 2), (3 + 16) * 2),
        (Mlp(hidden=(10, 30), embedding_size=8), Shape(3, (9,), 2), 10 * 30),
        (Mlp(hidden=(10, 3)), Shape(50, (), 2), 50 * 10),
        (Resnet(width=10, factor=3.0), Shape(5, (), 2), 10 * 30),
    ],
)
def test_largest_product(model, shape, expected):
    assert build(model, shape, seed=0, rows=1).largest_product == expected
