"""`netrain find-lr`: sweep the learning rate over the first steps of a training, and name one (Smith, 2017)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from netrain.config import Source
from netrain.errors import DivergedError, UsageError
from netrain.experiment import Experiment, threads
from netrain.inputs import Floats
from netrain.nn.schedules import Sweep
from netrain.prepare import prepare, read_tables
from netrain.shown.chart import ASCII_MARK, MARK, log_chart
from netrain.shown.summary import figure, say
from netrain.single import resolve
from netrain.sources import said, source_of
from netrain.training.fit import Plan, State, orders
from netrain.training.step import Stepper

LOW, HIGH, STEPS = 1e-6, 10.0, 280  # 40 steps a decade
HOPELESS = 3.0  # times the fall of the loss, or its spread, above where it began: nothing follows
LAST = 9  # steps whose median must lie there
SPAN = 20  # steps on either side over which the loss is averaged


def find_lr(what: Path, target: Sequence[str], preset: str, overrides: Sequence[str]) -> dict[str, Any]:
    """{rates, losses, learning_rate, lowest_at}; losses are means over neighbouring steps."""
    with said(what, target):
        return found(source_of(what, target, preset, overrides))


def found(given: Source) -> dict[str, Any]:
    """The same of a config, with hints as for a config."""
    source, basis = resolve(given)
    experiment = prepare(source, read_tables(source, basis.preprocessor if basis else None), basis)
    rates, losses = sweep(experiment)
    if len(rates) < 2 * SPAN:
        raise UsageError(f"the loss left the finite numbers at a learning rate of {LOW:g}", hint="look at the table")
    smooth = smoothed(losses)
    chosen, lowest = choose(rates, smooth)
    return {"rates": rates.tolist(), "losses": smooth.tolist(), "learning_rate": chosen, "lowest_at": lowest}


def sweep(experiment: Experiment) -> tuple[Floats, Floats]:
    """The rate and the loss of each step, until the loss has gone up for good."""
    network, rows = experiment.started(), experiment.parts["train"].rows
    training = experiment.config.training
    optimizer = training.optimizer.model_copy(update={"learning_rate": LOW})
    swept = training.model_copy(update={"schedule": Sweep(factor=HIGH / LOW), "optimizer": optimizer})
    plan = Plan(swept, experiment.loss, experiment.config.metric, experiment.config.seed, dict, experiment.frozen)
    n, state = len(rows), State()
    size = min(training.batch_size, n)
    stepper = Stepper(network, plan, rows, state, total=STEPS, batch_size=size)
    rates: list[float] = []
    losses: list[float] = []
    with threads(experiment.config, network), suppress(DivergedError), np.errstate(over="ignore", invalid="ignore"):
        while state.step < STEPS:
            order = orders(plan.seed, state.epoch, n, network.batches)
            for start in range(0, n - size + 1, size):  # whole batches, so that losses compare
                before = state.loss_sum
                stepper.step(order[:, start : start + size].reshape(-1), last=False)
                rates.append(stepper.rate)
                losses.append((state.loss_sum - before) / size)
                if hopeless(losses) or state.step >= STEPS:
                    return np.array(rates), np.array(losses)
            state.epoch, state.batch = state.epoch + 1, 0
    return np.array(rates), np.array(losses)


def hopeless(losses: Sequence[float]) -> bool:
    """Whether the last losses lie so far above the first ones that training has come undone."""
    if len(losses) < 2 * SPAN:
        return False
    start, last = losses[: 2 * SPAN], float(np.median(losses[-LAST:]))
    first, spread = float(np.mean(start)), float(np.std(start))
    lowest = float(np.min(smoothed(np.array(losses))))
    return last > first + HOPELESS * max(first - lowest, 0.05 * abs(first), spread)


def smoothed(losses: Floats) -> Floats:
    """The mean over the steps around each one."""
    sums = np.concatenate(([0.0], np.cumsum(losses)))
    at = np.arange(len(losses))
    span = np.minimum(np.minimum(at, len(losses) - 1 - at), SPAN)  # the same on either side: no lag
    means: Floats = (sums[at + span + 1] - sums[at - span]) / (2 * span + 1)
    return means


def choose(rates: Floats, losses: Floats) -> tuple[float, float]:
    """The rate where the loss falls steepest, a tenth of that of the lowest loss at least; and that of the lowest.

    The lowest loss is reached where steps begin to do harm; a training of many steps wants less.
    """
    lowest = int(np.argmin(losses))
    slopes = np.gradient(losses, np.log10(rates))
    steepest = int(np.argmin(slopes[: lowest + 1])) if lowest else 0
    rate = min(max(float(rates[steepest]), float(rates[lowest]) / 10.0), float(rates[lowest]) / 3.0)
    return float(f"{rate:.1g}"), float(rates[lowest])


def tell(facts: dict[str, Any], command: str, console: Console) -> None:
    """The curve, and the line that sets the rate."""
    ascii_only = console.options.ascii_only
    rate = facts["learning_rate"]
    drawn = log_chart(
        facts["rates"],
        facts["losses"],
        width=min(console.width, 100),
        height=12,
        mark=ASCII_MARK if ascii_only else MARK,
        at=rate,
    )
    for line in ["training loss against learning rate", "", *drawn, ""]:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    say(console, f"learning rate {figure(rate)}: the loss falls fast there; it is lowest at {facts['lowest_at']:.2g}")
    say(console, f"{command} --set training.optimizer.learning_rate={rate:g}")
