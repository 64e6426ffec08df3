"""The training loop: exact resume from every step, divergence, and what an epoch records."""

from copy import deepcopy
from dataclasses import asdict, replace
from typing import Any, get_args

import numpy as np
import pytest
from sklearn.linear_model import Lasso

import netrain.training.fit as loop
from netrain.errors import DivergedError
from netrain.inputs import Inputs, Rows
from netrain.nn.build import Shape, build
from netrain.nn.losses import CrossEntropy, SquaredError
from netrain.nn.models import Linear, Mlp, Model, Realmlp, Resnet, Tabm
from netrain.nn.network import Network
from netrain.nn.optimizers import Adam, Optimizer, Sgd
from netrain.nn.schedules import Constant, Cosine, FlatCosine, Plateau, Schedule
from netrain.random import stream
from netrain.training.average import Average, Ema
from netrain.training.clip import Clip, ClipNorm, ClipValue
from netrain.training.fit import Epoch, Plan, State, fit, slot_names
from netrain.training.recipe import Training

RNG = np.random.default_rng(0)
INPUTS = Inputs(RNG.normal(size=(50, 4)).astype(np.float32), RNG.integers(0, 5, (50, 1)).astype(np.int32))
ROWS = Rows(INPUTS, RNG.integers(0, 3, 50).astype(np.int32))
SHAPE = Shape(4, (5,), 3, numbers=(0, 2))
MLP = Mlp(hidden=(8,), dropout=0.3, norm="layer")
BATCH = Mlp(hidden=(8,), dropout=0.3, norm="batch")
CHOICES = {"optimizer": Optimizer, "schedule": Schedule, "clip": Clip, "average": Average}
MORE = {
    "nesterov": {"optimizer": Sgd(nesterov=True)},
    "plateau": {"schedule": Plateau(epochs=1)},
    "l1": {"l1": 0.1},
    "noise": {"noise": 0.5},
    "eased": {"dropout_schedule": FlatCosine(), "decay_schedule": FlatCosine()},
    "all": {"average": Ema(decay=0.9), "l1": 0.1, "noise": 0.5, "clip": ClipValue(max=0.01)},
}
RECIPES: dict[str, dict[str, Any]] = MORE | {
    f"{key}-{member().name}": {key: member()}
    for key, union in CHOICES.items()
    for member in get_args(get_args(union)[0])
}
MODELS: dict[str, Model] = {
    "layer": MLP,
    "batch": BATCH,
    "resnet": Resnet(width=6, residual_dropout=0.1),
    "realmlp": Realmlp(hidden=(8,)),
    "tabm": Tabm(hidden=(8,), ensemble=3),
}


def network(model: Model = MLP) -> Network:
    return build(model, SHAPE, seed=1, rows=64)


def plan(net: Network, **training: object) -> Plan:
    recipe = Training(**{"epochs": 3, "batch_size": 16, "clip": ClipNorm(max=1.0), **training})
    return Plan(recipe, CrossEntropy(), "loss", 7, lambda: {"loss": float(np.abs(net.flat.values).sum())})


def train(net: Network, planned: Plan) -> list[Epoch]:
    return [moment for moment in fit(net, planned, ROWS, State()) if isinstance(moment, Epoch)]


@pytest.fixture
def _pause_at_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "TICK", -1.0)


@pytest.mark.usefixtures("_pause_at_every_step")
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("changed", RECIPES.values(), ids=RECIPES)
def test_training_resumed_from_any_step_equals_the_unbroken_one(model: Model, changed: dict[str, Any]) -> None:
    whole, moments = network(model), []
    state = State()
    recipe = {"schedule": Cosine(warmup=0.2)} | changed
    for _ in fit(whole, plan(whole, **recipe), ROWS, state):
        moments.append((whole.flat.values.copy(), deepcopy(state)))
    assert len(moments) == 12
    for values, before in moments:
        again = network(model)
        again.flat.values[...] = values
        assert set(before.slots) == set(slot_names(plan(again, **recipe).training))
        for _ in fit(again, plan(again, **recipe), ROWS, before):
            pass
        assert (again.flat.values == whole.flat.values).all()
        assert before.history == state.history
        assert (before.best == state.best).all()
        assert all((before.slots[name] == slot).all() for name, slot in state.slots.items())


