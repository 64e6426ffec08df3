"""The structure of a CSV file: whole records, checked field by field before anything is parsed (RFC 4180)."""

from __future__ import annotations

import csv
import gzip
import io
import sys
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from netrain.errors import DataError

BLOCK = 16 << 20  # bytes read at a time
MAX_RECORD = 64 << 20  # bytes of a record, at most
MAX_COLUMNS = 100_000

LOOKS = (
    (b"PAR1", "a parquet file"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet"),
    (b"\x89PNG", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"\x80\x04\x95", "a pickle"),
    (b"\x1f\x8b", "gzip within gzip"),
    (b"ARROW1", "an arrow file"),
    (b"%PDF", "a PDF"),
)
UTF16_32 = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


@dataclass(frozen=True)
class Format:
    """How fields and records are told apart."""

    separator: str = ","
    quote: str = '"'


@dataclass(frozen=True)
class Chunk:
    """Whole records without blank lines, as bytes, and how many."""

    content: bytes
    records: int


class CsvReader:
    """Reads a file once: `header`, then `chunks()`; after them `fingerprint` is of all its content."""

    def __init__(self, path: str, form: Format) -> None:
        self.path, self.form = path, form
        self._digest = sha256()
        self._line = 1  # of the first byte not yet given out
        self._stream = open_content(path)
        try:
            self._read_head()
        except BaseException:
            self._stream.close()
            raise

    def _read_head(self) -> None:
        path, form = self.path, self.form
        head = self._read_more(b"")
        look_at(head, path)
        if head.startswith(b"\xef\xbb\xbf"):
            head = head[3:]
        end = self._first_record(head)
        self.header = read_header(head[:end], path, form)
        self._line += head[:end].count(b"\n")
        self._rest = head[end:]

    @property
    def names(self) -> list[str]:
        """The header, with a NUL and its number for each column without a name."""
        return [name or f"\0{number}" for number, name in enumerate(self.header, start=1)]

    def unreadable(self, chunk: Chunk, reason: object) -> DataError:
        """The error for a chunk that does not parse: at its first byte that is not UTF-8, or as a whole."""
        try:
            chunk.content.decode()
        except UnicodeDecodeError as error:
            word = chunk.content[max(0, error.start - 20) : error.start + 10].decode("latin-1")
            return DataError(f"not UTF-8 text, near `{word.strip()}`", where=self.path, hint="save the file as UTF-8")
        return DataError(f"cannot be read: {reason}", where=f"{self.path}, before line {self._line}")

    @property
    def fingerprint(self) -> str:
        """sha256 of the decompressed bytes read so far, as hex."""
        return self._digest.hexdigest()

    def chunks(self) -> Iterator[Chunk]:
        """The records after the header. Raises DataError with the line of one that is not whole."""
        with self._stream:
            yield from self._whole_records()

    def _whole_records(self) -> Iterator[Chunk]:
        pending = self._rest
        while True:
            more = self._read_more(pending)
            last = len(more) == len(pending)
            block = more + b"\n" if last and more and not more.endswith(b"\n") else more
            chunk, used = self._cut(block, last=last)
            if chunk.records:
                yield chunk
            if last:
                return
            pending = block[used:]
            if len(pending) > MAX_RECORD:
                raise DataError("a record of more than 64 MB", where=f"{self.path}:{self._line}", hint="an open quote?")

    def _read_more(self, before: bytes) -> bytes:
        try:
            block = self._stream.read(BLOCK)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(f"cannot be read: {error}", where=self.path, hint="the file may be cut short") from None
        self._digest.update(block)
        return before + block

    def _first_record(self, head: bytes) -> int:
        """The end of the first record that is not blank."""
        quoted = False
        quote = self.form.quote.encode()[0]
        start = 0
        for position, byte in enumerate(head):
            if byte == quote:
                quoted = not quoted
            elif byte == 10 and not quoted:
                if head[start:position].strip():
                    return position + 1
                start = position + 1
        if quoted or len(head) >= MAX_RECORD:
            raise DataError("the quote in the header is never closed", where=f"{self.path}:1")
        return len(head)

    def _cut(self, block: bytes, *, last: bool) -> tuple[Chunk, int]:
        """The whole records of a block, and the bytes that they and blank lines take."""
        data = np.frombuffer(block, np.uint8)
        if (data == 0).any():
            raise DataError("NUL bytes: this is not text", where=f"{self.path}:{self._line}")
        lines = np.flatnonzero(data == 10)
        quotes = np.flatnonzero(data == ord(self.form.quote))
        ends = lines if not len(quotes) else lines[np.searchsorted(quotes, lines) % 2 == 0]
        if last and len(quotes) % 2:
            line = self._line + int(np.searchsorted(lines, quotes[-1]))
            raise DataError("a quote is opened and never closed, at the latest here", where=f"{self.path}:{line}")
        if not len(ends):
            return Chunk(b"", 0), 0
        used = int(ends[-1]) + 1
        starts = np.concatenate(([0], ends[:-1] + 1))
        blank = self._check_widths(data[:used], quotes, starts, ends, lines)
        self._line += int(np.searchsorted(lines, used))
        content = block[:used]
        if blank.any():
            keep = ~blank
            content = b"".join(block[a : b + 1] for a, b in zip(starts[keep], ends[keep], strict=True))
        return Chunk(content, int((~blank).sum())), used

    def _check_widths(
        self, data: np.ndarray, quotes: np.ndarray, starts: np.ndarray, ends: np.ndarray, lines: np.ndarray
    ) -> np.ndarray:
        """Which records are blank lines. Raises DataError for the first with too few or too many fields."""
        separators = np.flatnonzero(data == ord(self.form.separator))
        if len(quotes):
            separators = separators[np.searchsorted(quotes, separators) % 2 == 0]
        fields = np.diff(np.searchsorted(separators, np.concatenate(([0], ends)))) + 1
        lengths = ends - starts
        blank: NDArray[np.bool_] = (lengths == 0) | ((lengths == 1) & (data[starts] == 13))
        wrong = np.flatnonzero((fields != len(self.header)) & ~blank)
        if len(wrong):
            first = int(wrong[0])
            line = self._line + int(np.searchsorted(lines, starts[first]))
            more = f"; {len(wrong):,} such lines here" if len(wrong) > 1 else ""
            raise DataError(
                f"{fields[first]} fields, where the header has {len(self.header)}{more}",
                where=f"{self.path}:{line}",
                hint="a field that holds the separator or a line break stands in double quotes",
            )
        return blank


def open_content(path: str) -> BinaryIO:
    """The bytes of a file, decompressed where they are gzip; `-` is stdin. Raises DataError."""
    if path == "-":
        return sys.stdin.buffer
    check_file(Path(path))
    try:
        with open(path, "rb") as stream:
            gzipped = stream.read(2) == b"\x1f\x8b"
        return cast(BinaryIO, gzip.open(path, "rb")) if gzipped else open(path, "rb")
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=path) from None


