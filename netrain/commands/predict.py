"""`netrain predict`: a row of predictions for each row of a table, in order, in memory that does not grow with rows."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import polars as pl

from netrain.data.table import stream_table
from netrain.errors import DataError, UsageError, did_you_mean
from netrain.experiment import PREDICT_ROWS
from netrain.hints import as_trained, hints
from netrain.runs.bundle import Bundle
from netrain.storage import cannot, new_file
from netrain.wording import counted

ROWS = 8 * PREDICT_ROWS  # of the table, held at a time; whole passes, so that a row's bits do not depend on it


@dataclass(frozen=True)
class Told:
    """What there is to say of a prediction."""

    rows: int
    unseen: dict[str, int]

    def __str__(self) -> str:
        return "; ".join([f"{counted(self.rows, 'row')} predicted", *told_unseen(self.unseen)])


def told_unseen(unseen: dict[str, int]) -> list[str]:
    """For each column how many of its cells are new to the network."""
    return [
        f"`{column}` holds {counted(count, 'cell')} that training did not see the like of, taken as missing"
        for column, count in unseen.items()
    ]


@hints(as_trained)
def predict(bundle: Bundle, table: str, output: Path | None, keep: Sequence[str]) -> Told:
    """Write the predictions to a file or to stdout. Raises DataError where the table does not fit."""
    if output is not None and table != "-" and output.exists() and output.samefile(table):
        raise UsageError(f"`--output {output}` is the table itself", hint="name another file")
    twice = [name for name in keep if keep.count(name) > 1]
    if twice:
        raise UsageError(f"`--keep {','.join(keep)}`: `{twice[0]}` stands twice", hint="name each column once")
    unseen: Counter[str] = Counter()
    frames = predicted(bundle, table, keep, unseen)
    if output is None:
        rows = write_out(frames)
    elif output.suffix == ".parquet":
        whole = pl.concat(frames)
        with new_file(output) as stream:
            whole.write_parquet(stream)
        rows = len(whole)
    elif output.suffix in (".csv", ".txt", ""):
        with new_file(output) as stream:
            rows = write_csv(frames, stream)
    else:
        message = f"`--output {output}`: predictions are written as .csv or .parquet"
        raise UsageError(message, hint=f"`--output {output.with_suffix('.csv')}`")
    return Told(rows, dict(unseen))


def predicted(bundle: Bundle, table: str, keep: Sequence[str], unseen: Counter[str]) -> Iterator[pl.DataFrame]:
    """The predictions of each batch, behind the columns kept; counts unseen levels."""
    preprocessor = bundle.preprocessor
    text = [*preprocessor.text, *keep]  # what is kept is written as it was read
    numbers = [name for name in preprocessor.numeric if name not in keep]
    header: dict[str, None] = {}
    for frame in stream_table(table, bundle.config.data, text=text, numbers=numbers, rows=ROWS, header=header):
        absent = [name for name in keep if name not in frame.columns]
        if absent:
            hint = did_you_mean(absent[0], header)
            raise DataError(f"`--keep {absent[0]}`: the table has no such column", where=table, hint=hint)
        kept_numbers = [pl.col(name).cast(pl.Float64) for name in preprocessor.numeric if name in keep]
        whole = frame.with_columns(kept_numbers)
        preprocessor.check(whole, table, header)
        predictions = bundle.coding.frame(bundle.prediction(whole))
        unseen.update(preprocessor.strange(whole))
        clash = [name for name in keep if name in predictions.columns]
        if clash:
            message = f"`--keep {clash[0]}`: the predictions have a column of this name"
            raise UsageError(message, hint="rename it in the table, or leave it out")
        yield pl.concat([frame.select(keep), predictions], how="horizontal") if keep else predictions


def write_out(frames: Iterator[pl.DataFrame]) -> int:
    """The rows to stdout; how many. Raises StorageError; ends the program where the reader has gone."""
    try:
        rows = write_csv(frames, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing more can be written there
        if isinstance(error, BrokenPipeError):
            raise SystemExit(0) from None
        raise cannot(Path("stdout"), error) from None
    return rows


def write_csv(frames: Iterator[pl.DataFrame], stream: BinaryIO) -> int:
    """One header, then the rows of each frame; how many rows."""
    rows = 0
    for frame in frames:
        text = BytesIO()  # polars hides what kind of error a stream raises
        frame.write_csv(text, include_header=rows == 0)
        stream.write(text.getbuffer())
        rows += len(frame)
    return rows
