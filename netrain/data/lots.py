"""The drawing of a split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain.data.cells import plain_text
from netrain.data.dates import CODES, find_format, likely_format, month_first, read_dates, seconds
from netrain.data.split import Files, Group, InOrder, KFold, Named, Random, Split, Time
from netrain.data.table import Table
from netrain.data.unfilled import empty_part, too_few_groups
from netrain.errors import DataError
from netrain.inputs import Floats
from netrain.wording import counted, dotted

PARTS = ("train", "valid", "test")
TRAIN, VALID, TEST, UNUSED = range(4)
TENTHS = 10
WIDTHS = (1, 2, 5, TENTHS)  # how many tenths are one stratum: more where rows are few

Numbers = NDArray[np.intp]
Parts = NDArray[np.uint8]  # the number of each row's part, [n]


@dataclass(frozen=True)
class Drawing:
    """What a split draws from: the rows with a target, in the order of the file."""

    table: Table
    strata: Numbers  # the class of each row, or the tenth of its target
    files: Numbers  # the file of each row: 0 the table, 1 `valid_path`, 2 `test_path`
    rng: np.random.Generator
    formats: Mapping[str, str] = field(default_factory=dict)  # of dates, where the config gives them
    by_tenths: bool = False  # whether the strata are those of numbers, so that neighbours may be one

    @property
    def n(self) -> int:
        """How many rows there are."""
        return len(self.table)

    def of(self, rows: NDArray[np.bool_], rng: np.random.Generator) -> Drawing:
        """That of some of the rows."""
        of = np.flatnonzero(rows)
        return replace(self, table=self.table.take(of), strata=self.strata[of], files=self.files[of], rng=rng)

    def strata_for(self, rows: Numbers, valid: float, test: float) -> Numbers:
        """The strata; neighbouring tenths merged where each has so few of the rows that a part would stay empty."""
        strata = self.strata
        for width in WIDTHS if self.by_tenths else ():
            strata = self.strata // width
            n_valid, n_test = numbers_by_lot(np.bincount(strata[rows]), valid, test)
            if (n_valid.any() or not valid) and (n_test.any() or not test):
                break
        return strata

    def column(self, name: str) -> pl.Series:
        """A column that the split is made by. Raises DataError where cells are missing."""
        frame = self.table.frame
        if frame[name].null_count():
            row = int(frame[name].is_null().arg_true()[0])
            rows = counted(frame[name].null_count(), "row")
            message = f"the split's column `{name}` is missing in {rows}, first here"
            raise DataError(
                message, where=self.table.where(row), hint="every row needs one: write it, or take these rows out"
            )
        return frame[name]


def draw(split: Split, drawing: Drawing) -> Parts:
    """The part of each row. Raises DataError where a part that was asked for stays empty."""
    parts = np.zeros(drawing.n, np.uint8)
    everything = np.arange(drawing.n)
    match split:
        case Random(valid=valid, test=test):
            strata = drawing.strata_for(everything, valid, test) if split.stratify else np.zeros_like(drawing.strata)
            by_lot(parts, everything, strata, valid, test, drawing.rng)
        case InOrder(valid=valid, test=test):
            by_rank(parts, everything, everything, valid, test)
        case Time(column=column, valid=valid, test=test):
            by_rank(parts, everything, times(drawing, column), valid, test)
        case Group(column=column, valid=valid, test=test):
            by_group(parts, everything, groups(drawing, column), valid, test, drawing.rng)
        case Named():
            return by_word(split, drawing)
        case Files():
            parts[drawing.files == 2] = TEST
            parts[drawing.files == 1] = VALID
            if not split.valid_path:
                first = np.flatnonzero(drawing.files == 0)
                by_lot(parts, first, drawing.strata_for(first, split.valid, 0.0), split.valid, 0.0, drawing.rng)
        case KFold():
            by_fold(parts, split, drawing)
        case _:
            assert_never(split)
    return filled(parts, split, drawing)


def filled(parts: Parts, split: Split, drawing: Drawing) -> Parts:
    """The parts, where none that was asked for is empty."""
    asked = {"train": 1.0, "valid": getattr(split, "valid", 1.0), "test": getattr(split, "test", 1.0)}
    for number, (name, share) in enumerate(asked.items()):
        if share and not (parts == number).any():
            if isinstance(split, Group) or (isinstance(split, KFold) and split.by == "group"):
                raise too_few_groups(split, int(groups(drawing, split.column).max()) + 1, drawing.table.path)
            raise empty_part(name, share, len(parts), split, drawing.table.path)
    return parts


def by_lot(parts: Parts, rows: Numbers, strata: Numbers, valid: float, test: float, rng: np.random.Generator) -> None:
    """Shares of each stratum. Every stratum keeps a row to train on; one of a single row is only trained on."""
    _, inside = np.unique(strata[rows], return_inverse=True)
    sizes = np.bincount(inside)
    n_valid, n_test = numbers_by_lot(sizes, valid, test)
    shuffled = rng.permutation(len(rows))
    ordered = rows[shuffled[np.argsort(inside[shuffled], kind="stable")]]
    for members, v, e in zip(np.split(ordered, np.cumsum(sizes)[:-1]), n_valid, n_test, strict=True):
        parts[members[:v]] = VALID
        parts[members[v : v + e]] = TEST


def numbers_by_lot(sizes: Numbers, valid: float, test: float) -> tuple[Numbers, Numbers]:
    """How many rows of each stratum validate, and test."""
    n_test = apportion(sizes * test, np.maximum(sizes - 1, 0))
    return apportion(sizes * valid, np.maximum(sizes - 1 - n_test, 0)), n_test


def by_rank(parts: Parts, rows: Numbers, key: Floats | Numbers, valid: float, test: float) -> None:
    """The last rows by the key test, those before them validate; equal keys go to the earlier part."""
    ordered = rows[np.argsort(key[rows], kind="stable")]
    keys = key[ordered]
    n = len(ordered)
    cuts = []
    for share in (valid + test, test):
        cut = n - round(n * share)
        # the rows that tie with the last one before the cut stay with it
        cuts.append(int(np.searchsorted(keys, keys[cut - 1], side="right")) if 0 < cut < n else cut)
    parts[ordered[cuts[0] : cuts[1]]] = VALID
    parts[ordered[cuts[1] :]] = TEST


def by_group(parts: Parts, rows: Numbers, group: Numbers, valid: float, test: float, rng: np.random.Generator) -> None:
    """Groups by lot until each share is reached as nearly as whole groups allow; the smallest rather than none."""
    sizes = np.bincount(group[rows])
    part_of_group = np.zeros(len(sizes), np.uint8)
    left = rng.permutation(np.flatnonzero(sizes))
    for part, share, spare in ((TEST, test, 1 + (valid > 0)), (VALID, valid, 1)):
        wanted, taken = share * len(rows), 0
        chosen: list[int] = []
        for number in left:
            if len(left) - len(chosen) > spare and taken + sizes[number] / 2 < wanted:
                chosen.append(number)
                taken += sizes[number]
        if share and not chosen and len(left) > 1:
            chosen.append(left[sizes[left].argmin()])
        part_of_group[chosen] = part
        left = left[part_of_group[left] == TRAIN]
    parts[rows] = part_of_group[group[rows]]


def by_word(split: Named, drawing: Drawing) -> Parts:
    """The parts that the column names."""
    column = plain_text(drawing.column(split.column)).str.to_lowercase()
    words = {word.lower(): number for number, of in enumerate((split.train, split.valid, split.test)) for word in of}
    numbers = column.replace_strict(list(words), list(words.values()), default=UNUSED, return_dtype=pl.UInt8).to_numpy()
    if (numbers == UNUSED).any():
        row = int(np.argmax(numbers == UNUSED))
        raise DataError(
            f"`{column[row]}` names no part of the split",
            where=drawing.table.where(row),
            hint="`data.split.train`, `data.split.valid` and `data.split.test` list the words for it",
        )
    if not (numbers == TRAIN).any():
        message = f"the split's column `{split.column}` names no row to train on"
        raise DataError(message, where=drawing.table.path, hint="`data.split.train` lists the words for it")
    return numbers.copy()


def by_fold(parts: Parts, split: KFold, drawing: Drawing) -> None:
    """The fold tests, a share of the others validates, the rest trains; by time what follows is not used."""
    everything = np.arange(drawing.n)
    chosen = max(split.fold, 1)
    if split.by == "time":
        key = times(drawing, split.column)
        rank = np.argsort(np.argsort(key, kind="stable"), kind="stable")
        block = rank * (split.folds + 1) // drawing.n
        block = block[np.argsort(key, kind="stable")][np.searchsorted(np.sort(key), key)]  # equal times together
        parts[block > chosen] = UNUSED
        by_rank(parts, np.flatnonzero(block < chosen), key, split.valid, 0.0)
        parts[block == chosen] = TEST
        return
    group = groups(drawing, split.column) if split.by == "group" else None
    fold = fold_of_groups(group, split.folds, drawing) if group is not None else fold_of_rows(split, drawing)
    rest = everything[fold != chosen - 1]
    rng = drawing.rng  # drawn after the folds, which are the same for every fold
    if group is not None:
        by_group(parts, rest, group, split.valid, 0.0, rng)
    else:
        by_lot(parts, rest, drawing.strata_for(rest, split.valid, 0.0), split.valid, 0.0, rng)
    parts[fold == chosen - 1] = TEST


def fold_of_rows(split: KFold, drawing: Drawing) -> Numbers:
    """Folds in turn over the shuffled rows, stratum by stratum where they are stratified."""
    order = drawing.rng.permutation(drawing.n)
    if split.by == "stratified":
        order = order[np.argsort(drawing.strata[order], kind="stable")]
    if drawing.n < split.folds:
        message = f"too few rows for {split.folds} folds: {drawing.n}"
        raise DataError(
            message, where=drawing.table.path, hint="at least a row for each: `data.split.folds` says how many"
        )
    fold = np.empty(drawing.n, np.intp)
    fold[order] = np.arange(drawing.n) % split.folds
    return fold


def fold_of_groups(group: Numbers, folds: int, drawing: Drawing) -> Numbers:
    """The largest groups first, each to the fold that has the fewest rows."""
    sizes = np.bincount(group)
    if len(sizes) < folds:
        message = f"too few groups for {folds} folds: {len(sizes)}"
        raise DataError(message, where=drawing.table.path, hint=f"`data.split.folds: {max(2, len(sizes))}` at most")
    shuffled = drawing.rng.permutation(len(sizes))
    fold_of_group, rows = np.zeros(len(sizes), np.intp), np.zeros(folds)
    for number in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of_group[number] = int(rows.argmin())
        rows[fold_of_group[number]] += sizes[number]
    return fold_of_group[group]


def apportion(quotas: NDArray[np.floating], most: NDArray[np.integer]) -> Numbers:
    """Whole numbers near the quotas that sum to the rounded total, by largest remainders; none above `most`."""
    counts: Numbers = np.minimum(np.floor(quotas).astype(np.intp), most)
    left = round(float(quotas.sum())) - int(counts.sum())
    by_remainder = np.argsort(-(quotas - np.floor(quotas)), kind="stable")
    not_full = by_remainder[counts[by_remainder] < most[by_remainder]]
    counts[not_full[: max(left, 0)]] += 1
    return counts


def groups(drawing: Drawing, column: str) -> Numbers:
    """The number of each row's group."""
    return np.unique(drawing.column(column).cast(pl.String).to_numpy(), return_inverse=True)[1]


