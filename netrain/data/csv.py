"""The structure of a CSV file: whole records, checked field by field before anything is parsed (RFC 4180)."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain.data.content import Content
from netrain.data.reading import Reading
from netrain.data.records import MAX_COLUMNS, MAX_FIELD, MAX_RECORD, Piece, Reader
from netrain.data.text import Text
from netrain.errors import DataError

WORDS = {"\t": "tab", ";": '";"', "|": '"|"', ",": '","'}  # separators, as a config writes them

NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")

Places = NDArray[np.intp]  # in a block


@dataclass(frozen=True)
class Chunk:
    """Whole records without blank lines, as bytes, and where each one starts."""

    content: bytes
    starts: Places
    lines: Places  # the line breaks
    line: int  # of the first byte

    def line_of(self, record: int) -> int:
        """The line of the file on which a record starts."""
        return self.line + int(np.searchsorted(self.lines, self.starts[record]))


def line_with(block: bytes, start: bytes, at: int) -> int:
    """Where the next line is that starts so, from a place on; -1 where there is none."""
    if at == 0 and block.startswith(start):
        return 0
    return (block.find(b"\n" + start, max(at - 1, 0)) + 1) or -1


class CsvReader(Reader):
    """`header` from the first record, or column_1, column_2 ...; then the records."""

    def __init__(self, content: Content, reading: Reading, separator: str) -> None:
        self.path, self.decimal = content.path, reading.decimal
        self.separator = separator if reading.separator == "auto" else reading.separator
        self.quote = reading.quote
        self._named = reading.header
        self._comment = reading.comment.encode()
        self._content = content
        self._text = Text(content, reading.encoding).blocks()
        self._line = 1  # of the first byte not yet given out
        self._read_head()

    def _read_head(self) -> None:
        head, end = b"", 0
        for more in self._text:
            head = self._without_blank(self._without_comments(head + more))
            end = self._first_record(head)
            if end or len(head) > MAX_RECORD:
                break
        if b"\r" in head and b"\n" not in head:
            raise DataError("lines end in CR alone", where=self.path, hint="save the file with LF or CRLF line ends")
        if not end:
            head = self._without_blank(self._without_comments(head + b"\n"))
            end = len(head)
        if head.count(self.quote.encode(), 0, end) % 2:
            raise DataError("the quote in the header is never closed", where=self._at_header())
        if end > MAX_RECORD:
            raise DataError("a header of more than 64 MB", where=self._at_header())
        self._first = head[:end]
        self.header = self._read_header()
        if self._named:
            self._line += head[:end].count(b"\n")
        self._rest = head[end:] if self._named else head

    @property
    def names(self) -> list[str]:
        """The header, with a NUL and its number for each column without a name."""
        return [name or f"\0{number}" for number, name in enumerate(self.header, start=1)]

    @property
    def fingerprint(self) -> str:
        return self._content.fingerprint

    def pieces(self) -> Iterator[Piece]:
        for chunk in self.chunks():
            yield Piece(self._parse(chunk), partial(self._place, chunk))

    def place(self, record: int) -> str:
        for chunk in self.chunks():
            if record < len(chunk.starts):
                return self._place(chunk, record)
            record -= len(chunk.starts)
        return self.path

    def _place(self, chunk: Chunk, record: int) -> str:
        return f"{self.path}:{chunk.line_of(record)}"

    def chunks(self) -> Iterator[Chunk]:
        """The records after the header. Raises DataError with the line of one that is not whole."""
        pending = b""
        for more in chain((self._rest,), self._text):
            block = self._without_comments(pending + more)
            chunk, used = self._cut(block)
            if len(chunk.starts):
                yield chunk
            self._line += int(np.searchsorted(chunk.lines, used))
            pending = block[used:]
            self._check_open(pending)
            if len(pending) > MAX_RECORD:
                raise DataError("a record of more than 64 MB", where=f"{self.path}:{self._line}", hint="an open quote?")
        chunk, used = self._cut(self._without_comments(pending + b"\n"))
        if not used:
            line = self._line + pending.count(b"\n", 0, pending.rfind(self.quote.encode()))
            raise DataError("a quote is opened and never closed, at the latest here", where=f"{self.path}:{line}")
        if len(chunk.starts):
            yield chunk

    def _check_open(self, pending: bytes) -> None:
        """Raise DataError where the quoted field that the bytes end in is too long."""
        quote = self.quote.encode()
        opened = pending.rfind(quote)
        if len(pending) - opened > MAX_FIELD and pending.count(quote) % 2:
            line = self._line + pending.count(b"\n", 0, opened)
            raise DataError("a field of more than 1 MB", where=f"{self.path}:{line}", hint="a quote never closed?")

    def _without_comments(self, block: bytes) -> bytes:
        """The block, which starts a record, with an empty line for each whole line of comment."""
        if not self._comment:
            return block
        quote = self.quote.encode()
        kept, start, seen, quotes, at = [], 0, 0, 0, 0
        while (found := line_with(block, self._comment, at)) >= 0:
            quotes += block.count(quote, seen, found)
            seen = at = found
            end = block.find(b"\n", at)
            if end < 0:
                break
            if quotes % 2:  # within a quoted field
                at += 1
                continue
            kept.append(block[start:at])
            start = seen = at = end
        return b"".join([*kept, block[start:]])

    def _without_blank(self, head: bytes) -> bytes:
        """The head without the blank lines that it starts with."""
        bare = head.lstrip(b"\r\n")
        self._line += head.count(b"\n", 0, len(head) - len(bare))
        return bare

    def _first_record(self, head: bytes) -> int:
        """The end of the first record; 0 where it is not whole."""
        end, quotes = 0, 0
        while end < len(head) and (after := head.find(b"\n", end) + 1):
            quotes += head.count(self.quote.encode(), end, after)
            end = after
            if quotes % 2 == 0:
                return end
        return 0

    def _read_header(self) -> list[str]:
        """The names of the columns, stripped and in NFC. A wholly nameless one is ``. Raises DataError."""
        text = io.StringIO(self._first.decode(), newline="")
        try:
            rows = [row for row in csv.reader(text, delimiter=self.separator, quotechar=self.quote) if row]
        except csv.Error as error:
            raise DataError(f"the header cannot be read: {error}", where=self._at_header()) from None
        if not rows:
            raise DataError("no data rows: the file is empty", where=self.path)
        names = [unicodedata.normalize("NFC", name.strip()) for name in rows[0]]
        if len(names) > MAX_COLUMNS:
            raise DataError(f"{len(names):,} columns; {MAX_COLUMNS:,} at most are read", where=self.path)
        hint = self._other_separator() if len(names) == 1 or "" in names else ""
        if hint:
            what = "one column" if len(names) == 1 else "a column"
            raise DataError(f"{what} `{names[0][:60]}`", where=self._at_header(), hint=hint)
        if not self._named:
            return [f"column_{number}" for number in range(1, len(names) + 1)]
        first: dict[str, int] = {}
        for position, name in enumerate(names, start=1):
            if name and first.setdefault(name, position) != position:
                raise DataError(
                    f"two columns are named `{name}`: {first[name]} and {position}",
                    where=self._at_header(),
                    hint="`data.header: false` where the first row is data" if NUMBER.fullmatch(name) else "",
                )
        return names

    def _at_header(self) -> str:
        return f"{self.path}:{self._line}"

    def _other_separator(self) -> str:
        """The hint where the first record holds another separator oftener than the one that counts."""
        quote = re.escape(self.quote)
        bare = re.sub(f"{quote}[^{quote}]*{quote}", "", self._first.decode())
        most = max(WORDS, key=bare.count)
        return f"`data.separator: {WORDS[most]}`" if bare.count(most) > bare.count(self.separator) else ""

    def _cut(self, block: bytes) -> tuple[Chunk, int]:
        """The whole records of a block, and the bytes that they and blank lines take."""
        data = np.frombuffer(block, np.uint8)
        lines = np.flatnonzero(data == 10)
        quotes = np.flatnonzero(data == ord(self.quote))
        ends = lines if not len(quotes) else lines[np.searchsorted(quotes, lines) % 2 == 0]
        if not len(ends):
            return Chunk(b"", ends, lines, self._line), 0
        used = int(ends[-1]) + 1
        starts = np.concatenate(([0], ends[:-1] + 1))
        blank = self._check_widths(data[:used], quotes, starts, ends, lines)
        content = block[:used]
        if blank.any():
            edges = np.flatnonzero(np.diff(np.concatenate(([True], blank, [True]))))
            runs = [(starts[first], ends[past - 1] + 1) for first, past in edges.reshape(-1, 2)]
            content = b"".join(block[start:end] for start, end in runs)
        return Chunk(content, starts[~blank], lines, self._line), used

    def _check_widths(
        self, data: NDArray[np.uint8], quotes: Places, starts: Places, ends: Places, lines: Places
    ) -> NDArray[np.bool_]:
        """Which records are blank lines. Raises DataError for the first with too few or too many fields."""
        separators = np.flatnonzero(data == ord(self.separator))
        if len(quotes):
            separators = separators[np.searchsorted(quotes, separators) % 2 == 0]
        fields = np.diff(np.searchsorted(separators, np.concatenate(([0], ends)))) + 1
        lengths = ends - starts
        blank: NDArray[np.bool_] = (lengths == 0) | ((lengths == 1) & (data[starts] == 13))
        for record in np.flatnonzero(lengths > MAX_FIELD):
            within = separators[(separators >= starts[record]) & (separators < ends[record])]
            if np.diff(np.concatenate(([starts[record] - 1], within, [ends[record]]))).max() > MAX_FIELD + 1:
                line = self._line + int(np.searchsorted(lines, starts[record]))
                raise DataError("a field of more than 1 MB", where=f"{self.path}:{line}")
        wrong = np.flatnonzero((fields != len(self.header)) & ~blank)
        if len(wrong):
            first = int(wrong[0])
            line = self._line + int(np.searchsorted(lines, starts[first]))
            more = f"; {len(wrong):,} such lines here" if len(wrong) > 1 else ""
            names = "header" if self._named else "first row"
            quote = "double quotes" if self.quote == '"' else f"`{self.quote}`"
            raise DataError(
                f"{fields[first]} fields, where the {names} has {len(self.header)}{more}",
                where=f"{self.path}:{line}",
                hint=self._other_separator() or f"a field that holds the separator or a line break stands in {quote}",
            )
        return blank

    def _parse(self, chunk: Chunk) -> pl.DataFrame:
        """The cells of a chunk as text."""
        where = f"{self.path}, from line {chunk.line}"
        try:
            frame = pl.read_csv(
                chunk.content,
                has_header=False,
                new_columns=self.names,
                infer_schema=False,
                separator=self.separator,
                quote_char=self.quote,
            )
        except pl.exceptions.PolarsError as error:
            raise DataError(f"cannot be read: {error}", where=where) from None
        if frame.shape != (len(chunk.starts), len(self.names)):
            raise DataError(f"{frame.shape} cells where {len(chunk.starts)} records are", where=where)
        return frame
