"""The linear baseline: what linear or logistic regression reaches on the same rows and inputs."""

from __future__ import annotations

import numpy as np

from netrain.errors import DivergedError
from netrain.experiment import PREDICT_ROWS, Experiment, shape_of
from netrain.inputs import Rows
from netrain.nn.build import build
from netrain.nn.init import Zeros
from netrain.nn.models import Linear
from netrain.nn.optimizers import AdamW
from netrain.nn.pool import pool
from netrain.nn.schedules import Cosine
from netrain.random import stream
from netrain.report.scoring import part_scores
from netrain.training.fit import Figures, Plan, State, fit
from netrain.training.recipe import Training

STEPS = 400  # of the optimizer, about
SMALLEST, LARGEST = 32, 1024  # rows of a step
PASSES = 3  # epochs, at least
WORK = 3e9  # multiplications, at most, about


def linear(experiment: Experiment, part: str) -> Figures | None:
    """The metrics of a linear network on a part, its epoch chosen by the validation loss.

    None where the network is linear itself, or the linear one diverges.
    """
    if isinstance(experiment.config.model, Linear):
        return None
    shape = shape_of(experiment.preprocessor, experiment.coding, experiment.loss)
    config, loss = experiment.config, experiment.loss
    train, valid = experiment.parts["train"].rows, experiment.parts["valid"].rows
    network = build(Linear(init=Zeros()), shape, seed=config.seed, rows=PREDICT_ROWS, pool=pool(loss))
    steps = int(min(STEPS, max(20.0, WORK / (3.0 * LARGEST * network.flat.trained))))
    rows = taken(train, steps * LARGEST // PASSES, config.seed)
    training = recipe(len(rows), steps, network.entry.n_out)

    def validate() -> Figures:
        if not len(valid):
            return {}
        out = network.predict(valid.inputs)
        return {"loss": loss.value_and_grad(out, valid.y, valid.weights, np.empty_like(out))}

    state = State()
    plan = Plan(training, loss, "loss", config.seed, validate)
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in fit(network, plan, rows, state):
                pass
    except DivergedError:
        return None
    if state.best is None or not state.best_epoch:
        return None
    np.copyto(network.flat.values, state.best)
    with np.errstate(over="ignore", invalid="ignore"):
        of, _ = part_scores(loss, experiment.coding, network, experiment.parts[part])
        return of.score(experiment.parts[part].weights)


def taken(rows: Rows, most: int, seed: int) -> Rows:
    """The rows, or so many of them by lot."""
    if len(rows) <= most:
        return rows
    some = np.sort(stream(seed, "linear").permutation(len(rows))[:most])
    return Rows(rows.inputs.take(some), rows.y[some], None if rows.weights is None else rows.weights[some])


def recipe(n: int, steps: int, inputs: int) -> Training:
    """AdamW for about so many steps over n rows; the more inputs move an output, the slower each."""
    size = min(n, LARGEST, max(SMALLEST, n // 4))
    rate = min(0.05, 0.3 * inputs**-0.5)
    return Training(
        epochs=max(PASSES, steps * size // n),
        batch_size=size,
        optimizer=AdamW(learning_rate=rate, weight_decay=0.03),
        schedule=Cosine(warmup=0.05),
    )
