"""Which rows of a table count: those with a target, once each if so asked, of classes that have enough."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain.data.cells import plain_text
from netrain.data.declared import Data
from netrain.data.table import Table
from netrain.data.target import rows_with_target
from netrain.errors import DataError


def used_rows(table: Table, data: Data, *, classes: bool) -> tuple[NDArray[np.bool_], list[str]]:
    """Which rows count, bool [n], and notes of those left out. `classes`: the target's values are classes."""
    used = rows_with_target(table, data.target, drop=data.missing_target == "drop")
    notes = [] if used.all() else [f"dropped {told(~used)} without a target"]
    if data.duplicates == "drop":
        first = table.frame.select(pl.struct(pl.all()).is_first_distinct().alias("first"))["first"].to_numpy()
        if (used & ~first).any():
            notes.append(f"dropped {told(used & ~first)} equal to an earlier one")
        used = used & first
    if classes and data.min_class_rows > 1:
        for target in data.target:
            labels = plain_text(table.frame[target])
            counts = labels.filter(pl.Series(used)).value_counts()
            few = sorted(counts.filter(counts["count"] < data.min_class_rows)[target].to_list())
            rare = labels.is_in(few).to_numpy() & used
            if rare.any():
                names = ", ".join(f"`{name}`" for name in few)
                notes.append(f"dropped {told(rare)} of `{target}` with fewer than {data.min_class_rows} rows: {names}")
            used = used & ~rare
        if not used.any():
            raise DataError(
                f"no class has {data.min_class_rows} rows", where=table.path, hint="a smaller `data.min_class_rows`"
            )
    return used, notes


def told(rows: NDArray[np.bool_]) -> str:
    """`1 row`, `2 rows`."""
    count = int(rows.sum())
    return f"{count:,} row" + "s" * (count != 1)
