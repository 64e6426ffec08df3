"""Whether the steps were too long, too short, or too few."""

from __future__ import annotations

from collections.abc import Iterator

from netrain.advice.course import Course
from netrain.advice.curves import fall, half_way, height, jumps, last_gain, late_gain, learned, lowest, reach
from netrain.finding import Finding, setting
from netrain.shown.summary import figure
from netrain.training.rates import FAR, higher, lower, usual
from netrain.wording import counted

RATE = ("training", "optimizer", "learning_rate")

# Between what healthy runs reach and what those with the fault do; `python -m tests.bench.advice` measures.
HIGH = 10.0  # times the loss of knowing nothing
JUMP = 0.15  # of the loss of knowing nothing, more than once
SLOW = 0.25  # of the training for half of what was learned
LATE = 0.06  # of what was learned, in the last third
FEW = 8  # epochs
IDLE = 0.02  # of the target explained: nothing was learned
KNOWN = 0.95  # of the loss of knowing nothing: with less, something is known
STILL = 0.9  # of a layer's units dead, with which nothing is learned
EXPLODED = 1000.0  # the length of a gradient; it is around 1 where inputs and target are scaled
GAP = 0.1  # in what is explained of the training rows and of others


def too_high(course: Course) -> Iterator[Finding]:
    """The loss leaps, or the network was thrown to where nothing is learned."""
    rate = course.config.training.optimizer.learning_rate
    (high, peak), leaps = height(course), jumps(course, JUMP)
    far = rate >= FAR * usual(course.config.training.optimizer)
    if high >= HIGH:
        what = f"the training loss was {figure(high)} times that of knowing nothing in epoch {peak}"
    elif len(leaps) > 1:  # one may be chance, in a small table
        at = max(leaps, key=lambda epoch: course.train[epoch - 1])
        low = min(course.train[: at - 1])
        what = f"the training loss jumped from {figure(low)} to {figure(course.train[at - 1])} by epoch {at}"
    elif lost(course):
        what = (
            f"what was known in epoch {lowest(course)} was lost again: the last loss is {figure(learned(course)[-1])}"
        )
    elif far and course.explained("train") < IDLE and most_dead(course) >= STILL:
        what = f"the network learned nothing, and {most_dead(course):.0%} of a layer's units are dead"
    else:
        return
    why = "steps that are too long leap over what they look for, and may never come back"
    yield Finding("rate_too_high", (), f"{what}; the learning rate of {rate:g} is too high", why, slower(course))


def lost(course: Course) -> bool:
    """Whether both losses end at that of knowing nothing, after something had been known."""
    nothing, losses = reach(course), learned(course)
    return min(losses) < KNOWN * nothing and min(losses[-1], course.train[-1]) >= (1.0 - IDLE) * nothing


def exploding(course: Course) -> Iterator[Finding]:
    """Gradients of enormous length, and no bound on them."""
    norms = course.norms("gradient_norm")
    top = max(norms)
    if top < EXPLODED * max(1.0, min(course.train)) or course.config.training.clip.name != "none":
        return
    message = f"gradients explode: their length was {figure(top)} on average in epoch {1 + norms.index(top)}"
    why = "a single such step undoes many others; a bound shortens it"
    yield Finding("exploding_gradients", (), message, why, (setting("norm", "training", "clip"),))


def too_low(course: Course) -> Iterator[Finding]:
    """Losses that still fall as they began to, far from flat, and no gap to other rows."""
    optimizer, epochs, losses = course.config.training.optimizer, len(course.epochs), learned(course)
    if epochs <= FEW or not course.finished:
        return
    crawls = fall(course) < IDLE and course.explained("train") < IDLE and tiny(course)
    slow = lowest(course) >= 0.9 * epochs and half_way(course) >= SLOW and not gapped(course)
    if not (crawls or slow) or optimizer.learning_rate >= FAR * usual(optimizer):
        return
    message = (
        f"the loss crept from {figure(losses[0])} to {figure(losses[-1])} in {epochs} epochs and was falling still;"
        f" the learning rate of {optimizer.learning_rate:g} is too low"
    )
    why = "steps that are too short end before they are anywhere"
    yield Finding("rate_too_low", (), message, why, (setting(higher(optimizer), *RATE),))


def unfinished(course: Course) -> Iterator[Finding]:
    """The best epoch is the last, and it was still a clear gain."""
    epochs, losses = len(course.epochs), learned(course)
    late = late_gain(course) >= LATE or (epochs <= FEW and (epochs == 1 or last_gain(course) >= IDLE))
    if course.best_epoch < epochs or not course.finished or not late or losses[-1] > min(losses):
        return
    third = max(1, epochs // 3)
    before = "" if epochs == 1 else f", down from {figure(losses[-1 - third])} {counted(third, 'epoch')} earlier"
    message = (
        f"still improving when it stopped after {counted(epochs, 'epoch')}: a loss of {figure(losses[-1])}{before}"
    )
    why = "the best epoch is the last one, so better ones may follow"
    more = max(2 * epochs, FEW + 2)
    yield Finding("still_improving", (), message, why, (setting(more, "training", "epochs"),))


def slower(course: Course) -> tuple[str, ...]:
    """A lower rate."""
    return (setting(lower(course.config.training.optimizer), *RATE),)


def most_dead(course: Course) -> float:
    """The share of dead units of the layer that has most."""
    return max((layer.dead / layer.units for layer in course.units), default=0.0)


def gapped(course: Course) -> bool:
    """Whether the training rows are clearly better explained than others."""
    return course.explained("train") - course.explained() > GAP


def tiny(course: Course) -> bool:
    """Whether losses hardly moved, in either part."""
    losses = learned(course)
    return max(losses) - min(losses) < 0.1 * reach(course) and height(course)[0] < 2.0