def check_file(path: Path) -> None:
    """Raise DataError for a path that is no regular file."""
    if path.is_dir():
        raise DataError("a directory, not a table", where=str(path))
    if not path.exists():
        near = sorted(p.name for p in path.parent.glob("*.*"))[:5] if path.parent.is_dir() else []
        hint = "its folder holds " + ", ".join(f"`{name}`" for name in near) if near else ""
        raise DataError("no such table", where=str(path), hint=hint)
    if not path.is_file():
        raise DataError("not a regular file", where=str(path))


def look_at(head: bytes, path: str) -> None:
    """Raise DataError for what is no CSV in UTF-8, saying what it looks like."""
    if not head.strip():
        raise DataError("no data rows: the file is empty", where=path)
    for magic, what in LOOKS:
        if head.startswith(magic):
            raise DataError(f"not a CSV file: it looks like {what}", where=path)
    if head.startswith(UTF16_32):
        raise DataError("UTF-16 or UTF-32 text", where=path, hint="save the file as UTF-8")
    if head[:512].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        raise DataError("not a CSV file: it looks like a web page", where=path)
    if b"\r" in head and b"\n" not in head:
        raise DataError("lines end in CR alone", where=path, hint="save the file with LF or CRLF line ends")
    if b"\0" in head:
        raise DataError("NUL bytes: this is not text", where=path)


def read_header(record: bytes, path: str, form: Format) -> list[str]:
    """The names of the columns, stripped and in NFC. A wholly nameless one is ``. Raises DataError."""
    try:
        text = record.decode()
    except UnicodeDecodeError:
        raise DataError("not UTF-8 text", where=f"{path}:1", hint="save the file as UTF-8") from None
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=form.separator, quotechar=form.quote) if row]
    names = [unicodedata.normalize("NFC", name.strip()) for name in rows[0]] if rows else []
    if len(names) > MAX_COLUMNS:
        raise DataError(f"{len(names):,} columns; {MAX_COLUMNS:,} at most are read", where=path)
    if len(names) == 1:
        for other, word in ((";", "semicolon"), ("\t", "tab"), ("|", "bar")):
            if other in names[0]:
                raise DataError(
                    f"one column named `{names[0][:60]}`",
                    where=f"{path}:1",
                    hint=f"fields seem to be separated by a {word}; save them with commas",
                )
    for position, name in enumerate(names):
        if name and name in names[:position]:
            raise DataError(
                f"two columns are named `{name}`: {names.index(name) + 1} and {position + 1}", where=f"{path}:1"
            )
    return names


def line_of(path: str, form: Format, record: int) -> int:
    """The line of the file on which a data record, from 0 and without blank lines, starts."""
    with io.TextIOWrapper(open_content(path), encoding="utf-8-sig", errors="replace", newline="") as text:
        reader = csv.reader(text, delimiter=form.separator, quotechar=form.quote)
        seen, before = -1, 0  # the header comes first
        for row in reader:
            if row:
                seen += 1
                if seen == record + 1:
                    return before + 1
            before = reader.line_num
    return before
