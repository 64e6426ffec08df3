"""The training loop: exact resume from every step, divergence, and what an epoch records."""

from copy import deepcopy
from dataclasses import asdict

import numpy as np
import pytest

import netrain.training.fit as loop
from netrain.errors import DivergedError
from netrain.inputs import Inputs, Rows
from netrain.nn.build import Shape, build
from netrain.nn.losses import CrossEntropy, SquaredError
from netrain.nn.models import Mlp
from netrain.nn.network import Network
from netrain.nn.optimizers import Adam, AdamW, Sgd
from netrain.nn.schedules import Constant, Cosine
from netrain.training.fit import Epoch, Plan, State, fit
from netrain.training.recipe import ClipNorm, Training

RNG = np.random.default_rng(0)
INPUTS = Inputs(RNG.normal(size=(50, 4)).astype(np.float32), RNG.integers(0, 5, (50, 1)).astype(np.int32))
ROWS = Rows(INPUTS, RNG.integers(0, 3, 50).astype(np.int32))
SHAPE = Shape(4, (5,), 3)
OPTIMIZERS = [Sgd(), Sgd(nesterov=True), Adam(), AdamW()]


def network() -> Network:
    return build(Mlp(hidden=(8,), dropout=0.3, norm="layer"), SHAPE, seed=1, rows=64)


def plan(net: Network, **training: object) -> Plan:
    recipe = Training(**{"epochs": 3, "batch_size": 16, "clip": ClipNorm(max=1.0), **training})
    return Plan(recipe, CrossEntropy(), "loss", 7, lambda: {"loss": float(np.abs(net.flat.values).sum())})


def train(net: Network, planned: Plan) -> list[Epoch]:
    return [moment for moment in fit(net, planned, ROWS, State()) if isinstance(moment, Epoch)]


@pytest.fixture
def _pause_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "TICK", -1.0)


@pytest.mark.usefixtures("_pause_at_every_step")
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: f"{o.name}")
def test_training_resumed_from_any_step_equals_the_unbroken_one(optimizer: object) -> None:
    whole, moments = network(), []
    state = State()
    recipe = {"optimizer": optimizer, "schedule": Cosine(warmup=0.2)}
    for _ in fit(whole, plan(whole, **recipe), ROWS, state):
        moments.append((whole.flat.values.copy(), deepcopy(state)))
    assert len(moments) == 12
    for values, before in moments:
        again = network()
        again.flat.values[...] = values
        for _ in fit(again, plan(again, **recipe), ROWS, before):
            pass
        assert (again.flat.values == whole.flat.values).all()
        assert before.history == state.history
        assert (before.best == state.best).all()
        assert all((before.slots[name] == slot).all() for name, slot in state.slots.items())


@pytest.mark.parametrize("rate", [1e30, 1e20])
def test_divergence_is_seen_before_the_weights_are_harmed(rate: float) -> None:
    net = network()
    values = net.flat.values
    with pytest.raises(DivergedError, match=r"training diverged: .* at epoch 1, batch"):
        for _ in fit(
            net, plan(net, optimizer=Sgd(learning_rate=rate), schedule=Constant(), clip="none"), ROWS, State()
        ):
            pass
    assert np.isfinite(values).all()


def test_an_input_that_is_not_finite_never_reaches_the_weights() -> None:
    net = network()
    start = net.flat.values.copy()
    bad = INPUTS.num.copy()
    bad[3, 1] = np.nan
    with pytest.raises(DivergedError):
        next(fit(net, plan(net, batch_size=50), Rows(Inputs(bad, INPUTS.cat), ROWS.y), State()))
    assert (net.flat.values == start).all()


def test_an_epoch_records_what_happened() -> None:
    net = network()
    epochs = [
        e for e in fit(net, plan(net, schedule=Constant(), optimizer=Adam()), ROWS, State()) if isinstance(e, Epoch)
    ]
    assert [(e.epoch, e.step) for e in epochs] == [(1, 4), (2, 8), (3, 12)]
    for record in map(asdict, epochs):
        assert set(record) == {
            *("epoch", "step", "seconds", "learning_rate", "train", "valid", "gradient_norm", "update_norm", "best")
        }
        assert record["learning_rate"] == Adam().learning_rate
        assert record["gradient_norm"] > 0
        assert record["update_norm"] > 0


def test_the_best_epoch_is_kept_and_a_figure_that_is_not_finite_is_never_best() -> None:
    net = network()
    figures = iter([3.0, float("nan"), None, 2.0, 2.0, 5.0])
    recipe = Training(epochs=6, batch_size=25)
    state, seen = State(), []
    for epoch in fit(net, Plan(recipe, CrossEntropy(), "loss", 0, lambda: {"loss": next(figures)}), ROWS, state):
        if isinstance(epoch, Epoch):
            seen.append((epoch.best, net.flat.values.copy()))
    assert [best for best, _ in seen] == [True, False, False, True, False, False]
    assert state.best_epoch == 4
    assert (state.best == seen[3][1]).all()


def test_weights_count_as_repetitions() -> None:
    """A row of weight 2 among three rows trains as if it stood there twice, up to the order of the rows."""
    x = RNG.normal(size=(4, 4)).astype(np.float32)
    y = RNG.normal(size=(4, 1)).astype(np.float32)
    cat = np.zeros((4, 0), np.int32)
    trained = []
    for rows, weights in (([0, 1, 2, 2], None), ([0, 1, 2], np.array([0.75, 0.75, 1.5], np.float32))):
        net = build(Mlp(hidden=(5,)), Shape(4, (), 1), seed=0, rows=8)
        recipe = Training(epochs=5, batch_size=4, optimizer=Sgd(learning_rate=0.1))
        data = Rows(Inputs(x[rows], cat[rows]), y[rows], weights)
        for _ in fit(net, Plan(recipe, SquaredError(), "loss", 0, dict), data, State()):
            pass
        trained.append(net.flat.values.copy())
    np.testing.assert_allclose(*trained, rtol=1e-4, atol=1e-6)  # float32, sums in another order
