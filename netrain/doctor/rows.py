"""Rows that stand twice, that contradict each other, or whose class is too rare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain.data.cells import plain_text
from netrain.data.split import Files
from netrain.data.target import Classes
from netrain.doctor.patient import Patient
from netrain.finding import Finding
from netrain.wording import in_short

LEAST = 5  # fewer rows than this may be chance
SHARE = 0.02
COPIES = 0.8  # of the rows that are equal but for one column
GROUPS, ROWS_EACH = 50, 5  # of equal rows: so many at least, and of so many rows on average at most
MULTIPLIED = 0.9  # of the groups, have a multiple of two rows, or of three; by chance hardly half
IN_A_ROW = 20  # different rows that stand again in the same order
LOOKED_AT = 50  # columns, at most


def repeated(patient: Patient) -> Iterator[Finding]:
    """Rows to validate or test on that stand among the training rows, too."""
    alike = Alike(patient.frame, [*patient.inputs, *patient.target])
    train = patient.is_in("train")
    for part in ("test", "valid"):
        rows = patient.is_in(part)
        seen = twice(alike.whole) if (rows & train).any() else np.isin(alike.whole, alike.whole[train])
        n, count = int(rows.sum()), int((seen & rows).sum())
        if count >= max(LEAST, SHARE * n) and (alike.are_copies() or again(alike.whole)):
            by_file = isinstance(patient.experiment.config.data.split, Files)
            yield Finding(
                "repeated",
                (),
                f"{count:,} of {n:,} {part} rows are equal to a training row, target included",
                f"the network has seen them, so the {part} figures promise more than new rows will give",
                () if by_file else ("data.duplicates=drop",),
            )
            return


def twice(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which rows stand twice: of a bag, where the rows that validate one network train the others. bool [n]."""
    _, which, counts = np.unique(hashes, return_inverse=True, return_counts=True)
    more: NDArray[np.bool_] = counts[which] > 1
    return more


def contradicting(patient: Patient) -> Iterator[Finding]:
    """Rows that are equal in every input and not in their class."""
    if not isinstance(patient.experiment.coding, Classes):
        return
    frame, target = patient.frame, patient.target[0]
    alike = Alike(frame, patient.inputs)
    keys = pl.DataFrame({"key": alike.whole, "class": plain_text(frame[target])})
    groups = keys.group_by("key").agg(pl.col("class").n_unique().alias("classes"), pl.len().alias("rows"))
    against = groups.filter(pl.col("classes") > 1)
    count, n = int(against["rows"].sum()), len(frame)
    if count < max(LEAST, SHARE * n) or not alike.are_copies():
        return
    if not alike.stand_apart() and multiplied(Alike(frame, [*patient.inputs, target]).whole):
        return  # of a table joined to itself, in which rows may be equal by chance as in each half
    first = next(key for key in keys["key"] if (against["key"] == key).any())
    labels = keys.filter(pl.col("key") == first)["class"].unique(maintain_order=True)
    yield Finding(
        "contradicting",
        (target,),
        f"{count:,} of {n:,} rows are equal in every input and differ in `{target}`, "
        f"the first of them `{labels[0]}` and `{labels[1]}`",
        "no network can be right about all of them: a column that tells them apart is missing",
    )


class Alike:
    """Which rows are equal, by hashes of 64 bits [n], and whether that is more than chance."""

    def __init__(self, frame: pl.DataFrame, names: Sequence[str]) -> None:
        self.each = [frame[name].hash(seed=i).to_numpy() for i, name in enumerate(names)]
        self.whole: NDArray[np.uint64] = np.sum(self.each, axis=0, dtype=np.uint64)  # wraps around

    def are_copies(self) -> bool:
        """Whether rows that are equal are so by more than chance."""
        return len(self.each) > 1 and (self.stand_apart() or multiplied(self.whole))

    def stand_apart(self) -> bool:
        """Whether rows that are equal but for one column mostly are equal in it, too, whichever it is.

        Of rows that are equal by chance, many more are equal but for one column.
        """
        equal = pairs(self.whole)
        columns = self.each[:: max(1, len(self.each) // LOOKED_AT)]
        return all(equal >= COPIES * pairs(self.whole - column) for column in columns)


def multiplied(hashes: NDArray[np.uint64]) -> bool:
    """Whether nearly every row stands twice, or thrice, or a multiple of it, as of a table joined to itself.

    Of rows that are equal by chance, as many groups are odd; many rows each are those of a planned experiment.
    """
    counts = np.unique(hashes, return_counts=True)[1]
    if len(counts) < max(GROUPS, len(hashes) / ROWS_EACH):
        return False
    return any(bool((counts % times == 0).mean() >= MULTIPLIED) for times in (2, 3))


def again(hashes: NDArray[np.uint64]) -> bool:
    """Whether different rows stand again in the same order, as of a table with a part of it below.

    With their target: hours and days alone come again, too.
    """
    order = np.argsort(hashes, kind="stable")
    equal = np.diff(hashes[order]) == 0
    steps, counts = np.unique(np.diff(order)[equal], return_counts=True)
    if not len(steps):
        return False
    step = steps[counts.argmax()]  # from one to the next equal one, most often
    breaks = np.flatnonzero(np.r_[True, hashes[step:] != hashes[:-step], True])
    longest = np.diff(breaks).argmax()
    stretch = hashes[breaks[longest] : breaks[longest + 1] - 1]
    return len(np.unique(stretch)) >= IN_A_ROW


def pairs(hashes: NDArray[np.uint64]) -> float:
    """How many pairs of rows have the same hash."""
    counts = np.unique(hashes, return_counts=True)[1].astype(np.float64)
    return float((counts * (counts - 1.0)).sum() / 2.0)


def rare_classes(patient: Patient) -> Iterator[Finding]:
    """Classes with fewer rows than there are parts to fill."""
    coding = patient.experiment.coding
    if not isinstance(coding, Classes):
        return
    parts = len(np.unique(patient.parts))
    counts = np.bincount(patient.truth, minlength=coding.classes)
    rare = [label for label, count in zip(coding.labels, counts, strict=True) if count < parts]
    if rare:
        verb = "has" if len(rare) == 1 else "have"
        yield Finding(
            "rare_class",
            (coding.column,),
            f"class {in_short(rare)} of `{coding.column}` {verb} fewer rows than the split has parts: {parts}",
            "what is not in every part is not learned, or not tested",
            (f"data.min_class_rows={parts}",) if coding.classes - len(rare) > 1 else (),
        )
