"""Tables in memory: every column numbers or text, every missing cell null."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain.data.csv import Chunk, CsvReader, Format, check_file, line_of
from netrain.errors import DataError
from netrain.inputs import Floats

PARQUET = b"PAR1"
NUMBERS = pl.Float64
TEXT = pl.String


@dataclass(frozen=True)
class Table:
    """Columns of Float64 (numbers, finite) or String (text, stripped); null is missing."""

    frame: pl.DataFrame
    path: str
    fingerprint: str  # sha256 of the content, decompressed
    records: NDArray[np.intp]  # the number of each row in the file, from 0
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: NDArray[Any]) -> Table:
        """The rows of a mask, or of their numbers."""
        frame = self.frame.filter(pl.Series(rows)) if rows.dtype == bool else self.frame[rows]
        return Table(frame, self.path, self.fingerprint, self.records[rows], self.notes)

    def where(self, row: int) -> str:
        """The place of a row for a message: the line of a text file. Reads the file again."""
        record = int(self.records[row])
        if is_parquet(self.path):
            return f"{self.path}, row {record + 1}"
        return f"{self.path}:{line_of(self.path, Format(), record)}"

    def values(self, column: str) -> Floats:
        """A column of numbers as float64, NaN where missing."""
        return self.frame[column].to_numpy()


def read_table(
    path: str, *, missing: Collection[str], text: Collection[str] = (), numbers: Collection[str] = ()
) -> Table:
    """A CSV (also gzip) or parquet file. A column is numbers where every cell of it that is not missing is one.

    `text` columns stay as they stand; `numbers` must be numbers. Wholly empty rows are dropped, with a note.
    Raises DataError with the place of what is wrong.
    """
    check_file(Path(path))
    if is_parquet(path):
        frame = normalise(read_parquet(path), path, missing=missing, text=text)
        fingerprint = sha256(Path(path).read_bytes()).hexdigest()
    else:
        frame, fingerprint = read_csv(path, missing, set(text))
    frame, notes = without_nameless(finished([frame]), path)
    empty = frame.select(pl.all_horizontal(pl.all().is_null())).to_series().to_numpy()
    if empty.all():
        raise DataError("no data rows", where=path)
    if empty.any():
        notes.append(f"dropped {int(empty.sum()):,} rows that are wholly empty")
    table = Table(frame, path, fingerprint, np.arange(len(frame)), tuple(notes)).take(~empty)
    for name in table.frame.columns:
        check_numbers(table, name, declared=name in numbers)
    return table


def stream_table(
    path: str, *, missing: Collection[str], text: Collection[str], numbers: Collection[str], rows: int
) -> Iterator[pl.DataFrame]:
    """The columns named that the table has, of all its rows in order, `rows` at a time, the last fewer.

    `-` is stdin, as CSV. Memory does not grow with the rows of a CSV. Raises DataError as `read_table` does.
    """
    wanted, done = {*text, *numbers}, 0
    held: list[pl.DataFrame] = []
    for part in _parts(path, wanted):
        frame = finished([normalise(part, path, missing=missing, text=text)])
        for name in frame.columns:
            check_column(frame[name], path, done, declared=name in numbers)
        done += len(frame)
        held.append(frame)
        if sum(map(len, held)) >= rows:
            *whole, rest = finished(held).iter_slices(rows)
            yield from whole
            held = [rest]
    if not done:
        raise DataError("no data rows", where=path)
    yield from finished(held).iter_slices(rows)


def normalise(frame: pl.DataFrame, where: str, *, missing: Collection[str], text: Collection[str]) -> pl.DataFrame:
    """Every column as Float64, String, or Null where it is all missing. Raises DataError for lists and the like."""
    return pl.DataFrame([narrow(column, where, list(missing), as_text=column.name in text) for column in frame])


def narrow(column: pl.Series, where: str, missing: Sequence[str], *, as_text: bool) -> pl.Series:
    """One column as numbers, text, or nothing."""
    kind = column.dtype
    if kind.is_numeric():
        numbers = column.cast(NUMBERS).fill_nan(None)
        return plain_text(numbers) if as_text else numbers
    if kind == pl.Boolean or kind.is_temporal() or kind in (pl.Categorical, pl.Enum):
        column = column.cast(TEXT)
    elif kind == pl.Null:
        return column
    elif kind != TEXT:
        raise DataError(
            f"`{column.name}` holds {kind}, which is no number and no text", where=where, hint="leave it out"
        )
    cells = column.str.strip_chars()
    cells = cells.set(cells.is_in(list(missing)), None)
    if cells.null_count() == len(cells):
        return pl.Series(column.name, [None] * len(cells), dtype=pl.Null)
    if as_text:
        return cells
    numbers = cells.cast(NUMBERS, strict=False)
    return numbers.fill_nan(None) if numbers.null_count() == cells.null_count() else cells


def plain_text(column: pl.Series) -> pl.Series:
    """Labels as text: whole numbers without a decimal point."""
    if column.dtype == TEXT:
        return column
    whole = ((column == column.round(0)) & (column.abs() < 2**53)) | column.is_null()
    return (column.cast(pl.Int64) if whole.all() else column).cast(TEXT)


def finished(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames of equal columns as one; what is missing everywhere counts as numbers."""
    kinds = {name: kinds_of(frames, name) or {NUMBERS()} for name in frames[0].columns}
    return pl.concat(f.with_columns(pl.col(n).cast(next(iter(k))) for n, k in kinds.items()) for f in frames)


