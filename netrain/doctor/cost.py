"""What a training will take: weights, memory, and the time of an epoch, by steps that are timed."""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from netrain.experiment import Experiment, threads
from netrain.inputs import Rows
from netrain.training.fit import Plan, State, orders
from netrain.training.step import Stepper

SECONDS = 0.5  # of timed steps, at most


@dataclass(frozen=True)
class Cost:
    """Weights; bytes in training, the rows as arrays included; steps and seconds of an epoch, with its validation."""

    parameters: int
    memory: int
    steps: int
    seconds: float


def cost_of(experiment: Experiment) -> Cost:
    """The cost of an experiment. Its network is drawn, takes a few steps, and is thrown away."""
    config, rows = experiment.config, experiment.parts["train"].rows
    batch = min(config.training.batch_size, len(rows))
    steps = -(-len(rows) // batch)
    tracemalloc.start()
    network = experiment.network()
    order = orders(config.seed, 0, len(rows), network.batches)
    with threads(config, network), np.errstate(over="ignore", invalid="ignore"):
        plan = Plan(config.training, experiment.loss, config.metric, config.seed, dict)
        stepper = Stepper(network, plan, rows, State(), total=config.training.epochs * steps, batch_size=batch)
        stepper.step(order[:, :batch].reshape(-1), last=True)
        experiment.figures(network, "valid")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        started, timed = perf_counter(), 0
        while timed < 2 or (perf_counter() - started < SECONDS and timed < steps):
            start = timed % steps * batch
            stepper.step(order[:, start : start + batch].reshape(-1), last=False)
            timed += 1
        step = (perf_counter() - started) / timed
        started = perf_counter()
        experiment.figures(network, "valid")
        validating = perf_counter() - started
    arrays = sum(nbytes(part.rows) for part in experiment.parts.values())
    return Cost(network.flat.trained, peak + arrays, steps, steps * step + validating)


def nbytes(rows: Rows) -> int:
    """The memory of rows."""
    weights = 0 if rows.weights is None else rows.weights.nbytes
    return rows.inputs.num.nbytes + rows.inputs.cat.nbytes + rows.y.nbytes + weights
