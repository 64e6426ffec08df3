"""A step makes no arrays: everything it needs is made before."""

import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from toys import example, with_kinds
from unions import defaults, variants

from netrain.inputs import Inputs, Rows
from netrain.nn.activate import Activate
from netrain.nn.activations import Activation
from netrain.nn.build import Shape, build
from netrain.nn.dropout import Dropout
from netrain.nn.losses import CrossEntropy, Loss, Softmax
from netrain.nn.memory import BLOCK, LINE, aligned, blocks, full, scratch
from netrain.nn.models import Linear, Mlp
from netrain.nn.optimizers import Optimizer
from netrain.random import stream
from netrain.training.average import Average
from netrain.training.clip import Clip
from netrain.training.fit import Plan, State
from netrain.training.recipe import Training
from netrain.training.step import Stepper

# NumPy's loops take buffers of up to 8192 numbers for themselves: an array must take more than that to be seen
N, WIDTH = 10_000, 3
BUFFERS = 36_000  # bytes, and so much more for small objects


def most_memory(act: Callable[[], object]) -> int:
    """Bytes at the peak of a call, over those before it; what the first calls make does not count."""
    with np.errstate(all="ignore"):
        act()
        act()  # the first may have been where the arrays kept by the tests before became too many, and were let go
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        act()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak - before


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def test_the_smallest_array_would_be_seen():
    assert most_memory(lambda: np.zeros(N, np.float32)) > BUFFERS


@pytest.mark.parametrize("optimizer", variants(Optimizer))
def test_no_optimizer_makes_arrays(optimizer):
    params, grads = numbers(N), numbers(N)
    slots = {name: np.zeros_like(params) for name in optimizer.slots}
    assert most_memory(lambda: optimizer.update(params, grads, slots, step=1, lr=0.1, decay=N)) < BUFFERS


@pytest.mark.parametrize("activation", variants(Activation))
def test_no_activation_makes_arrays(activation):
    layer, x, dy = Activate(WIDTH, activation), numbers(N, WIDTH), numbers(N, WIDTH)
    layer.bind({}, {}, N, np.float32)
    assert most_memory(lambda: (layer.forward(x, None), layer.backward(dy))) < BUFFERS


@pytest.mark.parametrize(("loss", "kind"), with_kinds(variants(Loss)))
@pytest.mark.parametrize("weights", [None, np.ones(N, np.float32)], ids=["none", "weights"])
def test_no_loss_makes_arrays(loss, kind, weights):
    out, y = example(loss, kind, N, np.float32)
    grad = np.empty_like(out)
    assert most_memory(lambda: loss.value_and_grad(out, y, weights, grad)) < BUFFERS


def test_dropout_makes_no_arrays():
    layer, x, rng = Dropout(WIDTH, 0.3), numbers(N, WIDTH), stream(0, "mask")
    layer.bind({}, {}, N, np.float32)
    assert most_memory(lambda: layer.backward(layer.forward(x, rng))) < BUFFERS


@pytest.mark.parametrize("clip", defaults(Clip))
def test_no_clip_makes_arrays(clip):
    grads = numbers(N)
    assert most_memory(lambda: clip.apply(grads, 100.0)) < BUFFERS


@pytest.mark.parametrize("average", defaults(Average))
def test_no_average_makes_arrays(average):
    values = numbers(N)
    slots = {name: numbers(N) for name in average.slots}
    assert most_memory(lambda: average.follow(values, slots, 1)) < BUFFERS


@pytest.mark.parametrize("hidden", [(), (3,), (3, 3)])
def test_a_step_makes_no_arrays(hidden):
    x, y = numbers(2 * N, 3), np.zeros(2 * N, np.int32)
    net = build(Mlp(hidden=hidden) if hidden else Linear(), Shape(3, (), 2), seed=0, rows=N)
    rows = Rows(Inputs(x, np.zeros((2 * N, 0), np.int32)), y, np.ones(2 * N, np.float32))
    recipe = Training(epochs=1, batch_size=N, l1=1e-3)
    stepper = Stepper(net, Plan(recipe, CrossEntropy(), "loss", 0, dict), rows, State(), total=100, batch_size=N)
    order = np.random.default_rng(0).permutation(2 * N)[:N]
    assert most_memory(lambda: stepper.step(order, last=False)) < BUFFERS


@pytest.mark.parametrize("shape", [(), (1,), (5, 3), (0, 4), (2, 3, 4)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int32, np.bool_])
def test_memory_starts_on_a_line(shape, dtype):
    array = aligned(shape, dtype)
    assert (array.shape, array.dtype) == (shape, np.dtype(dtype))
    assert array.size == 0 or array.ctypes.data % LINE == 0
    assert array.flags.c_contiguous
    assert not array.any()


def test_weights_start_on_a_line_where_they_fill_lines():
    net = build(Mlp(hidden=(32, 16)), Shape(5, (), 3), seed=0, rows=8)
    for name in ("hidden.0.linear.w", "hidden.1.linear.w", "out.w"):
        assert net.flat.named[name].ctypes.data % LINE == net.flat.named_grads[name].ctypes.data % LINE == 0


def test_scratch_is_the_same_at_every_call_of_a_kind():
    first, second = scratch(2, (3, 4), np.float32)
    assert not np.shares_memory(first, second)
    assert scratch(2, (3, 4), np.float32)[0] is first
    others = [scratch(1, (3, 4), np.float32), scratch(2, (4, 3), np.float32), scratch(2, (3, 4), np.float64)]
    assert not any(np.shares_memory(first, other[0]) for other in others)


def test_rooms_of_a_thread_are_the_same_at_every_call_and_no_other_threads():
    room = scratch.room(Softmax, 3, 5, np.float32)
    assert scratch.room(Softmax, 3, 5, np.float32) is room
    assert scratch.room(Softmax, 5, 3, np.float32) is not room
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(scratch.room, Softmax, 3, 5, np.float32).result() is not room


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_an_array_full_of_a_number_is_shared_so_it_cannot_be_written(dtype):
    found = full((3, 4), np.dtype(dtype), 0.5)
    assert full((3, 4), np.dtype(dtype), 0.5) is found
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, np.full((3, 4), 0.5))
    with pytest.raises(ValueError, match="read-only"):
        found[0] = 1.0


@pytest.mark.parametrize("shape", [(7,), (BLOCK + 3,), (3 * BLOCK,), (5, 3), (1000, 100), (2, BLOCK + 1), (3, 500, 60)])
def test_blocks_are_the_whole_in_order(shape):
    a, b = np.arange(np.prod(shape)).reshape(shape), np.zeros(shape)
    parts = list(blocks(a, b))
    np.testing.assert_array_equal(np.concatenate([part for part, _ in parts]), a)
    assert all(len(x) == len(y) > 0 and np.shares_memory(x, a) and np.shares_memory(y, b) for x, y in parts)
    assert all(x.size <= BLOCK or len(x) == 1 for x, _ in parts)
