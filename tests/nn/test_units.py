"""Dead units: counted where they were made, in every model, and nowhere else."""

import numpy as np
import pytest
from toys import SHAPES, inputs, small
from unions import defaults

from netrain.inputs import Inputs
from netrain.nn.activations import Relu, Tanh
from netrain.nn.build import Shape, build
from netrain.nn.models import Linear, Mlp, Model, Realmlp, Resnet, Tabm
from netrain.nn.network import Network
from netrain.nn.units import ROWS, units

SHAPE = Shape(4, (), 2)


def rows(n: int = 300) -> Inputs:
    return Inputs(np.random.default_rng(0).normal(size=(n, 4)).astype(np.float32), np.zeros((n, 0), np.int32))


def network(model: Model, rows: int = 64) -> Network:
    return build(model, SHAPE, seed=0, rows=rows)


def counts(net: Network, x: Inputs) -> dict[str, tuple[int, int]]:
    return {str(of["layer"]): (int(of["units"]), int(of["dead"])) for of in units(net, x)}


def test_units_that_were_silenced_are_counted() -> None:
    net = network(Mlp(hidden=(20, 10), activation=Relu()))
    net.flat.named["hidden.0.linear.b"][:] = net.flat.named["hidden.1.linear.b"][:] = 5.0
    assert counts(net, rows()) == {"hidden.0": (20, 0), "hidden.1": (10, 0)}
    net.flat.named["hidden.0.linear.b"][3:10] = -1000.0
    assert counts(net, rows())["hidden.0"] == (20, 7)
    net.flat.named["hidden.1.linear.b"][:] = -1000.0
    assert counts(net, rows()) == {"hidden.0": (20, 7), "hidden.1": (10, 10)}


def test_a_saturated_unit_is_dead_whatever_it_says() -> None:
    net = network(Mlp(hidden=(8,), activation=Tanh()))
    net.flat.named["hidden.0.linear.b"][:3] = (1000.0, -1000.0, 1000.0)
    assert counts(net, rows()) == {"hidden.0": (8, 3)}


def test_each_member_counts_its_own() -> None:
    net = network(Tabm(ensemble=3, hidden=(8,), variant="packed"))
    assert counts(net, rows())["hidden.0"][0] == 24
    net.flat.named["hidden.0.linear.b"][1] = -1000.0
    assert counts(net, rows()) == {"hidden.0": (24, 8)}


def test_blocks_and_the_last_activation_are_named() -> None:
    assert list(counts(network(Resnet(width=6, blocks=2)), rows())) == ["blocks.0", "blocks.1", "activation"]


def test_a_unit_that_one_row_wakes_is_not_dead() -> None:
    x = rows()
    x.num[:, 0] = 0.0
    x.num[250, 0] = 1.0
    net = network(Mlp(hidden=(1,), activation=Relu()))
    net.flat.named["hidden.0.linear.w"][:, 0] = (5.0, 0.0, 0.0, 0.0)
    net.flat.named["hidden.0.linear.b"][0] = -1.0
    assert counts(net, x) == {"hidden.0": (1, 0)}
    assert counts(net, x[:250]) == {"hidden.0": (1, 1)}
    assert units(net, x[:1]) == []


def test_no_more_rows_are_looked_at_than_told() -> None:
    x = rows(ROWS + 1)
    x.num[:ROWS] = 1.0
    assert counts(network(Mlp(hidden=(5,))), x) == {"hidden.0": (5, 5)}


@pytest.mark.parametrize("model", defaults(Model))
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_looking_changes_no_prediction(model: Model, shape: Shape) -> None:
    net = build(small(model), shape, seed=1, rows=16)
    x = inputs(shape, 50, np.float32)
    before = net.predict(x).copy()
    found = units(net, x)
    assert bool(found) == (not isinstance(model, Linear))
    assert all(0 <= int(of["dead"]) <= int(of["units"]) for of in found)
    np.testing.assert_array_equal(net.predict(x), before)


def test_realmlp_has_units_too() -> None:
    assert counts(network(Realmlp(hidden=(8, 8))), rows()) == {"hidden.0": (8, 0), "hidden.1": (8, 0)}