@pytest.mark.parametrize("optimizer", [Adam(), Sgd()], ids=lambda o: o.name)
def test_what_an_optimizer_remembers_of_dead_weights_fades_to_exactly_zero(optimizer: Any) -> None:
    net, rows = linear(64, 3, np.float32)
    rows.inputs.num[:, 1] = 0.0  # no gradient of its weight
    state, planned = (
        State(),
        Plan(Training(epochs=30, batch_size=1, optimizer=optimizer), SquaredError(), "loss", 0, dict),
    )
    state.slots = {name: np.full(net.flat.trained, 1e-3, np.float32) for name in optimizer.slots}
    for _ in fit(net, planned, rows, state):
        pass
    first = state.slots[optimizer.slots[0]]
    assert state.step == 30 * 64  # 0.9 ** 1920 of anything is less than any number
    assert first[1] == 0.0
    assert (np.abs(first[[0, 2]]) > 1e-20).all()


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


@pytest.mark.parametrize("rate", [1e21, 1e30, 1e300])
def test_an_update_that_is_not_finite_is_taken_back(rate: float) -> None:
    net = network()
    start = net.flat.values.copy()
    with pytest.raises(DivergedError, match=r"the update's length is inf at epoch 1, batch 1"):
        next(fit(net, plan(net, batch_size=50, optimizer=Sgd(learning_rate=rate), schedule="constant"), ROWS, State()))
    assert (net.flat.values == start).all()


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_an_input_that_is_not_finite_never_reaches_the_weights(model: Model) -> None:
    net = network(model)
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


def no_columns(n: int) -> np.ndarray:
    return np.zeros((n, 0), np.int32)


def linear(n: int, d: int, dtype: Any = np.float64) -> tuple[Network, Rows]:
    """A linear model and rows that it fits up to noise; some columns do not matter."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(n, d))
    y = x @ (rng.normal(size=(d, 1)) * (np.arange(d) % 2)[:, None]) + 0.5 + 0.3 * rng.normal(size=(n, 1))
    net = build(Linear(), Shape(d, (), 1), seed=0, rows=n, dtype=dtype)
    return net, Rows(Inputs(x.astype(dtype), no_columns(n)), y.astype(dtype))


def follow(net: Network, rows: Rows, *, frozen: tuple[str, ...] = (), **training: Any) -> State:
    """All epochs of a plain full-batch training, where `training` says nothing else."""
    plain = {"batch_size": len(rows), "schedule": Constant(), "optimizer": Sgd(learning_rate=0.1, momentum=0.0)}
    state, loss = State(), SquaredError() if rows.y.ndim == 2 else CrossEntropy()
    for _ in fit(net, Plan(Training(**plain | training), loss, "loss", 0, dict, frozen), rows, state):
        pass
    return state


@pytest.mark.parametrize("l1", [0.05, 0.5, 100.0])
def test_l1_reaches_the_lasso(l1: float) -> None:
    net, rows = linear(60, 8)
    follow(net, rows, l1=l1, epochs=2000)
    # scikit-learn minimises half the squared error and alpha |w|
    lasso = Lasso(alpha=l1 / 2, tol=1e-12, max_iter=10_000).fit(rows.inputs.num, rows.y[:, 0])
    weights = net.flat.named["out.w"][:, 0]
    np.testing.assert_allclose(weights, lasso.coef_, atol=1e-8)
    np.testing.assert_array_equal(weights == 0, lasso.coef_ == 0)
    np.testing.assert_allclose(net.flat.named["out.b"], lasso.intercept_, atol=1e-8)


def test_noise_on_inputs_is_weight_decay_of_a_linear_model() -> None:
    """The mean over noise of a linear model's squared error is the error plus variance * |w|^2 (Bishop, 1995)."""
    net, rows = linear(60, 4)
    before = rows.inputs.num.copy()
    follow(net, rows, noise=0.5, epochs=4000, schedule=Cosine())
    np.testing.assert_array_equal(rows.inputs.num, before)
    x = before - before.mean(axis=0)
    ridge = np.linalg.solve(x.T @ x / 60 + 0.25 * np.eye(4), x.T @ (rows.y - rows.y.mean()) / 60)
    np.testing.assert_allclose(net.flat.named["out.w"], ridge, atol=0.02)  # a mean over a finite number of draws
    least_squares = np.linalg.solve(x.T @ x, x.T @ (rows.y - rows.y.mean()))
    assert np.abs(least_squares - ridge).max() > 0.1


