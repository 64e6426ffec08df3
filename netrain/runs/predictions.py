"""`out_of_fold.csv`: for each row what a network says that has not seen it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from netrain.data.lots import Numbers
from netrain.data.table import Table
from netrain.data.target import TargetCoding
from netrain.inputs import Floats
from netrain.runs.run import Run
from netrain.storage import new_file


def predictions(coding: TargetCoding, table: Table, fold: int | Numbers, prediction: Floats) -> pl.DataFrame:
    """For each row its number in the file, its fold from 1, its target and what is predicted."""
    head = {"row": table.records + 1, "fold": np.broadcast_to(fold, len(table))}
    said = coding.frame(prediction)
    taken = {*head, *said.columns}
    truth = table.frame.select([pl.col(n).alias(f"target_{n}" if n in taken else n) for n in coding.names])
    return pl.concat([pl.DataFrame(head), truth, said], how="horizontal")


def write_predictions(run: Run, frames: Sequence[pl.DataFrame]) -> None:
    """All rows in the order of the table."""
    with new_file(run.path / "out_of_fold.csv") as stream:
        pl.concat(frames).sort("row").write_csv(stream)
