"""Units that say nothing, classes that are never predicted, and rows too few to choose by."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

from netrain.advice.course import Course
from netrain.finding import Finding, setting
from netrain.nn.models import Linear
from netrain.shown.summary import figure
from netrain.wording import counted, listed

DEAD = 0.5  # of the units of a layer; healthy runs reach 0.3
ROWS = 100  # training rows from which on a unit that is always silent is dead rather than rare
SEEN = 10  # rows of a class that ought to be predicted once
RARE = 0.5  # of a fair share of the rows
SHARE = 0.1  # of the rows; with more for validation, a small table is to blame
FEWEST = 30  # rows for validation, below which nothing is ranked


def dead_units(course: Course) -> Iterator[Finding]:
    """Layers of which most units say the same whatever the row."""
    layers = [layer for layer in course.units if layer.dead >= DEAD * layer.units]
    if not layers or course.rows["train"] < ROWS or isinstance(course.config.model, Linear):
        return
    most = max(layers, key=lambda layer: layer.dead / layer.units)
    message = f"dead units: {most.dead:,} of {most.units:,} in `{most.layer}` say the same for every training row"
    why = "they cost time and tell nothing, and no gradient wakes them"
    other = "gelu" if course.config.model.activation.name == "leaky_relu" else "leaky_relu"
    yield Finding("dead_units", (), message, why, (setting(other, "model", "activation"),))


def collapse(course: Course) -> Iterator[Finding]:
    """Classes that are there and are never predicted."""
    if not course.confusion:
        return
    true, said = [sum(row) for row in course.confusion], [sum(column) for column in zip(*course.confusion, strict=True)]
    never = [i for i, rows in enumerate(true) if rows >= SEEN and not said[i]]
    if not never:
        return
    if sum(count > 0 for count in said) == 1:
        only = course.classes[max(range(len(said)), key=said.__getitem__)]
        message = f"the network predicts `{only}` for all {counted(sum(said), course.part + ' row')}"
    else:
        rows = sum(true[i] for i in never)
        names = listed([course.classes[i] for i in never], 5)
        message = f"never predicted: {names}, which {counted(rows, course.part + ' row')} hold"
    why = "a rare class costs little to miss; balanced weights let each class count alike, at some cost to the others"
    rare = all(true[i] < RARE * sum(true) / len(true) for i in never)
    may = course.config.data.class_weight.name == "none" and rare
    yield Finding("class_collapse", (), message, why, (setting("balanced", "data", "class_weight"),) * may)


def small_validation(course: Course) -> Iterator[Finding]:
    """Too few validation rows to tell the better epochs from the others, though the table has more."""
    rows, whole = course.rows["valid"], sum(course.rows.values())
    share = getattr(course.config.data.split, "valid", None)
    if not rows or not isinstance(share, float) or share >= SHARE or rows >= SHARE * whole:
        return
    values = course.watched(course.main)[len(course.epochs) // 2 :]
    spread = max(values, default=0.0) - min(values, default=0.0)
    width = interval(course)
    if rows >= FEWEST and not (0.0 < spread < width):
        return
    if rows >= 10 * FEWEST:  # the order of epochs is told by the same rows, more exactly than each by itself
        return
    message = (
        f"{counted(rows, 'validation row')} can hardly rank epochs: {course.main} is known to about {figure(width / 2)}"
    )
    why = "the best epoch is then chosen by chance; the second half of the epochs lies within that"
    yield Finding("small_validation", (), message, why, (setting(0.15, "data", "split", "valid"),))


def interval(course: Course) -> float:
    """The width of the interval of the main metric on validation rows, from that of `part`; 0 where there is none."""
    found, judged = course.intervals.get(course.main), course.rows[course.part]
    return (found[1] - found[0]) * sqrt(judged / course.rows["valid"]) if found else 0.0