def test_noise_is_drawn_by_epoch_and_batch() -> None:
    net, rows = linear(6, 3, np.float32)
    weights, bias = net.flat.named["out.w"], net.flat.named["out.b"]
    w, b = weights.copy(), bias.copy()
    for epoch in range(2):
        order = stream(0, "order", epoch).permutation(6)
        for batch, some in enumerate((order[:4], order[4:])):
            noise = stream(0, "input_noise", epoch, batch).standard_normal((len(some), 3), np.float32)
            x = rows.inputs.num[some] + np.float32(0.5) * noise
            error = x @ w + b - rows.y[some]
            w, b = w - 0.2 * x.T @ error / len(some), b - 0.2 * error.mean(axis=0)
    follow(net, rows, noise=0.5, epochs=2, batch_size=4)
    np.testing.assert_allclose(weights, w, rtol=1e-5)
    np.testing.assert_allclose(bias, b, rtol=1e-5)


@pytest.mark.usefixtures("_pause_at_every_step")
@pytest.mark.parametrize("decay", [0.999, 0.3])
def test_the_moving_average_is_validated_and_kept_while_training_goes_on(decay: float) -> None:
    seen: list[np.ndarray] = []

    def training(average: Any) -> tuple[list[np.ndarray], State]:
        net, state = network(BATCH), State()
        planned = plan(net, average=average)
        planned = replace(planned, validate=lambda: seen.append(net.flat.values.copy()) or {"loss": -len(seen)})
        return [net.flat.values.copy(), *(net.flat.values.copy() for _ in fit(net, planned, ROWS, state))], state

    raw, _ = training("none")
    steps = [raw[i] for i in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)]
    expected, averages = raw[0].astype(np.float64), []
    for t, values in enumerate(steps, start=1):
        d = min(decay, (1 + t) / (10 + t))
        expected = d * expected + (1 - d) * values
        averages.append(expected)
    seen.clear()
    beside, state = training(Ema(decay=decay))
    np.testing.assert_array_equal(beside, raw)  # training does not know of it
    for found, average in zip(seen, averages[3::4], strict=True):
        np.testing.assert_allclose(found, average, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(state.best, seen[-1])
    np.testing.assert_array_equal(state.slots["average"], seen[-1])


def test_weights_come_back_when_validation_fails() -> None:
    net = network()
    planned = plan(net, average=Ema())
    kept: list[np.ndarray] = []

    def fail() -> dict[str, float | None]:
        kept.append(net.flat.values.copy())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(fit(net, replace(planned, validate=fail), ROWS, State()))
    assert (net.flat.values != kept[0]).any()


FROZEN = {
    "weights": ("hidden.0.linear.w", "embedding.0"),
    "batch norm": ("hidden.0.norm.mean", "hidden.0.norm.variance", "hidden.0.norm.gain", "hidden.0.norm.bias"),
}


@pytest.mark.parametrize("frozen", FROZEN.values(), ids=FROZEN)
@pytest.mark.parametrize("changed", RECIPES.values(), ids=RECIPES)
def test_what_is_frozen_keeps_every_bit_and_the_rest_learns(frozen: tuple[str, ...], changed: dict[str, Any]) -> None:
    net = network(BATCH)
    before = {name: value.copy() for name, value in net.flat.named.items()}
    state = follow(net, ROWS, frozen=frozen, **{"batch_size": 16, "epochs": 2, "l1": 0.01} | changed)
    for name, value in net.flat.named.items():
        assert (value == before[name]).all() == (name in frozen)
    assert state.best is not None
    again = network(BATCH)
    again.flat.values[...] = state.best
    assert all((again.flat.named[name] == before[name]).all() for name in frozen)


def test_what_is_frozen_has_no_part_in_the_gradient_norm() -> None:
    norms = []
    for frozen in ((), ("out.w",), ("out.w", "out.b")):
        net, rows = linear(20, 3)
        planned = Plan(Training(epochs=1, batch_size=20), SquaredError(), "loss", 0, dict, frozen)
        (epoch,) = [moment for moment in fit(net, planned, rows, State()) if isinstance(moment, Epoch)]
        norms.append(epoch.gradient_norm)
    assert norms[0] > norms[1] > norms[2] == 0.0


def test_clips() -> None:
    start = np.array([3.0, -4.0, 0.5])
    for clip, norm, expected in [
        (ClipNorm(max=1.0), 5.0, start / 5),
        (ClipNorm(max=6.0), 5.0, start),
        (ClipNorm(max=1.0), 0.0, start),
        (ClipValue(max=1.0), 5.0, [1.0, -1.0, 0.5]),
    ]:
        grads = start.copy()
        clip.apply(grads, norm)
        np.testing.assert_allclose(grads, expected, rtol=1e-15)


@pytest.mark.parametrize("clip", [member() for member in get_args(get_args(Clip)[0])], ids=lambda clip: clip.name)
@pytest.mark.parametrize("optimizer", [member() for member in get_args(get_args(Optimizer)[0])], ids=lambda o: o.name)
def test_dead_gradients_change_nothing(clip: Any, optimizer: Any) -> None:
    net, rows = linear(20, 3, np.float32)
    net.flat.values.fill(0.0)
    with np.errstate(all="raise"):
        follow(net, Rows(rows.inputs, np.zeros_like(rows.y)), epochs=3, clip=clip, optimizer=optimizer)
    assert not net.flat.values.any()


@pytest.mark.parametrize(
    ("metric", "factors"), [("loss", [1, 1, 1, 0.5, 0.25]), ("accuracy", [1, 1, 0.5, 0.25, 0.125])]
)
def test_a_schedule_sees_the_chosen_figure_so_that_smaller_is_better(metric: str, factors: list[float]) -> None:
    net, figures = network(), iter([3.0, 2.0, 2.0, 2.5, None])  # the last is not seen
    recipe = Training(epochs=5, schedule=Plateau(factor=0.5, epochs=1), optimizer=Sgd(learning_rate=1.0, momentum=0.0))
    planned = Plan(recipe, CrossEntropy(), metric, 0, lambda: {metric: next(figures), "other": 0.0})
    rates = [moment.learning_rate for moment in fit(net, planned, ROWS, State()) if isinstance(moment, Epoch)]
    assert rates == factors


@pytest.mark.parametrize(
    ("ties", "figures", "best"),
    [
        ("first", [0.5, 0.7, 0.7, 0.6], 2),
        ("last", [0.5, 0.7, 0.7, 0.6], 3),
        ("last", [0.5, None, float("nan"), 0.4], 1),
    ],
)
def test_of_tied_epochs_the_first_or_the_last_is_kept(ties: str, figures: list[float | None], best: int) -> None:
    net = network()
    told = iter(figures)
    planned = replace(plan(net, epochs=4, ties=ties), metric="accuracy", validate=lambda: {"accuracy": next(told)})
    state = State()
    weights = [net.flat.values.copy() for moment in fit(net, planned, ROWS, state) if isinstance(moment, Epoch)]
    assert state.best_epoch == best
    assert state.best is not None
    np.testing.assert_array_equal(state.best, weights[best - 1])


def test_weight_decay_moves_by_its_schedule() -> None:
    """With no gradient to speak of, what is left of a weight tells the decay of every step."""
    total, rate, decay = 12, 0.1, 0.5
    net = build(Linear(), SHAPE, seed=1, rows=64)
    frozen = {"optimizer": Sgd(learning_rate=rate, momentum=0.0, weight_decay=decay), "clip": ClipValue(max=1e-30)}
    before = net.flat.named["out.w"].copy()
    train(net, plan(net, schedule=Constant(), decay_schedule=FlatCosine(), **frozen))
    shares = [1.0 - rate * decay * FlatCosine()(step, total, []) for step in range(total)]
    np.testing.assert_allclose(net.flat.named["out.w"], before * np.prod(shares), rtol=1e-5)


def test_dropout_moves_by_its_schedule() -> None:
    net = network()
    seen = []
    ease = net.ease
    net.ease = lambda factor: (seen.append(factor), ease(factor))[1]  # type: ignore[method-assign]
    train(net, plan(net, dropout_schedule=FlatCosine()))
    assert seen == [FlatCosine()(step, 12, []) for step in range(12)]
