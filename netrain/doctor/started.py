"""Rows that are to judge a network, and that its start was trained on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netrain.data.parted import SplitRecord
from netrain.finding import TRAINED_ON, Finding

PARTS = {"test": "test rows", "valid": "validation rows"}


def trained_on(records: Sequence[SplitRecord]) -> Iterator[Finding]:
    """Rows to test or validate on that the run which this one starts from was trained on: of one split, or of folds.

    The rows to train on of a bag validate, too.
    """
    told = []
    for name, words in PARTS.items():
        rows = [record.seen()[record.part(name)] for record in records]
        if count := sum(int(seen.sum()) for seen in rows):
            told.append(f"{count:,} of {sum(map(len, rows)):,} {words}")
    start = records[0].start
    if not told or start is None:
        return
    settings = start.settings if len(records) == 1 else ()
    bagged = any(record.folds for record in records)
    why = "the network learned them before, so its figures on them promise more than new rows will give"
    if bagged or not settings:
        why += "; only rows that the earlier run was not trained on tell how good it is"
    yield Finding(
        TRAINED_ON,
        (),
        f"{' and '.join(told)} were trained on by the run that this one starts from: "
        "its figures on them promise too much",
        why,
        settings,
    )
