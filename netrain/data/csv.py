"""The structure of a CSV file: whole records, checked field by field before anything is parsed (RFC 4180)."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain.data.ahead import ahead
from netrain.data.block import Chunk, Cut, Places, T, has_longer_line, line_with
from netrain.data.content import Content
from netrain.data.parse import SAMPLE, Parser
from netrain.data.reading import Reading
from netrain.data.records import MAX_COLUMNS, MAX_FIELD, MAX_RECORD, Piece, Reader
from netrain.data.text import Text
from netrain.errors import DataError
from netrain.wording import counted

WORDS = {"\t": "tab", ";": '";"', "|": '"|"', ",": '","'}  # separators, as a config writes them

NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")


def way_out(separator: str) -> str:
    """The setting of a separator."""
    return f"`data.separator: {WORDS[separator]}`"


def cut(name: str) -> str:
    """A name of a readable length."""
    return name if len(name) <= 60 else name[:57] + "..."


class CsvReader(Reader):
    """`header` from the first record, or column_1, column_2 ...; then the records."""

    def __init__(self, content: Content, reading: Reading, separator: str, numeric: Callable[[str], bool]) -> None:
        self.path, self.decimal = content.path, reading.decimal
        self.separator = separator if reading.separator == "auto" else reading.separator
        self.quote = reading.quote
        self._named = reading.header
        self._comment = reading.comment.encode()
        self._content = content
        text = Text(content, reading.encoding).blocks()
        self._text = text if content.path == "-" else ahead(text)
        self._line = 1  # of the first byte not yet given out
        self._read_head()
        self._parser = Parser(self.path, self.names, self.separator, reading, numeric)

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
            hint = "a quote within quotes is doubled; `data.quote` may be another character"
            raise DataError("the quote in the header is never closed", where=self._at_header(), hint=hint)
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
        return self._cuts(self._cut_piece)

    def place(self, record: int) -> str:
        for chunk in self._cuts(self._cut):
            if record < len(chunk.starts):
                return self._place(chunk, record)
            record -= len(chunk.starts)
        return self.path

    def _place(self, chunk: Chunk, record: int) -> str:
        return f"{self.path}:{chunk.line_of(record)}"

    def _line_place(self, first: int, record: int) -> str:
        return f"{self.path}:{first + record}"

    def _cuts(self, cut: Callable[[bytes], Cut[T]]) -> Iterator[T]:
        """What is made of the records after the header. Raises DataError with the line of one that is not whole."""
        pending = b""
        for more in chain((self._rest,), self._text):
            if end := more.rfind(b"\n") + 1:
                block = self._without_comments(b"".join((pending, memoryview(more)[:end])))
                made, used, lines = cut(block)
                if made is not None:
                    yield made
                self._line += lines
                pending = block[used:]
            pending += more[end:]
            self._check_open(pending)
            if len(pending) > MAX_RECORD:
                raise DataError("a record of more than 64 MB", where=f"{self.path}:{self._line}", hint="an open quote?")
        made, used, _ = cut(self._without_comments(pending + b"\n"))
        if not used:
            line = self._line + pending.count(b"\n", 0, pending.rfind(self.quote.encode()))
            message = "a quote is opened and never closed, at the latest here"
            hint = "a quote within quotes is doubled; `data.quote` may be another character"
            raise DataError(message, where=f"{self.path}:{line}", hint=hint)
        if made is not None:
            yield made

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
        if (len(names) == 1 or "" in names) and (other := self._other_separator()):
            what = "is a single column" if len(names) == 1 else "has a column without a name"
            mark = "tabs" if other == "\t" else f"`{other}`"
            message = f"the header {what}; it holds more {mark} than {self._separators()}: `{cut(names[0])}`"
            raise DataError(message, where=self._at_header(), hint=way_out(other))
        if not self._named:
            return [f"column_{number}" for number in range(1, len(names) + 1)]
        first: dict[str, int] = {}
        for position, name in enumerate(names, start=1):
            if name and first.setdefault(name, position) != position:
                raise DataError(
                    f"two columns are named `{name}`: {first[name]} and {position}",
                    where=self._at_header(),
                    hint="`data.header: false` where the first row is data" if NUMBER.fullmatch(name) else "rename one",
                )
        return names

    def _at_header(self) -> str:
        return f"{self.path}:{self._line}"

    def _separators(self) -> str:
        return "tabs" if self.separator == "\t" else f"`{self.separator}`"

    def _other_separator(self) -> str:
        """The separator that the first record holds oftener than the one that counts; empty where there is none."""
        quote = re.escape(self.quote)
        bare = re.sub(f"{quote}[^{quote}]*{quote}", "", self._first.decode())
        most = max(WORDS, key=bare.count)
        return most if bare.count(most) > bare.count(self.separator) else ""

    def _cut_piece(self, block: bytes) -> Cut[Piece]:
        """The whole records of a block of whole lines, parsed."""
        if block and self.quote.encode() not in block and not has_longer_line(block, MAX_FIELD):
            frame = self._parser.numbers(block, sample=block[: block.find(b"\n", SAMPLE) + 1 or None])
            if frame is not None and self._is_whole(frame, block):
                place = partial(self._line_place, self._line)
                piece = Piece(frame, place, self._parser.is_normal(frame), self._parser.padded)
                return Cut(piece, len(block), len(frame))
        chunk, used, lines = self._cut(block)
        if chunk is None:
            return Cut(None, used, lines)
        frame = self._parse(chunk)
        return Cut(Piece(frame, partial(self._place, chunk), padded=self._parser.padded), used, lines)

    def _is_whole(self, frame: pl.DataFrame, block: bytes) -> bool:
        """Whether no record is too short or blank: then a line is a record."""
        if not frame.to_series(-1).null_count():
            return True
        separators = block.count(self.separator.encode())
        return frame.width > 1 and separators == (frame.width - 1) * len(frame)

    def _cut(self, block: bytes) -> Cut[Chunk]:
        """The whole records of a block, and what they and blank lines take."""
        data = np.frombuffer(block, np.uint8)
        lines = np.flatnonzero(data == 10)
        quotes = np.flatnonzero(data == ord(self.quote))
        ends = lines if not len(quotes) else lines[np.searchsorted(quotes, lines) % 2 == 0]
        if not len(ends):
            return Cut(None, 0, 0)
        used = int(ends[-1]) + 1
        starts = np.concatenate(([0], ends[:-1] + 1))
        blank = self._check_widths(data[:used], quotes, starts, ends, lines)
        content = block[:used]
        if blank.any():
            edges = np.flatnonzero(np.diff(np.concatenate(([True], blank, [True]))))
            runs = [(starts[first], ends[past - 1] + 1) for first, past in edges.reshape(-1, 2)]
            content = b"".join(block[start:end] for start, end in runs)
        chunk = Chunk(content, starts[~blank], lines, self._line)
        return Cut(chunk if len(chunk.starts) else None, used, int(np.searchsorted(lines, used)))

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
            other = self._other_separator()
            quote = "double quotes" if self.quote == '"' else f"`{self.quote}`"
            raise DataError(
                f"{counted(int(fields[first]), 'field')}, where the {names} has {len(self.header):,}{more}",
                where=f"{self.path}:{line}",
                hint=way_out(other) if other else f"a field that holds the separator or a line break stands in {quote}",
            )
        return blank

    def _parse(self, chunk: Chunk) -> pl.DataFrame:
        """The cells of a chunk, as numbers where the parser can tell them."""
        frame = self._parser.numbers(chunk.content, sample=chunk.content)
        if frame is not None and len(frame) == len(chunk.starts):
            return frame
        where = f"{self.path}, from line {chunk.line}"
        try:
            frame = self._parser.cells(chunk.content)
        except pl.exceptions.PolarsError as error:
            raise DataError(f"cannot be read: {error}", where=where) from None
        if frame.shape != (len(chunk.starts), len(self.names)):
            there = f"{counted(len(chunk.starts), 'record')} of {counted(len(self.names), 'field')}"
            raise DataError(f"{there} were read as {frame.shape[0]:,} x {frame.shape[1]:,} cells", where=where)
        return frame
