"""One update of the weights after the other, in memory made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, sqrt

import numpy as np

from netrain.errors import DivergedError
from netrain.inputs import Inputs, Rows
from netrain.metrics import higher_is_better
from netrain.nn.losses import Loss
from netrain.nn.network import Network
from netrain.nn.optimizers import soften
from netrain.random import stream
from netrain.training.recipe import Training
from netrain.training.state import Figures, State

Batch = tuple[Inputs, np.ndarray, np.ndarray | None]  # inputs, targets, weights


@dataclass(frozen=True)
class Plan:
    """What a training needs beside the network and its state."""

    training: Training
    loss: Loss
    metric: str  # the validation figure that chooses the best epoch
    seed: int
    validate: Callable[[], Figures]
    frozen: tuple[str, ...] = ()  # parameters, of `network.flat.named`, that keep every bit

    def chosen(self, figures: Figures) -> float | None:
        """The figure that chooses, signed so that smaller is better."""
        figure = figures.get(self.metric)
        return -figure if figure is not None and higher_is_better(self.metric) else figure


class Stepper:
    """Moves a state and the weights of a network step by step."""

    def __init__(self, network: Network, plan: Plan, train: Rows, state: State, *, total: int, batch_size: int) -> None:
        self.network, self.plan, self.train, self.state, self.total = network, plan, train, state, total
        flat, training = network.flat, plan.training
        self.params = flat.values[: flat.trained]
        for name in training.optimizer.slots:
            state.slots.setdefault(name, np.zeros_like(self.params))
        for name in training.average.slots:
            state.slots.setdefault(name, flat.values.copy())
        if state.best is None:
            state.best = flat.values.copy()
        self._num = np.empty((batch_size, train.inputs.num.shape[1]), train.inputs.num.dtype)
        self._cat = np.empty((batch_size, train.inputs.cat.shape[1]), train.inputs.cat.dtype)
        self._y = np.empty((batch_size, *train.y.shape[1:]), train.y.dtype)
        self._weights = None if train.weights is None else np.empty(batch_size, train.weights.dtype)
        self._grad = np.empty((batch_size, network.n_out), flat.values.dtype)
        self._running = flat.values[flat.trained :]
        self._running_before = self._running.copy()
        self._frozen = [(flat.named[name], flat.named[name].copy()) for name in plan.frozen]
        self._frozen_grads = [flat.named_grads[name] for name in plan.frozen if name in flat.named_grads]
        self._batch = self._gather
        if training.noise:
            self._batch, self._noise = self._gather_with_noise, np.empty_like(self._num)
        after = [(self._soften, training.l1), (self._restore, plan.frozen), (self._average, training.average.slots)]
        self._after = [act for act, wanted in after if wanted]
        self.history = [plan.chosen(figures) for figures in state.history]  # grows by a figure an epoch
        self.rate, self.update_norm = state.rate, state.update_norm

    def step(self, rows: np.ndarray, *, last: bool) -> None:
        """One update from the rows named; `last` of an epoch, its length is kept."""
        state, training, grads = self.state, self.plan.training, self.network.flat.grads
        inputs, y, weights = self._batch(rows)
        self.rate = training.optimizer.learning_rate * training.schedule(state.step, self.total, self.history)
        np.copyto(self._running_before, self._running)
        with np.errstate(over="ignore", invalid="ignore"):  # looked for here
            loss = self._gradient(inputs, y, weights)
            norm = sqrt(float(np.dot(grads, grads)))
            if not isfinite(loss) or not isfinite(norm):
                np.copyto(self._running, self._running_before)
                what = f"the loss is {loss}" if not isfinite(loss) else f"the gradient's length is {norm}"
                raise diverged(state, what, training.optimizer.learning_rate)
            training.clip.apply(grads, norm)
            self._update(last=last)
        state.loss_sum += loss * len(rows)
        state.norm_sum += norm
        state.rate, state.update_norm = self.rate, self.update_norm
        state.step += 1
        state.batch += 1

    def _update(self, *, last: bool) -> None:
        """Change the weights along the gradient, which is used up."""
        state, flat, optimizer = self.state, self.network.flat, self.plan.training.optimizer
        before = self.params.copy() if last else None
        optimizer.update(self.params, flat.grads, state.slots, step=state.step + 1, lr=self.rate, decay=flat.decay)
        for act in self._after:
            act()
        if before is not None:
            self.update_norm = float(np.linalg.norm(self.params - before))
            if not isfinite(self.update_norm):
                np.copyto(self.params, before)
                raise diverged(state, f"the update's length is {self.update_norm}", optimizer.learning_rate)

    def _gradient(self, inputs: Inputs, y: np.ndarray, weights: np.ndarray | None) -> float:
        """The loss of a batch; its gradient goes to the network's."""
        network, state, grad = self.network, self.state, self._grad[: len(inputs)]
        rng = stream(self.plan.seed, "noise", state.epoch, state.batch) if network.has_modes else None
        loss = self.plan.loss.value_and_grad(network.forward(inputs, rng), y, weights, grad)
        network.backward(grad)
        for frozen in self._frozen_grads:
            frozen.fill(0.0)
        return loss

    def _gather(self, rows: np.ndarray) -> Batch:
        """The rows named, in memory that the next gathering writes over."""
        n, train = len(rows), self.train
        # mode="clip" spares the check of each index, and with it a copy
        num = np.take(train.inputs.num, rows, axis=0, out=self._num[:n], mode="clip")
        cat = np.take(train.inputs.cat, rows, axis=0, out=self._cat[:n], mode="clip")
        y = np.take(train.y, rows, axis=0, out=self._y[:n], mode="clip")
        if train.weights is None or self._weights is None:
            return Inputs(num, cat), y, None
        return Inputs(num, cat), y, np.take(train.weights, rows, out=self._weights[:n], mode="clip")

    def _gather_with_noise(self, rows: np.ndarray) -> Batch:
        """The same, with normal noise on the numbers (Bishop, 1995)."""
        batch, noise = self._gather(rows), self._noise[: len(rows)]
        rng = stream(self.plan.seed, "input_noise", self.state.epoch, self.state.batch)
        rng.standard_normal(out=noise, dtype=noise.dtype.type)
        np.multiply(noise, self.plan.training.noise, out=noise)
        np.add(batch[0].num, noise, out=batch[0].num)
        return batch

    def _soften(self) -> None:
        flat = self.network.flat
        soften(self.params, flat.decay, self.rate * self.plan.training.l1, flat.grads)

    def _restore(self) -> None:
        for view, kept in self._frozen:
            np.copyto(view, kept)

    def _average(self) -> None:
        self.plan.training.average.follow(self.network.flat.values, self.state.slots, self.state.step + 1)


def diverged(state: State, what: str, learning_rate: float) -> DivergedError:
    """What happened, where, and what to try."""
    at = f"epoch {state.epoch + 1}, batch {state.batch + 1}"
    return DivergedError(
        f"training diverged: {what} at {at}; the weights before it are kept",
        hint=f"a lower rate, `--set training.optimizer.learning_rate={learning_rate / 10:g}`\n"
        "or a bound on gradients, `--set training.clip=norm`",
    )
