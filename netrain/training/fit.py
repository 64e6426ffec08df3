"""The training loop: a generator of epochs, with a pause between any two steps for whoever drives it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import isfinite, sqrt
from time import perf_counter

import numpy as np

from netrain.errors import DivergedError
from netrain.inputs import Floats, Inputs, Rows
from netrain.metrics import higher_is_better
from netrain.nn.losses import Loss
from netrain.nn.network import Network
from netrain.random import stream
from netrain.training.recipe import Training

Figures = dict[str, float | None]

TICK = 0.1  # seconds between pauses within an epoch


@dataclass
class State:
    """All that changes in training beside the weights; saved whole, a resumed run equals an unbroken one."""

    epoch: int = 0  # epochs finished
    batch: int = 0  # batches done of the epoch under way
    step: int = 0  # updates made
    loss_sum: float = 0.0  # over the rows of the epoch under way
    norm_sum: float = 0.0  # of gradients, over its batches
    best_epoch: int = 0  # 0: none yet
    history: list[Figures] = field(default_factory=list)  # validation figures of each epoch
    slots: dict[str, Floats] = field(default_factory=dict)  # the optimizer's
    best: Floats | None = None  # the weights of the best epoch

    def better(self, metric: str) -> bool:
        """Whether the last epoch beats the best one. A figure that is missing or not finite beats nothing."""
        if metric not in self.history[-1]:  # nothing is validated: the last epoch is the model
            return True
        now = self.history[-1][metric]
        before = self.history[self.best_epoch - 1][metric] if self.best_epoch else None
        if now is None or not isfinite(now):
            return False
        return before is None or (now > before if higher_is_better(metric) else now < before)


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


@dataclass(frozen=True)
class Plan:
    """What a training needs beside the network and its state."""

    training: Training
    loss: Loss
    metric: str
    seed: int
    validate: Callable[[], Figures]


def fit(network: Network, plan: Plan, train: Rows, state: State) -> Iterator[Tick | Epoch]:
    """Train from `state` on, in place. Whoever iterates may save at every pause, and stop by not going on.

    Raises DivergedError before a loss or gradient that is not finite reaches the weights.
    """
    training, n = plan.training, len(train)
    batch_size = min(training.batch_size, n)
    batches = -(-n // batch_size)
    stepper = Stepper(network, plan, train, state, total=training.epochs * batches, batch_size=batch_size)
    while state.epoch < training.epochs:
        order = stream(plan.seed, "order", state.epoch).permutation(n)
        done_before, spent, started = state.batch, 0.0, perf_counter()
        while state.batch < batches:
            start = state.batch * batch_size
            stepper.step(order[start : start + batch_size], last=state.batch + 1 == batches)
            if (elapsed := perf_counter() - started) > TICK and state.batch < batches:
                spent += elapsed
                rows = state.batch * batch_size
                rate = (rows - done_before * batch_size) / spent
                yield Tick(state.epoch + 1, state.batch, batches, stepper.rate, state.loss_sum / rows, rate)
                started = perf_counter()
        spent += perf_counter() - started
        yield stepper.finish(spent, batches)


class Stepper:
    """One step after the other, in memory made once."""

    def __init__(self, network: Network, plan: Plan, train: Rows, state: State, *, total: int, batch_size: int) -> None:
        self.network, self.plan, self.train, self.state, self.total = network, plan, train, state, total
        flat, optimizer = network.flat, plan.training.optimizer
        self.params = flat.values[: flat.trained]
        for name in optimizer.slots:
            state.slots.setdefault(name, np.zeros_like(self.params))
        if state.best is None:
            state.best = flat.values.copy()
        dtype = flat.values.dtype
        self._num = np.empty((batch_size, train.inputs.num.shape[1]), train.inputs.num.dtype)
        self._cat = np.empty((batch_size, train.inputs.cat.shape[1]), train.inputs.cat.dtype)
        self._y = np.empty((batch_size, *train.y.shape[1:]), train.y.dtype)
        self._weights = None if train.weights is None else np.empty(batch_size, train.weights.dtype)
        self._grad = np.empty((batch_size, network.n_out), dtype)
        self.rate = self.update_norm = 0.0

    def step(self, rows: np.ndarray, *, last: bool) -> None:
        """One update from the rows named; `last` of an epoch, its length is kept."""
        network, state, training = self.network, self.state, self.plan.training
        inputs, y, weights = self._gather(rows)
        history = [figures.get(self.plan.metric) for figures in state.history]
        self.rate = training.optimizer.learning_rate * training.schedule(state.step, self.total, history)
        rng = stream(self.plan.seed, "noise", state.epoch, state.batch) if network.draws else None
        with np.errstate(over="ignore", invalid="ignore"):  # looked for below
            out = network.forward(inputs, rng)
            grad = self._grad[: len(rows)]
            loss = self.plan.loss.value_and_grad(out, y, weights, grad)
            network.backward(grad)
            norm = sqrt(float(np.dot(network.flat.grads, network.flat.grads)))
        if not isfinite(loss) or not isfinite(norm):
            raise diverged(state, loss, norm, training.optimizer.learning_rate)
        if (factor := training.clip.factor(norm)) < 1.0:
            np.multiply(network.flat.grads, factor, out=network.flat.grads)
        before = self.params.copy() if last else None
        training.optimizer.update(
            self.params, network.flat.grads, state.slots, step=state.step + 1, lr=self.rate, decay=network.flat.decay
        )
        if before is not None:
            self.update_norm = float(np.linalg.norm(self.params - before))
        state.loss_sum += loss * len(rows)
        state.norm_sum += norm
        state.step += 1
        state.batch += 1

    def finish(self, seconds: float, batches: int) -> Epoch:
        """Validate, remember the best weights, and move the state to the next epoch."""
        state = self.state
        state.history.append(self.plan.validate())
        state.epoch += 1
        best = state.better(self.plan.metric)
        if best and state.best is not None:
            state.best_epoch = state.epoch
            np.copyto(state.best, self.network.flat.values)
        train: Figures = {"loss": state.loss_sum / len(self.train)}
        norm = state.norm_sum / batches
        state.batch, state.loss_sum, state.norm_sum = 0, 0.0, 0.0
        valid = state.history[-1]
        return Epoch(state.epoch, state.step, seconds, self.rate, train, valid, norm, self.update_norm, best)

    def _gather(self, rows: np.ndarray) -> tuple[Inputs, np.ndarray, np.ndarray | None]:
        """The rows named, in memory that the next gathering writes over."""
        n, train = len(rows), self.train
        # mode="clip" spares the check of each index, and with it a copy
        num = np.take(train.inputs.num, rows, axis=0, out=self._num[:n], mode="clip")
        cat = np.take(train.inputs.cat, rows, axis=0, out=self._cat[:n], mode="clip")
        y = np.take(train.y, rows, axis=0, out=self._y[:n], mode="clip")
        if train.weights is None or self._weights is None:
            return Inputs(num, cat), y, None
        return Inputs(num, cat), y, np.take(train.weights, rows, out=self._weights[:n], mode="clip")


def diverged(state: State, loss: float, norm: float, learning_rate: float) -> DivergedError:
    """What happened, where, and what to try."""
    what = f"the loss is {loss}" if not isfinite(loss) else f"the gradient's length is {norm}"
    at = f"epoch {state.epoch + 1}, batch {state.batch + 1}"
    return DivergedError(
        f"training diverged: {what} at {at}; the weights before it are kept",
        hint=f"a lower rate, `--set training.optimizer.learning_rate={learning_rate / 10:g}`\n"
        "or a bound on gradients, `--set training.clip=norm`",
    )
