"""Columns that say nothing, or nothing that carries over to other rows."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from netrain.data.cells import spelling
from netrain.data.coding import NEARLY_ALL
from netrain.data.columns import Boolean, Categorical, Datetime, Drop, Numeric
from netrain.data.dates import either_way
from netrain.data.features import tells_nothing
from netrain.data.infer import id_like, many_texts, stray_rows
from netrain.data.target import MOST_CODED, Values
from netrain.doctor.patient import Patient
from netrain.finding import Finding, drop, setting
from netrain.wording import in_short

NEARLY_EMPTY = 0.95  # the share of missing cells from which a column is hardly there
FEW_ROWS = 5  # what fewer rows than this show may be chance
FEW_SHARE = 0.01
FEW_SPELLINGS = 5  # that may be added to `data.missing`


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
        else f"{len(names)} columns are the same in every training row: {in_short(names)}",
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
    data = patient.experiment.config.data
    for name, column in patient.columns.items():
        if name in data.columns and not isinstance(column, Numeric | Categorical):
            continue  # left out, or read as a date, by the config
        series = patient.frame[name]
        text = isinstance(column, Drop) and series.dtype == pl.String
        texts = text and not (stray_rows(series) or spelling(series, data.decimal))
        reason = id_like(series) or (many_texts(series) if texts else "")
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


def misread(patient: Patient) -> Iterator[Finding]:
    """Columns that would be numbers, were they spelled otherwise or a few cells mended."""
    data = patient.experiment.config.data
    for name, column in patient.columns.items():
        cells = patient.frame[name]
        if name in data.columns or cells.dtype != pl.String or isinstance(column, Boolean | Datetime):
            continue
        if found := spelling(cells, data.decimal):
            other = "," if data.decimal == "." else "."
            alone = "decimal" in found.what and not any(map(has_fractions, patient.frame))
            mends = (setting(other, "data", "decimal"),) if alone else ()
            way_out = "others are written with a point" if "decimal" in found.what else found.way_out
            why = "as text they are categories, each unlike all others" + ("" if mends else f"; {way_out}")
            yield Finding("misread", (name,), f"`{name}` holds {found.what}, read as text", why, mends)
        elif rows := stray_rows(cells):
            strange = cells.gather(rows).unique(maintain_order=True).to_list()
            count = "1 cell is no number" if len(rows) == 1 else f"{len(rows):,} cells are no numbers"
            mends = (setting([*data.missing, *strange], "data", "missing"),) if len(strange) <= FEW_SPELLINGS else ()
            yield Finding(
                "misread",
                (name,),
                f"`{name}` is read as text, as {count}: {in_short(strange)}",
                "all other cells are numbers; as text they are categories, each unlike all others",
                mends,
            )


def codes(patient: Patient) -> Iterator[Finding]:
    """Columns of codes that are written with zeros before them, and read as numbers."""
    experiment = patient.experiment
    declared = experiment.config.data.columns
    names = [name for name, c in patient.columns.items() if isinstance(c, Numeric) and name not in declared]
    for name in filter(patient.padded.__contains__, [*names, *numbers_of_target(patient)]):
        cells = patient.frame[name].drop_nulls()
        target, distinct = name in patient.target, cells.n_unique()
        if not ((cells >= 0.0) & (cells == cells.round(0))).all():
            continue
        if target and distinct > max(MOST_CODED, NEARLY_ALL * len(cells)):
            continue
        as_text = setting("categorical", "data", "columns", name)
        yield Finding(
            "misread",
            (name,),
            f"`{name}` is written with zeros before its numbers, as codes are, and read as numbers",
            "the zeros are lost, and codes near each other are taken to be alike",
            (setting("classification", "task"), as_text) if target else (as_text,),
        )


def has_fractions(cells: pl.Series) -> bool:
    """Whether some cells are numbers that are not whole, as they are read now."""
    return cells.dtype != pl.String and not bool((cells == cells.round(0)).fill_null(True).all())


def sentinels(patient: Patient) -> Iterator[Finding]:
    """Numbers that stand far from all others and often, as one writes what is missing."""
    data = patient.experiment.config.data
    names = [name for name, column in patient.columns.items() if isinstance(column, Numeric)]
    for value, columns in far_values(patient.frame.select([*names, *numbers_of_target(patient)])).items():
        yield Finding(
            "sentinel",
            tuple(columns),
            f"`{value:g}` stands far from all other numbers, and often, in {in_short(columns)}",
            "it looks like a missing value, and is read as a number",
            (setting([*data.missing, f"{value:g}"], "data", "missing"),),
        )


def numbers_of_target(patient: Patient) -> tuple[str, ...]:
    """The targets that are numbers."""
    return patient.target if isinstance(patient.experiment.coding, Values) else ()


def far_values(frame: pl.DataFrame) -> dict[float, list[str]]:
    """The columns of each lowest or highest number that is common, and farther from the next than all others reach."""
    found: dict[float, list[str]] = {}
    for cells in frame:
        low, high = cells.min(), cells.max()
        for value in (low, high) if isinstance(low, float) and isinstance(high, float) else ():
            count = int((cells == value).sum())
            if count < max(FEW_ROWS, FEW_SHARE * len(cells)):
                continue
            rest = cells.filter(cells != value)
            first, last = rest.min(), rest.max()
            if not isinstance(first, float) or not isinstance(last, float) or rest.n_unique() < FEW_ROWS:
                continue
            if abs(value) >= 9 and max(first - value, value - last) > max(last - first, 0.5 * abs(value)):
                found.setdefault(value, []).append(cells.name)
    return found


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
