"""Rows that stand twice, that contradict each other, or whose class is too rare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from netrain.data.cells import plain_text
from netrain.data.target import Classes
from netrain.doctor.patient import Patient
from netrain.finding import Finding, listed

LEAST = 5  # fewer rows than this may be chance
SHARE = 0.02
BEYOND_CHANCE = 100.0  # times what independent columns would give by chance; real ones are not independent


def repeated(patient: Patient) -> Iterator[Finding]:
    """Rows to validate or test on that stand among the training rows, too."""
    names = [*patient.inputs, *patient.target]
    hashes = patient.frame.select(names).hash_rows().to_numpy()
    train = patient.is_in("train")
    seen = np.isin(hashes, hashes[train])
    for part in ("test", "valid"):
        rows = patient.is_in(part)
        n, count = int(rows.sum()), int((seen & rows).sum())
        if count < max(LEAST, SHARE * n):
            continue
        if count > BEYOND_CHANCE * n * int(train.sum()) * alike_by_chance(patient.frame, names):
            yield Finding(
                "repeated",
                (),
                f"{count:,} of {n:,} {part} rows are equal to a training row, target included",
                f"the network has seen them, so the {part} figures promise more than new rows will give",
                ("data.duplicates=drop",),
            )
            return


def contradicting(patient: Patient) -> Iterator[Finding]:
    """Rows that are equal in every input and not in their class."""
    if not isinstance(patient.experiment.coding, Classes):
        return
    frame, inputs = patient.frame, list(patient.inputs)
    target = patient.target[0]
    hashes = frame.select(inputs).hash_rows()
    if hashes.n_unique() == len(frame):
        return
    keys = pl.DataFrame({"key": hashes, "class": plain_text(frame[target])})
    groups = keys.group_by("key").agg(pl.col("class").n_unique().alias("classes"), pl.len().alias("rows"))
    against = groups.filter(pl.col("classes") > 1)
    count, n = int(against["rows"].sum()), len(frame)
    if count < max(LEAST, SHARE * n) or count <= BEYOND_CHANCE * n * n * alike_by_chance(frame, inputs):
        return
    mask = keys["key"].is_in(against["key"].implode()).to_numpy()
    pair = np.flatnonzero(mask & (keys["key"] == keys["key"][int(np.argmax(mask))]).to_numpy())
    first = ", ".join(f"`{keys['class'][int(row)]}`" for row in pair[:2])
    yield Finding(
        "contradicting",
        (target,),
        f"{count:,} of {n:,} rows are equal in every input and differ in `{target}`, the first of them {first}",
        "no network can be right about all of them: a column that tells them apart is missing",
    )


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
            f"class {listed(rare)} of `{coding.column}` {verb} fewer rows than the split has parts: {parts}",
            "what is not in every part is not learned, or not tested",
            (f"data.min_class_rows={parts}",),
        )


def alike_by_chance(frame: pl.DataFrame, names: Sequence[str]) -> float:
    """The chance that two rows are equal, were the columns independent of each other."""
    chance, n = 1.0, len(frame)
    for name in names:
        counts = frame[name].value_counts()["count"].to_numpy().astype(np.float64)
        chance *= float((counts**2).sum()) / n**2
    return chance
