"""Columns that say nothing, or nothing that carries over to other rows."""

from __future__ import annotations

from collections.abc import Iterator

from netrain.data.columns import Categorical, Drop, Numeric
from netrain.data.dates import either_way
from netrain.data.features import tells_nothing
from netrain.data.infer import id_like, many_texts
from netrain.doctor.patient import Patient
from netrain.finding import Finding, drop, listed, setting

NEARLY_EMPTY = 0.95  # the share of missing cells from which a column is hardly there
FEW_ROWS = 5  # what fewer rows than this show may be chance
FEW_SHARE = 0.01


def idle(patient: Patient) -> Iterator[Finding]:
    """Columns that are the same in every training row."""
    train = patient.part("train")
    names = [name for name, c in patient.columns.items() if not isinstance(c, Drop) and tells_nothing(train[name])]
    if not names:
        return
    value = train[names[0]][0]
    said = "missing" if value is None else f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
    yield Finding(
        "constant",
        tuple(names),
        f"`{names[0]}` is {said} in every training row"
        if len(names) == 1
        else f"{len(names)} columns are the same in every training row: {listed(names)}",
        "such a column tells no row from another, and is left out",
        tuple(map(drop, names)),
        left_out=True,
    )


def nearly_empty(patient: Patient) -> Iterator[Finding]:
    """Columns with hardly a value."""
    n = len(patient.frame)
    for name in patient.inputs:
        there = n - patient.frame[name].null_count()
        if there <= (1.0 - NEARLY_EMPTY) * n:
            yield Finding(
                "nearly_empty",
                (name,),
                f"`{name}` has a value in {there:,} of {n:,} rows only",
                "so few values teach little, and chance much",
                (drop(name),),
            )


def ids(patient: Patient) -> Iterator[Finding]:
    """Columns that name the rows."""
    for name, column in patient.columns.items():
        if name in patient.experiment.config.data.columns and not isinstance(column, Numeric | Categorical):
            continue  # left out, or read as a date, by the config
        series = patient.frame[name]
        reason = id_like(series) or (many_texts(series) if isinstance(column, Drop) else "")
        if reason:
            out = isinstance(column, Drop)
            yield Finding(
                "id",
                (name,),
                f"`{name}` holds {reason}",
                "what names a row says nothing of other rows" + ("; it is left out" if out else ""),
                (drop(name),),
                left_out=out,
            )


def undated(patient: Patient) -> Iterator[Finding]:
    """Dates in which the day cannot be told from the month."""
    for name, column in patient.columns.items():
        if not isinstance(column, Categorical) or name in patient.experiment.config.data.columns:
            continue
        form = either_way(patient.frame[name])
        if form:
            yield Finding(
                "dates",
                (name,),
                f"`{name}` holds dates whose day and month could be either: `{patient.frame[name].drop_nulls()[0]}`",
                "as a category, no date is near another, and a new one is unknown",
                (
                    setting("datetime", "data", "columns", name, "name"),
                    setting(form, "data", "columns", name, "format"),
                ),
            )


def unseen(patient: Patient) -> Iterator[Finding]:
    """Columns with levels that stand in rows to validate or test on alone."""
    preprocessor = patient.experiment.preprocessor
    for part in ("valid", "test"):
        frame = patient.part(part)
        for name, count in preprocessor.strange(frame).items() if len(frame) else ():
            if count >= FEW_ROWS and count >= FEW_SHARE * len(frame):
                yield Finding(
                    "unseen",
                    (name,),
                    f"{count:,} of {len(frame):,} {part} rows have a level of `{name}` that no training row has",
                    "it counts as missing there, as it will in new rows",
                    (drop(name),),
                )
