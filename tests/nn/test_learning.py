import numpy as np
import pytest
from toys import inputs, targets
from unions import defaults

from netrain.inputs import Inputs
from netrain.nn.build import Shape, build
from netrain.nn.losses import Loss
from netrain.nn.models import Model
from netrain.nn.optimizers import Adam
from netrain.nn.schedules import Cosine
from netrain.random import stream

N, STEPS = 120, 400
RATES, RATE = {"linear": 0.1}, 0.01
GAP = 0.5  # between the scores of the best class and the next
LEFT = {"linear": 1e-6}  # of a variance of 1; what is not linear only bends towards it
COLUMNS = {"numbers": (3, ()), "categories": (0, (6, 4))}


def scores(columns, x: Inputs, k: int) -> np.ndarray:
    """A score [n, k] that is linear in the numbers and additive in the categories."""
    rng = stream(1, "scores")
    total = x.num @ rng.normal(size=(columns[0], k))
    for j, levels in enumerate(columns[1]):
        total = total + rng.normal(size=(levels, k))[x.cat[:, j]]
    return total


def problem(loss, columns) -> tuple[Inputs, np.ndarray]:
    """Rows that one linear layer can fit: classes with a gap between them, or a target without noise."""
    k, x = targets(loss), inputs(Shape(*columns, 1), N, np.float32)
    score = scores(columns, x, k)
    if loss.task == "regression":
        return x, ((score - score.mean(axis=0)) / score.std(axis=0)).astype(np.float32)
    best = np.sort(score, axis=1)
    clear = best[:, -1] - best[:, -2] > GAP
    return x.take(np.flatnonzero(clear)), score.argmax(axis=1)[clear].astype(np.int32)


@pytest.mark.parametrize("model", defaults(Model))
@pytest.mark.parametrize("loss", defaults(Loss))
@pytest.mark.parametrize("columns", COLUMNS.values(), ids=COLUMNS)
def test_learns_what_is_linear(model, loss, columns):
    x, y = problem(loss, columns)
    net = build(model, Shape(*columns, loss.outputs(targets(loss))), seed=0, rows=len(x))
    optimizer, fall, grad = Adam(), Cosine(), np.empty((len(x), net.n_out), np.float32)
    slots = {name: np.zeros_like(net.flat.grads) for name in optimizer.slots}
    values = []
    for step in range(STEPS):
        out = net.forward(x, stream(0, "mask", step))
        values.append(loss.value_and_grad(out, y, None, grad))
        net.backward(grad)
        rate = RATES.get(model.name, RATE) * fall(step, STEPS, [])
        optimizer.update(net.flat.values, net.flat.grads, slots, step=step + 1, lr=rate, decay=0)
    prediction = loss.link(net.predict(x))
    assert values[-1] < 0.2 * values[0]
    if loss.task == "classification":
        assert (prediction.argmax(axis=1) == y).all()
    else:
        assert np.mean((prediction - y) ** 2) < LEFT.get(model.name, 1e-2)
