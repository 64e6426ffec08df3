"""The training loop: a generator of epochs, with a pause between any two steps for whoever drives it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from netrain.inputs import Floats, Rows
from netrain.nn.network import Network
from netrain.random import stream
from netrain.training.state import Figures, State, slot_names
from netrain.training.step import Plan, Stepper

__all__ = ["Epoch", "Figures", "Plan", "State", "Tick", "fit", "orders", "slot_names"]

TICK = 0.1  # seconds between pauses within an epoch


@dataclass(frozen=True)
class Tick:
    """A pause between two steps."""

    epoch: int
    batch: int
    batches: int
    learning_rate: float
    train_loss: float
    rows_per_second: float


@dataclass(frozen=True)
class Epoch:
    """One pass over the training rows, as `epochs.jsonl` keeps it."""

    epoch: int
    step: int
    seconds: float  # steps, shuffling and gathering
    learning_rate: float  # of the last step
    train: Figures
    valid: Figures
    gradient_norm: float  # mean over the steps, before clipping
    update_norm: float  # of the last step
    best: bool


def fit(network: Network, plan: Plan, train: Rows, state: State) -> Iterator[Tick | Epoch]:
    """Train from `state` on, in place. Whoever iterates may save at every pause, and stop by not going on.

    Raises DivergedError before a loss or gradient that is not finite reaches the weights.
    """
    training, n = plan.training, len(train)
    batch_size = min(training.batch_size, n)
    batches = -(-n // batch_size)
    stepper = Stepper(network, plan, train, state, total=training.epochs * batches, batch_size=batch_size)
    while state.epoch < training.epochs:
        order = orders(plan.seed, state.epoch, n, network.batches)
        done_before, spent, started = state.batch, 0.0, perf_counter()
        while state.batch < batches:
            stepper.run(order, started + TICK)
            if state.batch < batches:
                spent += perf_counter() - started
                rows = state.batch * batch_size
                rate = (rows - done_before * batch_size) / spent
                yield Tick(state.epoch + 1, state.batch, batches, stepper.rate, state.loss_sum / rows, rate)
                started = perf_counter()
        spent += perf_counter() - started
        yield finish(stepper, spent, batches)


def orders(seed: int, epoch: int, n: int, batches: int) -> NDArray[np.intp]:
    """The order of the n rows in an epoch, for each of the batches of a step: [batches, n]."""
    if batches == 1:
        return stream(seed, "order", epoch).permutation(n)[None]
    return np.stack([stream(seed, "order", epoch, member).permutation(n) for member in range(batches)])


def finish(stepper: Stepper, seconds: float, batches: int) -> Epoch:
    """Validate, remember the best weights, and move the state to the next epoch."""
    plan, state, values = stepper.plan, stepper.state, stepper.network.flat.values
    weights = plan.training.average.weights(values, state.slots)
    valid = validate(plan, values, weights)
    state.history.append(valid)
    stepper.history.append(plan.chosen(valid))
    state.epoch += 1
    best = state.better(plan.metric, plan.training.ties)
    if best and state.best is not None:
        state.best_epoch = state.epoch
        np.copyto(state.best, weights)
    train: Figures = {"loss": state.loss_sum / len(stepper.train)}
    norm = state.norm_sum / batches
    state.batch, state.loss_sum, state.norm_sum = 0, 0.0, 0.0
    return Epoch(state.epoch, state.step, seconds, stepper.rate, train, valid, norm, stepper.update_norm, best)


def validate(plan: Plan, values: Floats, weights: Floats) -> Figures:
    """The figures of the network with `weights` in the place of its values, which come back."""
    raw = values.copy()
    np.copyto(values, weights)
    try:
        return plan.validate()
    finally:
        np.copyto(values, raw)