def times(drawing: Drawing, column: str) -> Floats:
    """The time of each row as a number. Raises DataError for text that is no date."""
    values = drawing.column(column)
    if values.dtype != pl.String:
        return values.to_numpy()
    form = drawing.formats.get(column) or find_format(values)
    dates = read_dates(values, form) if form else None
    if dates is None or dates.null_count():
        raise undated(drawing, values, form)
    return seconds(dates)


def undated(drawing: Drawing, values: pl.Series, form: str | None) -> DataError:
    """The error for text that does not read as times: the format that reads it all, or else the cell that does not."""
    likely = likely_format(values)
    strange = read_dates(values, likely).is_null() if likely else values.is_null()
    alone = bool(strange.any())  # some cells, and not the format
    told = read_dates(values, form).is_null() if form and not alone else strange
    row = int(told.arg_max() or 0)
    key = dotted(("data", "columns", values.name))
    if likely is None:
        hint = "is it the right column? `data.split.column` names another\n"
        hint += f"else `{key}.format` says how it is written: {CODES}"
    elif alone:
        hint = "mend it, or take the row out"
    else:
        hint = f'`{key}: {{name: datetime, format: "{likely}"}}`, as it is written there'
        hint += f'\n`"{other}"` where the month comes first' if (other := month_first(values)) else ""
    return DataError(
        f"the split's column `{values.name}` holds text that does not read as a date, e.g. `{values[row]}`",
        where=drawing.table.where(row) if alone else drawing.table.path,
        hint=hint,
    )


def tenths(values: Floats) -> Numbers:
    """The tenth of each value among all, by rank."""
    return np.argsort(np.argsort(values, kind="stable"), kind="stable") * TENTHS // max(len(values), 1)
