"""What the curves of a course show, as numbers: how high, how jumpy, how fast, how late."""

from __future__ import annotations

from itertools import accumulate, pairwise
from math import isfinite, log

from netrain.advice.course import Course

SAME = 1.0001  # a learning rate that has not risen


def reach(course: Course) -> float:
    """A loss to measure others by: that of knowing nothing."""
    known = course.trivial_loss
    if course.classes and course.config.loss.name == "cross_entropy":
        even = log(len(course.classes))  # an untrained network holds all classes for equally likely
        return max(known, even) if isfinite(known) else even
    return known if isfinite(known) and known > 0.0 else max(learned(course)[0], 1e-12)


def learned(course: Course) -> list[float]:
    """The loss of the validation rows; of the training rows where there are none, or it is not always defined."""
    return course.valid or course.train


def height(course: Course) -> tuple[float, int]:
    """The highest training loss over that of knowing nothing, and its epoch."""
    top, at = max((loss, epoch) for epoch, loss in enumerate(course.train, 1))
    return top / reach(course), at


def jumps(course: Course, least: float) -> list[int]:
    """The epochs whose training loss is far above its lowest so far: by `least` losses of knowing nothing.

    A schedule that raises the rate may raise the loss: then the count begins anew.
    """
    train, rates = course.train, course.norms("learning_rate")
    low, found = train[0], []
    for epoch, (loss, (before, rate)) in enumerate(zip(train[1:], pairwise(rates), strict=True), 2):
        if rate > before * SAME:
            low = loss
        elif loss - low > least * reach(course):
            found.append(epoch)
        low = min(low, loss)
    return found


def start(course: Course) -> float:
    """Where the way down begins: the first loss, or that of knowing nothing."""
    losses, known = learned(course), course.trivial_loss
    return max(losses[0], known) if isfinite(known) else losses[0]


def half_way(course: Course) -> float:
    """The part of the training, by its learning rates, that half of what was learned took; 0: the first epoch."""
    losses, rates = learned(course), course.norms("learning_rate")
    half = 0.5 * (start(course) + min(losses))
    done = list(accumulate(rates))
    at = next((epoch for epoch, loss in enumerate(losses) if loss <= half), 0)
    return done[at] / max(done[-1], 1e-300) if at else 0.0


def late_gain(course: Course) -> float:
    """The part of all that was learned that the last third of the epochs brought."""
    losses = learned(course)
    third = max(1, len(losses) // 3)
    best = min(losses)
    if len(losses) < 2 or start(course) <= best:
        return 0.0
    return max(0.0, min(losses[:-third]) - best) / (start(course) - best)


def last_gain(course: Course) -> float:
    """The part of the loss that the last epoch took away."""
    losses = learned(course)
    return 1.0 - losses[-1] / losses[-2] if len(losses) > 1 and losses[-2] > 0.0 else 0.0


def fall(course: Course) -> float:
    """The part of the first training loss that is gone at the end."""
    train = course.train
    return 1.0 - train[-1] / train[0] if train[0] > 0.0 else 0.0


def rise(course: Course) -> float:
    """How far the validation loss rose after its lowest, in parts of what had been learned until then."""
    losses = course.valid
    if not losses:
        return 0.0
    best = min(losses)
    gained = reach(course) - best
    return (losses[-1] - best) / max(gained, 0.1 * reach(course))


def lowest(course: Course) -> int:
    """The epoch of the lowest loss."""
    losses = learned(course)
    return 1 + losses.index(min(losses))
