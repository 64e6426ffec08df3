"""The answer of an ensemble: outputs whose link is the mean of what its members predict."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from netrain.inputs import Floats
from netrain.nn.activations import softplus
from netrain.nn.losses import BinaryCrossEntropy, CrossEntropy, Loss, Poisson, Quantile

Pool = Callable[[Floats], Floats]


def mean(out: Floats) -> Floats:
    """Outputs of members [k, n, o] -> [n, o]: right where the link changes nothing."""
    return np.asarray(out.mean(axis=0))


def pool(loss: Loss) -> Pool:
    """The pooling that belongs to a loss, by the link it owns."""
    match loss:
        case CrossEntropy():
            return of_classes
        case BinaryCrossEntropy():
            return of_labels
        case Poisson():
            return log_mean
        case Quantile():
            return lambda out: mean(np.stack([loss.link(member) for member in out]))
        case _:
            return mean


def of_classes(out: Floats) -> Floats:
    """The log of the mean of the members' probabilities, under softmax."""
    logits = out - out.max(axis=2, keepdims=True)
    return log_mean(logits - np.log(np.exp(logits).sum(axis=2, keepdims=True)))


def of_labels(out: Floats) -> Floats:
    """The log odds of the mean of the members' probabilities."""
    work = np.empty_like(out)
    yes = -softplus(-out, out=np.empty_like(out), work=work)
    no = -softplus(out, out=np.empty_like(out), work=work)
    return log_mean(yes) - log_mean(no)


def log_mean(logs: Floats) -> Floats:
    """log of the mean over the first axis of exp(logs), which cannot overflow."""
    top = logs.max(axis=0)
    return np.asarray(top + np.log(np.exp(logs - top).mean(axis=0)))
