import numpy as np
import pytest
from toys import inputs, kinds, outputs
from unions import defaults

from netrain.inputs import Inputs
from netrain.nn.build import Shape, build
from netrain.nn.losses import Loss
from netrain.nn.models import Model, Realmlp, Tabm
from netrain.nn.optimizers import Adam
from netrain.nn.schedules import Cosine
from netrain.random import stream

N, STEPS = 120, 400
RATES, RATE = {"linear": 0.1, "realmlp": 0.05}, 0.01
GAP = 0.5  # between the scores of the best class and the next
LEFT = {"linear": 1e-5}  # of a variance of 1; what is not linear only bends towards it
COLUMNS = {"numbers": (3, ()), "categories": (0, (6, 4))}


def scores(columns, x: Inputs, k: int) -> np.ndarray:
    """A score [n, k] that is linear in the numbers and additive in the categories."""
    rng = stream(1, "scores")
    total = x.num @ rng.normal(size=(columns[0], k))
    for j, levels in enumerate(columns[1]):
        total = total + rng.normal(size=(levels, k))[x.cat[:, j]]
    return total


def problem(loss, kind, columns) -> tuple[Inputs, np.ndarray]:
    """Rows that one linear layer can fit: classes with a gap between them, or a target without noise."""
    x = inputs(Shape(*columns, 1), N, np.float32)
    if loss.task == "regression":
        score = scores(columns, x, kind.columns)
        score = (score - score.mean(axis=0)) / score.std(axis=0)
        return x, (np.exp(score) if loss.raw else score).astype(np.float32)
    if kind.classes == 2:
        score = scores(columns, x, kind.columns)
        clear = (np.abs(score) > GAP / 2).all(axis=1)
        return x.take(np.flatnonzero(clear)), (score[clear] > 0).astype(np.int32)
    score = scores(columns, x, kind.classes)
    best = np.sort(score, axis=1)
    clear = best[:, -1] - best[:, -2] > GAP
    return x.take(np.flatnonzero(clear)), score.argmax(axis=1)[clear].astype(np.int32)


@pytest.mark.parametrize("model", defaults(Model))
@pytest.mark.parametrize("loss", defaults(Loss))
@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS)
def test_learns_what_is_linear(model, loss, columns):
    kind = kinds(loss)[-1]  # the larger
    x, y = problem(loss, kind, columns)
    if isinstance(model, Tabm):
        model = Tabm(hidden=(64, 64), ensemble=4)
    if isinstance(model, Realmlp):
        model = Realmlp(hidden=(128, 128))
    net = build(model, Shape(*columns, outputs(loss, kind)), seed=0, rows=len(x))
    net.start(x, y, 0)
    net.ease(0.0)  # what is left is not the noise of dropout
    optimizer, fall, grad = Adam(), Cosine(), np.empty((len(x) * net.members, net.n_out), np.float32)
    given = x.take(np.tile(np.arange(len(x)), net.batches))
    slots = {name: np.zeros_like(net.flat.grads) for name in optimizer.slots}
    values = []
    for step in range(STEPS):
        out = net.forward(given, stream(0, "mask", step))
        values.append(loss.value_and_grad(out, np.concatenate([y] * net.members), None, grad))
        net.backward(grad)
        rate = RATES.get(model.name, RATE) * fall(step, STEPS, [])
        optimizer.update(net.flat.values[: net.flat.trained], net.flat.grads, slots, step=step + 1, lr=rate, decay=0)
    prediction = loss.link(net.predict(x))
    assert values[-1] < 0.2 * values[0]
    match loss.task, kind.classes:
        case "regression", _:
            each = np.repeat(y, prediction.shape[1] // y.shape[1], axis=1)
            away = np.log(prediction / each) if loss.raw else prediction - each
            assert np.mean(away**2) < LEFT.get(model.name, 1e-2)
        case _, 2:
            assert ((prediction > 0.5) == y).all()
        case _:
            assert (prediction.argmax(axis=1) == y).all()
