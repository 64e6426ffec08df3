"""Dates and times: reading them from text, and their parts as inputs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain

import numpy as np
import polars as pl

from netrain.errors import DataError
from netrain.inputs import Floats

# Year first, so that no day can be taken for a month.
FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S%.fZ",
    "%Y-%m-%dT%H:%M:%S%.f%#z",  # an offset or Z: in UTC, as all are that tell their zone
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y-%m-%d %H:%M%#z",
    "%Y-%m-%d %H:%M:%S%.f UTC",
    "%Y-%m-%dT%H:%M:%S%.f UTC",
    "%Y/%m/%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y.%m.%d",
)
# Day first and month first: taken where some day is beyond 12, so that only one of the two can be meant.
EITHER = tuple(
    (f"%d{mark}%m{mark}%Y{clock}", f"%m{mark}%d{mark}%Y{clock}")
    for mark in "/.-"
    for clock in ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
)
# Never taken unasked, only suggested.
SHORT = tuple(
    (f"%d{mark}%m{mark}%y{clock}", f"%m{mark}%d{mark}%y{clock}") for mark in "/.-" for clock in ("", " %H:%M")
)
OTHERS = (
    *chain(*SHORT),
    *(
        "%d %b %Y",
        "%d-%b-%Y",
        "%d-%b-%y",
        "%b %d, %Y",
        "%d %b %Y %H:%M",
        "%d %b %Y %H:%M:%S",
        "%a, %d %b %Y %H:%M:%S %z",
    ),
)
DATE = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d")  # how those of FORMATS and EITHER begin
CLOCK = ("%H", "%I", "%k", "%l", "%T", "%R", "%r", "%X", "%c", "%s", "%+")  # codes that tell a time of day
CODES = "`%Y` year, `%m` month, `%d` day, `%H` hour, `%M` minute, `%S` second"
FIRST_YEAR = 1000  # `24` may be a day, or a year of this century
PERIODS = {"month": 12, "day": 31, "weekday": 7, "hour": 24, "minute": 60}
FIRST = {"month": 1, "day": 1, "weekday": 1, "hour": 0, "minute": 0}  # what polars counts from


def find_format(column: pl.Series) -> str | None:
    """The format that reads every cell that is there, or None."""
    sample = column.drop_nulls()
    if not starts_as_date(sample):
        return None
    for form in FORMATS:
        if reads(sample, form):
            return form
    for forms in EITHER:
        possible = [form for form in forms if reads(sample, form)]
        if len(possible) == 2 and len(sample) > 2:  # the first of one month after the other
            possible = [form for form in forms if is_monthly(read_dates(sample, form))]
        if len(possible) == 1:
            return possible[0]
    return None


def format_of(column: pl.Series, declared: str) -> str | None:
    """The format that is declared; where that is `auto`, the one that reads every cell, or None."""
    return find_format(column) if declared == "auto" else declared


def is_monthly(dates: pl.Series) -> bool:
    """Whether all dates are the first of a month, of several months."""
    return bool((dates.dt.day() == 1).all()) and dates.dt.month().n_unique() > 2


def either_way(column: pl.Series) -> str | None:
    """The format with the day first, where every cell reads with the month first as well; else None."""
    return (either(column) or (None, None))[0]


def month_first(column: pl.Series) -> str | None:
    """The format with the month first, where every cell reads with the day first as well; else None."""
    pair = either(column) or first_pair(column.drop_nulls(), SHORT)
    return pair[1] if pair else None


def either(column: pl.Series) -> tuple[str, str] | None:
    """The two formats that read every cell, with the day first and with the month first; None where one is clear."""
    sample = column.drop_nulls()
    if not starts_as_date(sample) or find_format(sample):
        return None
    return first_pair(sample, EITHER)


def starts_as_date(filled: pl.Series) -> bool:
    """Whether the first cell does: else no format of FORMATS or EITHER reads it."""
    return len(filled) > 0 and DATE.match(filled[0]) is not None


def first_pair(filled: pl.Series, pairs: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The first pair of formats of which both read every cell."""
    return next((forms for forms in pairs if all(reads(filled, form) for form in forms)), None)


def likely_format(column: pl.Series) -> str | None:
    """The format that reads most cells, be it not all of them; None where none reads half."""
    sample = column.drop_nulls()
    count, _, form = max(
        (int((read_dates(sample, form).dt.year() >= FIRST_YEAR).sum()), -i, form)
        for i, form in enumerate((*FORMATS, *chain(*EITHER), *OTHERS))
    )
    return form if 2 * count > len(sample) else None


def reads(filled: pl.Series, form: str) -> bool:
    """Whether a format reads every cell, none of them as a year of two digits; the first ones are asked first."""
    for some in (filled.head(20), filled):
        dates = read_dates(some, form)
        if dates.null_count() or not (dates.dt.year() >= FIRST_YEAR).all():
            return False
    return True


def read_dates(column: pl.Series, form: str) -> pl.Series:
    """Text as date and time, in UTC where it tells its zone; null where it is none."""
    try:
        if any(code in form for code in CLOCK):
            return column.str.to_datetime(form, strict=False, time_unit="us").dt.replace_time_zone(None)
        return column.str.to_date(form, strict=False).cast(pl.Datetime("us"))
    except pl.exceptions.PolarsError:
        hint = f"such as `{FORMATS[1]}`, `%d/%m/%Y` or `%d.%m.%Y %H:%M`"
        raise DataError(f"`{form}` is not a format of dates for `{column.name}`", hint=hint) from None


def seconds(dates: pl.Series) -> Floats:
    """Seconds since 1970, NaN where missing. float64 [n]."""
    return dates.dt.epoch("us").cast(pl.Float64).to_numpy() / 1e6


def part_of(dates: pl.Series, part: str) -> Floats:
    """The number of a part, from 0; NaN where missing. float64 [n]."""
    numbers: pl.Series = getattr(dates.dt, part)()
    return numbers.cast(pl.Float64).to_numpy() - FIRST[part]


def circle(numbers: Floats, part: str) -> tuple[Floats, Floats]:
    """Sine and cosine of a part, as on a clock, 0 and 0 where it is missing."""
    angle = 2.0 * np.pi * numbers / PERIODS[part]
    return np.nan_to_num(np.sin(angle)), np.nan_to_num(np.cos(angle))
