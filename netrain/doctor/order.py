"""Rows that lie in time, or belong together, under a split by lot."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import polars as pl

from netrain.data.columns import Datetime
from netrain.data.dates import format_of, read_dates
from netrain.data.lots import by_rank
from netrain.data.split import KFold, Random
from netrain.doctor.patient import Patient
from netrain.finding import Finding, setting
from netrain.inputs import Floats
from netrain.spec import written

IN_ORDER = 0.99  # the share of steps from row to row that go one way
TIMES = 10  # different ones at least
TIMED = re.compile(r"(?i)(^|[_\W])(time|timestamp|date|datetime|unix|epoch)($|[_\W])|(?-i:[a-z](Time|Timestamp|Date)$)")
WHO = re.compile(
    r"(?i)((^|[_\W])(id|patient|subject|person|participant|user|customer|client|household)"
    r"|(^|.*[_\W]|.*(?-i:[a-z]))"
    r"(patient|subject|person|participant|user|customer|client|household|member|family|session|group)_?(id|no|nr|number|code|key))$"
)
MANY_GROUPS, ROWS_EACH = 10, 2.0


def by_lot(patient: Patient) -> bool:
    """Whether the split draws single rows."""
    split = patient.experiment.config.data.split
    return isinstance(split, Random) or (isinstance(split, KFold) and split.by in ("stratified", "plain"))


def in_time(patient: Patient) -> Iterator[Finding]:
    """A column of times in whose order the rows lie."""
    if not by_lot(patient):
        return
    for name, column in patient.columns.items():
        series = patient.frame[name]
        if isinstance(column, Datetime):
            form = format_of(series, column.format)
            times = read_dates(series, form).dt.epoch("us") if form else series
        elif series.dtype != pl.String and TIMED.search(name):
            times = series
        else:
            continue
        if ordered(times.drop_nulls().cast(pl.Float64, strict=False).to_numpy()):
            yield Finding(
                "time_order",
                (name,),
                f"the rows lie in the order of `{name}`, and are split by lot",
                "the network is tested between rows that it has seen, not on later ones, as it will be used",
                split_by("time", name, patient, times_of(times)),
            )
            return


def ordered(times: np.ndarray) -> bool:
    """Whether nearly all times follow each other, forward or backward. [n]."""
    if len(np.unique(times)) < TIMES:
        return False
    steps = np.diff(times)
    return bool(max((steps >= 0).mean(), (steps <= 0).mean()) >= IN_ORDER)


def grouped(patient: Patient) -> Iterator[Finding]:
    """A column that names whom a row is about, with several rows each."""
    if not by_lot(patient):
        return
    n = len(patient.frame)
    for name in filter(WHO.search, patient.columns):
        series = patient.frame[name]
        whole = series.dtype == pl.String or (series == series.round(0)).all()
        distinct = series.n_unique()
        if series.null_count() or not whole or distinct < MANY_GROUPS or n / distinct < ROWS_EACH:
            continue
        yield Finding(
            "groups",
            (name,),
            f"`{name}` names {distinct:,} groups of {n:,} rows, which are split by lot",
            "rows of one group stand on both sides, so the network may know the group, not the rule",
            split_by("group", name, patient, None),
        )
        return


def split_by(name: str, column: str, patient: Patient, times: Floats | None) -> tuple[str, ...]:
    """The setting of a split by a column in place of one by lot; none where it would leave a part empty."""
    split = patient.experiment.config.data.split
    if times is not None:
        parts = np.zeros(len(times), np.uint8)
        if np.isnan(times).any():
            return ()
        by_rank(parts, np.arange(len(times)), times, getattr(split, "valid", 0.0), getattr(split, "test", 0.0))
        if not isinstance(split, KFold) and len(np.unique(parts)) < 3:
            return ()
    said = written(split)
    kept = (
        {key: part for key, part in said.items() if key in ("folds", "fold", "valid", "test")}
        if isinstance(said, dict)
        else {}
    )
    by = {"name": "kfold", "by": name} if isinstance(split, KFold) else {"name": name}
    return (setting(by | {"column": column} | kept, "data", "split"),)


def times_of(times: pl.Series) -> Floats:
    """As numbers, NaN where missing. [n]."""
    return times.cast(pl.Float64, strict=False).to_numpy()
