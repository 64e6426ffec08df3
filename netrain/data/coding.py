"""The coding of a target, fitted: its classes in order, or the mean and the deviation of its values."""

from __future__ import annotations

from collections.abc import Sequence
from math import log10

import polars as pl

from netrain.data.cells import EXACT, plain_text
from netrain.data.target import MOST_CODED, Classes, Labels, Values
from netrain.errors import DataError
from netrain.inputs import Floats
from netrain.wording import dotted

TINY = 1e-150  # numbers below it have no squares
ROUNDED = "whole numbers beyond 2^53 lose their last digits"
NEARLY_ALL = 0.8  # a share of the rows: where classes are more, nearly each has one row


def labels_of(target: pl.Series, where: str) -> tuple[str, ...]:
    """All labels of a column, in order. Raises DataError for fewer than two, and for nearly one a row."""
    labels = plain_text(target).drop_nulls().unique().to_list()
    order = sorted(labels) if target.dtype == pl.String else sorted(labels, key=float)
    if len(order) == 1 and target.dtype != pl.String and abs(float(order[0])) >= EXACT:
        raise DataError(
            f"`{target.name}` has one class only, as numbers: {ROUNDED}, and all are read as `{order[0]}`",
            where=where,
            hint=f"`{as_text(str(target.name))}` reads them as text",
        )
    if len(order) < 2:
        raise DataError(
            f"`{target.name}` has one class only: `{order[0] if order else 'missing'}`",
            where=where,
            hint="two classes at least; is it the right target?",
        )
    rows = len(target) - target.null_count()
    if len(order) > max(MOST_CODED, NEARLY_ALL * rows):
        raise DataError(
            f"`{target.name}` has {len(order):,} classes in {rows:,} rows: is it the right target?",
            where=where,
            hint="a class is learned from rows that share it",
        )
    return tuple(order)


def fit_classes(frame: pl.DataFrame, targets: Sequence[str], where: str) -> Classes | Labels:
    """The classes of one target, or the two labels of each of several."""
    if len(targets) == 1:
        return Classes(column=targets[0], labels=labels_of(frame[targets[0]], where))
    pairs = []
    for name in targets:
        labels = labels_of(frame[name], where)
        if len(labels) != 2:
            raise DataError(
                f"`{name}` has {len(labels):,} classes; of several targets each has two",
                where=where,
                hint="train a network for each",
            )
        pairs.append((labels[0], labels[1]))
    return Labels(names=tuple(targets), pairs=tuple(pairs))


def fit_values(
    train: pl.DataFrame,
    targets: Sequence[str],
    where: str,
    *,
    raw: bool,
    quantiles: Sequence[float],
    clip: bool = False,
) -> Values:
    """Mean and deviation of the training rows, or 0 and 1 where the loss takes the values raw.

    `clip`: predictions stay in the range of the training rows.
    """
    means, deviations, ranges = [], [], []
    for name in targets:
        column = train[name]
        if column.dtype == pl.String:
            message = f"`{name}` is text, so it cannot be the target of a regression"
            raise DataError(message, where=where, hint="`task: classification`")
        values = column.to_numpy()
        mean, deviation = float(values.mean()), float(values.std())
        if not deviation > 1e-12 * max(1e-300, abs(mean)):
            raise alike(name, values, where)
        means.append(0.0 if raw else mean)
        deviations.append(1.0 if raw else deviation)
        ranges.append((float(values.min()), float(values.max())))
    names, levels, kept = tuple(targets), tuple(quantiles), tuple(ranges) if clip else ()
    return Values(names=names, means=tuple(means), deviations=tuple(deviations), quantiles=levels, ranges=kept)


def alike(name: str, values: Floats, where: str) -> DataError:
    """The error for values that are one, or that no figure tells from one another."""
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high))
    if low == high and size >= EXACT:
        return DataError(
            f"`{name}` is read as {low:g} in every training row: {ROUNDED}",
            where=where,
            hint=f"`{as_text(name)}` where they are labels; else subtract a constant where the table is made",
        )
    if low == high:
        message = f"`{name}` is the same in every training row: {low:g}"
        return DataError(message, where=where, hint="is it the right target?")
    if size < TINY:
        by = 10.0 ** min(300, -round(log10(size)))
        return DataError(
            f"`{name}` holds numbers too small to learn or to score, none beyond {size:g}",
            where=where,
            hint=f"multiply it by a constant, such as {by:g}, where the table is made",
        )
    return DataError(
        f"`{name}` differs by less than a trillionth of its size: from {low:.15g} to {high:.15g}",
        where=where,
        hint=f"subtract a constant, such as {low:g}, where the table is made",
    )


def as_text(name: str) -> str:
    """The setting that reads a target as labels, digit by digit."""
    return f"{dotted(('data', 'columns', name))}: categorical"
