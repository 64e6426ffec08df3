"""Tables in memory: every column numbers or text, every missing cell null."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from itertools import accumulate
from pathlib import PurePath
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain.data.ahead import ahead
from netrain.data.cells import (
    NUMBERS,
    TEXT,
    finished,
    kinds_of,
    losing,
    normalise,
    not_numbers,
    padded,
    plain_text,
    spelling,
    strangers,
)
from netrain.data.formats import open_table
from netrain.data.jsonl import JsonlReader
from netrain.data.reading import Reading
from netrain.errors import DataError
from netrain.inputs import Floats
from netrain.wording import counted, dotted


@dataclass(frozen=True)
class Table:
    """Columns of Float64 (numbers, finite) or String (text, stripped); null is missing."""

    frame: pl.DataFrame
    path: str  # for messages
    fingerprint: str  # sha256 of the content, decompressed
    records: NDArray[np.intp]  # the number of each row in the file, from 0; in several files, they count on
    notes: tuple[str, ...] = ()
    reading: Reading = field(default_factory=Reading)
    padded: frozenset[str] = frozenset()  # the columns of numbers that are written with zeros before them, as codes are
    files: tuple[tuple[str, int], ...] = ()  # where joined: the path of each, and the number of its first record

    def __len__(self) -> int:
        return len(self.frame)

    def take(self, rows: NDArray[Any]) -> Table:
        """The rows of a mask, or of their numbers."""
        frame = self.frame.filter(pl.Series(rows)) if rows.dtype == bool else self.frame[rows]
        return replace(self, frame=frame, records=self.records[rows])

    def where(self, row: int) -> str:
        """The place of a row for a message: the line of a text file. Reads the file again."""
        record = int(self.records[row])
        path, first = [file for file in self.files or ((self.path, 0),) if file[1] <= record][-1]
        return open_table(path, self.reading).place(record - first)

    def values(self, column: str) -> Floats:
        """A column of numbers as float64, NaN where missing."""
        return self.frame[column].to_numpy()


def read_table(path: str, reading: Reading, *, text: Collection[str] = (), numbers: Collection[str] = ()) -> Table:
    """The table of a file. A column is numbers where every cell of it that is not missing is one.

    `text` columns stay as they stand; `numbers` must be numbers. Wholly empty rows are dropped, with a note.
    Raises DataError with the place of what is wrong.
    """
    if path == "-":
        raise DataError("standard input can be read only once, and a table is read twice", hint="save it to a file")
    read = read_frame(path, reading, text)
    frame, notes = without_nameless(read.frame, path)
    empty = wholly_empty(frame)
    if empty.all():
        raise DataError("no data rows", where=path)
    if empty.any():
        notes.append(
            f"dropped {counted(int(empty.sum()), 'row')} that {'is' if empty.sum() == 1 else 'are'} wholly empty"
        )
    whole = Table(frame, path, read.fingerprint, np.arange(len(frame)), reading=reading, padded=read.padded)
    table = whole.take(~empty) if empty.any() else whole
    for column in table.frame:
        check_column(column, read.decimal, table.where, declared=column.name in numbers)
        found = spelling(column, read.decimal) if column.dtype == TEXT and column.name not in text else None
        if found:
            notes.append(f"`{column.name}` looks like {found.what}: {found.way_out}")
    for name in table.frame.columns:
        if name in read.losing:
            notes.append(
                f"`{name}` holds whole numbers beyond 2^53, which loses digits: "
                f"`{dotted(('data', 'columns', name))}: categorical` keeps them"
            )
    return replace(table, notes=tuple(notes))


def stream_table(
    path: str,
    reading: Reading,
    *,
    text: Collection[str],
    numbers: Collection[str],
    rows: int,
    header: dict[str, None] | None = None,
) -> Iterator[pl.DataFrame]:
    """The columns named that the table has, of all its rows in order, `rows` at a time, the last fewer.

    `header` receives the names of all columns, before the first rows come.
    `-` is stdin. Memory does not grow with the rows of a text file. Raises DataError as `read_table` does.
    """
    done = False
    held: list[pl.DataFrame] = []
    pieces = wanted_pieces(path, reading, text, numbers, header)
    for frame in pieces if path == "-" else ahead(pieces):
        done = True
        held.append(frame)
        if sum(map(len, held)) >= rows:
            *whole, rest = finished(held).iter_slices(rows)
            yield from whole
            held = [rest]
    if not done:
        raise DataError("no data rows", where=path)
    yield from finished(held).iter_slices(rows)


def wanted_pieces(
    path: str, reading: Reading, text: Collection[str], numbers: Collection[str], header: dict[str, None] | None
) -> Iterator[pl.DataFrame]:
    """The wanted columns as they come; all of them as text where none is wanted, for the message that says so."""
    wanted = [*dict.fromkeys([*text, *numbers])]
    reader = open_table(path, reading, lambda name: name in numbers and name not in text)
    late: set[str] | None = None
    for piece in reader.pieces():
        if header is not None:
            header |= dict.fromkeys(name for name in piece.frame.columns if not name.startswith("\0"))
        there = [name for name in piece.frame.columns if name in wanted]
        raw = piece.frame[there or piece.frame.columns]
        as_text = {name for name in raw.columns if name in text or name not in numbers}
        frame = normalise(raw, path, missing=reading.missing, text=as_text, decimal=reader.decimal)
        for column in frame:
            check_column(column, reader.decimal, piece.place, declared=column.name in numbers)
        frame = pl.DataFrame([column.cast(TEXT if column.name in as_text else NUMBERS) for column in frame])
        if isinstance(reader, JsonlReader):
            late = late if late is not None else keys_below(path, reading, set(wanted).difference(there))
            nulls = {name: TEXT if name in text else NUMBERS for name in late.difference(there)}
            frame = frame.with_columns(pl.lit(None, kind).alias(name) for name, kind in nulls.items())
            frame = frame[sorted(frame.columns)]
        yield frame


def keys_below(path: str, reading: Reading, wanted: Collection[str]) -> set[str]:
    """Those of the keys that some object of the file has. Reads it through, where they are not none."""
    if not wanted or path == "-":
        return set()
    return {name for piece in open_table(path, reading).pieces() for name in piece.frame.columns if name in wanted}


def joined(tables: Sequence[Table]) -> Table:
    """The rows of tables below each other. A column that is text in one of them is text.

    Raises DataError for a table that has other columns than the first.
    """
    first = tables[0]
    for table in tables[1:]:
        check_alike(first, table)
    frames = [table.frame[first.frame.columns] for table in tables]
    text = [name for name in first.frame.columns if any(frame.schema[name] == TEXT for frame in frames)]
    frames = [frame.with_columns(plain_text(frame[name]) for name in text) for frame in frames]
    counts = [int(table.records.max(initial=-1)) + 1 for table in tables]
    starts = list(accumulate(counts[:-1], initial=0))
    return Table(
        frame=pl.concat(frames),
        path=", ".join(table.path for table in tables),
        fingerprint=sha256("".join(table.fingerprint for table in tables).encode()).hexdigest(),
        records=np.concatenate([table.records + start for table, start in zip(tables, starts, strict=True)]),
        notes=tuple(f"{PurePath(table.path).name}: {note}" for table in tables for note in table.notes),
        reading=first.reading,
        padded=frozenset().union(*(table.padded for table in tables)),
        files=tuple((table.path, start) for table, start in zip(tables, starts, strict=True)),
    )


def check_alike(first: Table, other: Table) -> None:
    """Raise DataError that names the columns which only one of two tables has."""
    here, there = first.frame.columns, other.frame.columns
    lacking = ", ".join(f"`{name}`" for name in here if name not in there)
    extra = ", ".join(f"`{name}`" for name in there if name not in here)
    if lacking or extra:
        differ = [f"has no {lacking}"] * bool(lacking) + [f"has {extra} besides"] * bool(extra)
        raise DataError(" and ".join(differ) + f", unlike {first.path}", where=other.path)


@dataclass(frozen=True)
class Whole:
    """All of a file."""

    frame: pl.DataFrame
    fingerprint: str
    decimal: str  # as of its reader
    losing: set[str]  # the columns whose whole numbers lose digits
    padded: frozenset[str]  # as `Table.padded`


def read_frame(path: str, reading: Reading, text: Collection[str]) -> Whole:
    """All columns. One that turns to text late is read again, as text throughout."""
    text = set(text)
    while True:
        reader = open_table(path, reading, partial(is_not_in, frozenset(text)))
        frames: list[pl.DataFrame] = []
        lost: set[str] = set()
        coded: set[str] = set()
        for piece in reader.pieces():
            raw = frame = piece.frame
            if not piece.normal:
                frame = normalise(raw, path, missing=reading.missing, text=text, decimal=reader.decimal)
                lost |= losing(raw, frame)
                coded |= {column.name for column in frame if column.dtype == NUMBERS and padded(raw[column.name])}
            coded |= piece.padded
            frames.append(frame)
        if not frames:
            raise DataError("no data rows below the header", where=path)
        mixed = {name for name, kinds in kinds_of(frames).items() if len(kinds) > 1}
        if not mixed:
            return Whole(finished(frames), reader.fingerprint, reader.decimal, lost, frozenset(coded))
        text |= mixed


def wholly_empty(frame: pl.DataFrame) -> NDArray[np.bool_]:
    """Which rows have no value."""
    if not all(column.null_count() for column in frame):
        return np.zeros(len(frame), bool)
    return frame.select(pl.all_horizontal(pl.all().is_null()).alias("")).to_series().to_numpy()


def is_not_in(names: Collection[str], name: str) -> bool:
    """Whether a name is none of them."""
    return name not in names


def without_nameless(frame: pl.DataFrame, path: str) -> tuple[pl.DataFrame, list[str]]:
    """The frame without columns that have no name and no values, and notes. DataError for one that has values."""
    nameless = [name for name in frame.columns if name.startswith("\0")]
    for name in nameless:
        if frame[name].null_count() < len(frame):
            raise DataError(
                f"column {name[1:]} has values and no name, first `{frame[name].drop_nulls()[0]}`",
                where=f"{path}:1",
                hint="name it in the header, or `data.header: false` where the first row is data",
            )
    if not nameless:
        return frame, []
    named = [name for name in frame.columns if name not in nameless]
    if not named:
        raise DataError("no data rows: no column has a name or a value", where=path)
    return frame[named], [f"left out {counted(len(nameless), 'column')} without a name and without values"]


def check_column(column: pl.Series, decimal: str, place: Callable[[int], str], *, declared: bool) -> None:
    """Raise DataError for a column declared as numbers that holds text, and for infinite numbers."""
    found = strangers(column, decimal, declared=declared)
    if found is not None:
        raise not_numbers(column, decimal, *found, where=place(found[0]))
