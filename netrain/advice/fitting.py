"""Whether the network learned too much of the training rows, or too little of anything."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

from netrain.advice.course import Course
from netrain.advice.curves import learned, lowest, rise
from netrain.finding import Finding, setting
from netrain.nn.models import Linear, Model, Resnet
from netrain.shown.summary import figure
from netrain.wording import counted

# Healthy runs reach 0.7 and 0.41 of the first two, with dropout of at most 0.3.
ROSE = 1.0  # what was learned of the validation rows is lost again
GAP = 0.5  # in what is explained of the training rows and of others
EVEN = 0.05  # a gap that is none
TAMING = 0.5  # dropout against learning by heart
STRONG = 0.6  # dropout that leaves little to learn with
NARROW = 4  # hidden units that everything must pass
NEAR = 0.1  # what a network should explain beyond a linear model, if less is worth a word
WELL = 0.9  # of the target explained: good enough


def overfitting(course: Course) -> Iterator[Finding]:
    """What is learned of the training rows is not so of others."""
    seen, others, losses = course.explained("train"), course.explained(), course.valid
    if course.part == "train" or not losses:
        return
    if rise(course) >= ROSE and course.train[-1] < min(losses):
        message = (
            f"overfitting: the validation loss rose from {figure(min(losses))} in epoch {lowest(course)}"
            f" to {figure(losses[-1])}, while the training loss fell to {figure(course.train[-1])}"
        )
        why = "the best epoch is kept, but it came before the network had learned what holds for other rows, too"
    elif seen - others >= GAP:
        message = f"overfitting: {told(seen)} of the target is explained in training rows, {told(others)} in others"
        why = "what was learned by heart does not carry over"
    else:
        return
    yield Finding("overfitting", (), message, why, tamer(course))


def tamer(course: Course) -> tuple[str, ...]:
    """What makes it harder to learn by heart: dropout, which helps where fewer units do not; else weight decay."""
    model, optimizer = course.config.model, course.config.training.optimizer
    if not isinstance(model, Linear) and model.dropout < TAMING:
        return (setting(TAMING, "model", "dropout"),)
    decay = getattr(optimizer, "weight_decay", None)
    return () if decay is None else (setting(max(0.1, 3 * decay), "training", "optimizer", "weight_decay"),)


def underfitting(course: Course) -> Iterator[Finding]:
    """Training rows are no better explained than others, and something in the config holds the network back."""
    model, seen, others = course.config.model, course.explained("train"), course.explained()
    linear = course.of_explained(course.linear)
    if isinstance(model, Linear) or not seen - others < EVEN or seen >= WELL:
        return
    if isfinite(linear) and others > linear + NEAR:
        return
    causes = held_back(model)
    if not causes:
        return
    beside = f", a linear model {told(linear)}" if isfinite(linear) else ""
    held = " and ".join(causes)
    message = f"underfitting: {told(seen)} of the target is explained even in training rows{beside}; {held} may be why"
    why = "a network that cannot learn its own rows will not learn others"
    yield Finding("underfitting", (), message, why, tuple(causes.values()))


def held_back(model: Model) -> dict[str, str]:
    """What may keep a network from learning, each with the setting that ends it."""
    causes: dict[str, str] = {}
    if isinstance(model, Linear):
        return causes
    if model.dropout >= STRONG:
        causes[f"dropout of {model.dropout:g}"] = setting(0.1, "model", "dropout")
    if isinstance(model, Resnet):
        if model.width <= NARROW:
            causes[f"a width of {model.width}"] = setting(64, "model", "width")
    elif min(model.hidden) <= NARROW:
        wide = [max(units, 64) for units in model.hidden]
        causes[f"a layer of {counted(min(model.hidden), 'unit')}"] = setting(wide, "model", "hidden")
    return causes


def no_better(course: Course) -> Iterator[Finding]:
    """The trivial answer is as good."""
    explained, main, area = course.explained(), course.main, course.intervals.get("roc_auc")
    if isfinite(course.figure("roc_auc")):
        none = course.figure("roc_auc") <= 0.5 or (area is not None and area[0] <= 0.5 and explained <= 0.0)
    else:
        none = explained <= 0.0
    if not none or not learned(course):
        return
    message = (
        f"no better than the trivial answer on {course.part} rows: {main} {figure(course.figure(main))},"
        f" trivial {figure(course.trivial(main))}"
    )
    why = "the columns may tell nothing of this target, or too few rows do; see what the other findings say first"
    yield Finding("no_better_than_trivial", (), message, why)


def told(share: float) -> str:
    """A share of the target, in whole percents, never below 0."""
    return f"{max(0.0, share):.0%}"