def kinds_of(frames: Sequence[pl.DataFrame], name: str) -> set[pl.DataType]:
    """The types that a column has where it has any value."""
    return {frame.schema[name] for frame in frames} - {pl.Null()}


def read_csv(path: str, missing: Collection[str], text: set[str]) -> tuple[pl.DataFrame, str]:
    """All columns and the fingerprint. A column that turns to text late is read again, as text throughout."""
    while True:
        reader = CsvReader(path, Format())
        frames = [normalise(parse(chunk, reader), path, missing=missing, text=text) for chunk in reader.chunks()]
        if not frames:
            raise DataError("no data rows below the header", where=path)
        mixed = {name for name in frames[0].columns if len(kinds_of(frames, name)) > 1}
        if not mixed:
            return finished(frames), reader.fingerprint
        text |= mixed


def parse(chunk: Chunk, reader: CsvReader) -> pl.DataFrame:
    """The cells of a chunk as text."""
    try:
        frame = pl.read_csv(
            chunk.content,
            has_header=False,
            new_columns=reader.names,
            infer_schema=False,
            separator=reader.form.separator,
            quote_char=reader.form.quote,
        )
    except pl.exceptions.PolarsError as error:
        raise reader.unreadable(chunk, error) from None
    if frame.shape != (chunk.records, len(reader.names)):
        raise reader.unreadable(chunk, f"{frame.shape} cells where {chunk.records} records are")
    return frame


def _parts(path: str, wanted: set[str]) -> Iterator[pl.DataFrame]:
    """The wanted columns, as they come; all of them where none is wanted, for the message that says so."""
    if path != "-" and is_parquet(path):
        frame = read_parquet(path)
        yield frame.select([n for n in frame.columns if n in wanted] or frame.columns)
        return
    reader = CsvReader(path, Format())
    names = [name for name in reader.names if name in wanted] or reader.names
    for chunk in reader.chunks():
        yield parse(chunk, reader).select(names)


def without_nameless(frame: pl.DataFrame, path: str) -> tuple[pl.DataFrame, list[str]]:
    """The frame without columns that have no name and no values, and notes. DataError for one that has values."""
    nameless = [name for name in frame.columns if name.startswith("\0")]
    for name in nameless:
        if frame[name].null_count() < len(frame):
            raise DataError(
                f"column {name[1:]} has values and no name", where=f"{path}:1", hint="name it in the header"
            )
    if not nameless:
        return frame, []
    return frame.drop(nameless), [f"left out {len(nameless)} columns without a name and without values"]


def check_numbers(table: Table, name: str, *, declared: bool) -> None:
    """Raise DataError for a column declared as numbers that holds text, and for infinite numbers."""
    found = strangers(table.frame[name], declared=declared)
    if found is not None:
        raise not_numbers(table.frame[name], *found, where=table.where(found[0]))


def check_column(column: pl.Series, path: str, before: int, *, declared: bool) -> None:
    """The same for a part of a table, `before` rows into it."""
    found = strangers(column, declared=declared)
    if found is not None:
        raise not_numbers(column, *found, where=f"{path}, row {before + found[0] + 1}")


def strangers(column: pl.Series, *, declared: bool) -> tuple[int, int] | None:
    """The first row of what is no finite number, and how many there are."""
    if column.dtype == NUMBERS:
        bad = column.is_infinite().fill_null(False)
    elif declared:
        bad = column.is_not_null() & column.cast(NUMBERS, strict=False).is_null()
    else:
        return None
    count = int(bad.sum())
    return (int(bad.arg_true()[0]), count) if count else None


def not_numbers(column: pl.Series, row: int, count: int, *, where: str) -> DataError:
    """The error for cells that should be finite numbers."""
    cells = "1 cell that is" if count == 1 else f"{count:,} cells that are"
    return DataError(
        f"`{column.name}` has {cells} no finite number, first `{column[row]}`",
        where=where,
        hint=f"mend them, add their spelling to `data.missing`, or set `data.columns.{column.name}: categorical`",
    )


def is_parquet(path: str) -> bool:
    """By its first bytes."""
    check_file(Path(path))
    try:
        with open(path, "rb") as stream:
            return stream.read(4) == PARQUET
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=path) from None


def read_parquet(path: str) -> pl.DataFrame:
    """All columns of a parquet file."""
    try:
        return pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(f"not a whole parquet file: {error}", where=path) from None
