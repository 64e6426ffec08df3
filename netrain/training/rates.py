"""Which learning rate to try next, where one proved too high or too low."""

from __future__ import annotations

from netrain.nn.optimizers import Optimizer

STEP = 10.0  # from a rate to the next one that is worth a try
FAR = 10.0  # times the usual rate: beyond it hardly any network trains


def usual(optimizer: Optimizer) -> float:
    """The rate of an optimizer that is told none."""
    return float(type(optimizer).model_fields["learning_rate"].default)


def lower(optimizer: Optimizer) -> float:
    """A tenth of the rate; from far above the usual one, what a network may train with."""
    return rounded(min(optimizer.learning_rate / STEP, FAR * usual(optimizer)))


def higher(optimizer: Optimizer) -> float:
    """Ten times the rate; from far below the usual one, the usual one."""
    return rounded(max(optimizer.learning_rate * STEP, usual(optimizer)))


def rounded(rate: float) -> float:
    """Two digits, as a person would type them."""
    return float(f"{rate:.2g}")
