"""One update of the weights after the other, in memory made once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite, sqrt
from time import perf_counter

import numpy as np

from netrain.errors import DivergedError
from netrain.inputs import Floats, Rows
from netrain.metrics import higher_is_better
from netrain.nn.losses import Loss
from netrain.nn.memory import aligned
from netrain.nn.network import Network
from netrain.nn.optimizers import settle, soften
from netrain.random import stream
from netrain.training.batch import Batch, Gather
from netrain.training.descent import Descent
from netrain.training.rates import lower
from netrain.training.recipe import Training
from netrain.training.state import Figures, State

SETTLE = 64  # steps between cleanings of the optimizer's vectors


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
        for names, start in (
            (training.optimizer.slots, np.zeros_like(self.params)),
            (training.average.slots, flat.values),
        ):
            for name in names:
                state.slots[name] = on_a_line(state.slots.get(name, start))
        self._descent = Descent(flat, training.optimizer, state.slots)
        if state.best is None:
            state.best = flat.values.copy()
        grad = aligned((batch_size * network.members, network.n_out), flat.values.dtype)
        self._gather = Gather(train, batch_size * network.batches, grad)
        self._running = flat.values[flat.trained :]
        self._running_before = self._running.copy()
        self._frozen = [(flat.named[name], flat.named[name].copy()) for name in plan.frozen]
        self._frozen_grads = [flat.named_grads[name] for name in plan.frozen if name in flat.named_grads]
        if training.noise:
            self._noise = aligned((batch_size * network.batches, train.inputs.num.shape[1]), train.inputs.num.dtype)
        after = [(self._soften, training.l1), (self._restore, plan.frozen), (self._average, training.average.slots)]
        self._after = [act for act, wanted in after if wanted]
        self.history = [plan.chosen(figures) for figures in state.history]  # grows by a figure an epoch
        self.rate, self.update_norm = state.rate, state.update_norm

    def run(self, order: np.ndarray, until: float) -> None:
        """Steps through what is left of an epoch's order [batches, n], until a moment of `perf_counter` at most."""
        state, size, n = self.state, self.plan.training.batch_size, order.shape[1]
        with np.errstate(over="ignore", invalid="ignore"):  # looked for in every step
            while (start := state.batch * size) < n:
                self.step(order[:, start : start + size].reshape(-1), last=start + size >= n)
                if perf_counter() > until:
                    break

    def step(self, rows: np.ndarray, *, last: bool) -> None:
        """One update from the rows named, batch by batch; `last` of an epoch, its length is kept."""
        state, training, grads = self.state, self.plan.training, self.network.flat.grads
        batch = self._gather(rows)
        if training.noise:
            self._disturb(batch.inputs.num)
        self.rate = training.optimizer.learning_rate * training.schedule(state.step, self.total, self.history)
        if self.network.has_dropout:
            self.network.ease(training.dropout_schedule(state.step, self.total, self.history))
        if self._running.size:
            np.copyto(self._running_before, self._running)
        loss = self._gradient(batch)
        norm = sqrt(float(grads.dot(grads)))
        if not isfinite(loss) or not isfinite(norm):
            np.copyto(self._running, self._running_before)
            what = f"the loss is {loss}" if not isfinite(loss) else f"the gradient's length is {norm}"
            raise diverged(state, what, training)
        training.clip.apply(grads, norm)
        self._update(last=last)
        state.loss_sum += loss * (len(rows) // self.network.batches)
        state.norm_sum += norm
        state.rate, state.update_norm = self.rate, self.update_norm
        state.step += 1
        state.batch += 1

    def _update(self, *, last: bool) -> None:
        """Change the weights along the gradient, which is used up."""
        state, training = self.state, self.plan.training
        before = self.params.copy() if last else None
        decay = training.decay_schedule(state.step, self.total, self.history)
        self._descent.step(state.step + 1, self.rate, decay)
        if state.step % SETTLE == 0:
            for name in training.optimizer.slots:
                settle(state.slots[name])
        for act in self._after:
            act()
        if before is not None:
            self.update_norm = float(np.linalg.norm(self.params - before))
            if not isfinite(self.update_norm):
                np.copyto(self.params, before)
                what = f"the update's length is {self.update_norm}"
                raise diverged(state, what, training)

    def _gradient(self, batch: Batch) -> float:
        """The loss of a batch, the mean of those of the members; its gradient goes to the network's."""
        network, state = self.network, self.state
        rng = stream(self.plan.seed, "noise", state.epoch, state.batch) if network.has_modes else None
        out = network.forward(batch.inputs, rng)
        loss = self.plan.loss.value_and_grad(out, batch.y, batch.weights, batch.grad)
        network.backward(batch.grad)
        for frozen in self._frozen_grads:
            frozen.fill(0.0)
        return loss

    def _disturb(self, num: Floats) -> None:
        """Normal noise on the numbers (Bishop, 1995)."""
        noise = self._noise[: len(num)]
        rng = stream(self.plan.seed, "input_noise", self.state.epoch, self.state.batch)
        rng.standard_normal(out=noise, dtype=noise.dtype.type)
        np.multiply(noise, self.plan.training.noise, out=noise)
        np.add(num, noise, out=num)

    def _soften(self) -> None:
        flat = self.network.flat
        soften(self.params, flat.decay, self.rate * self.plan.training.l1, flat.grads)

    def _restore(self) -> None:
        for view, kept in self._frozen:
            np.copyto(view, kept)

    def _average(self) -> None:
        self.plan.training.average.follow(self.network.flat.values, self.state.slots, self.state.step + 1)


def on_a_line(vector: Floats) -> Floats:
    """A copy that starts on a line of the cache."""
    copy: Floats = aligned(vector.shape, vector.dtype)
    np.copyto(copy, vector)
    return copy


def diverged(state: State, what: str, training: Training) -> DivergedError:
    """What happened, where, and what to try."""
    at = f"epoch {state.epoch + 1}, batch {state.batch + 1}"
    bound = "\nor a bound on gradients, `--set training.clip=norm`" if training.clip.name == "none" else ""
    return DivergedError(
        f"training diverged: {what} at {at}; the weights before it are kept",
        hint=f"a lower rate, `--set training.optimizer.learning_rate={lower(training.optimizer):g}`{bound}",
    )
