"""Which rows of a table count: those with a target, of classes that have enough, once each if so asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain.data.cells import plain_text
from netrain.data.declared import Data
from netrain.data.table import Table
from netrain.data.target import rows_with_target
from netrain.errors import DataError
from netrain.wording import counted


def used_rows(table: Table, data: Data, *, classes: bool) -> tuple[NDArray[np.bool_], list[str]]:
    """Which rows count, bool [n], and notes of those left out. `classes`: the target's values are classes."""
    used = rows_with_target(table, data.target, drop=data.missing_target == "drop")
    notes = [] if used.all() else [f"dropped {counted(int((~used).sum()), 'row')} without a target"]
    if classes and data.min_class_rows > 1:
        for target in data.target:
            labels = plain_text(table.frame[target])
            counts = labels.filter(pl.Series(used)).value_counts()
            few = sorted(counts.filter(counts["count"] < data.min_class_rows)[target].to_list())
            rare = labels.is_in(few).to_numpy() & used
            if rare.any():
                names = ", ".join(f"`{name}`" for name in few)
                rows = counted(int(rare.sum()), "row")
                notes.append(f"dropped {rows} of `{target}` with fewer than {data.min_class_rows} rows: {names}")
            used = used & ~rare
        if not used.any():
            raise DataError(
                f"no class has {data.min_class_rows} rows", where=table.path, hint="a smaller `data.min_class_rows`"
            )
    return used, notes


def first_of_each(frame: pl.DataFrame, names: Sequence[str]) -> NDArray[np.bool_]:
    """Which rows are not equal to an earlier one in the columns named. bool [n]."""
    first: NDArray[np.bool_] = frame.select(pl.struct(list(names)).is_first_distinct().alias("first"))[
        "first"
    ].to_numpy()
    return first
