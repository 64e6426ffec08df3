"""The structure of a CSV file: its header, and blocks of whole lines (RFC 4180)."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import chain

from netrain.data.ahead import ahead, begun
from netrain.data.block import Cut, T, line_with
from netrain.data.content import Content
from netrain.data.cutter import COMMENTS, Cutter
from netrain.data.parse import Parser
from netrain.data.reading import Reading
from netrain.data.records import MAX_COLUMNS, MAX_FIELD, MAX_RECORD, Piece, Reader
from netrain.data.text import Text
from netrain.errors import DataError

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
        parser = Parser(self.path, self.names, self.separator, reading, numeric)
        first = "header" if self._named else "first row"
        other = self._other_separator()
        hint = COMMENTS if self._first.startswith(b"#") else way_out(other) if other else ""
        self._cutter = Cutter(self.path, parser, first, hint)

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
        jobs = self._cuts(self._cutter.started)
        made = (job() for job in jobs) if self.path == "-" else begun(jobs)
        return (piece for piece in made if piece is not None)

    def place(self, record: int) -> str:
        for chunk in self._cuts(self._cutter.cut):
            if record < len(chunk.starts):
                return self._cutter.place(chunk, record)
            record -= len(chunk.starts)
        return self.path

    def _cuts(self, cut: Callable[[bytes, int], Cut[T]]) -> Iterator[T]:
        """What is made of the records after the header. Raises DataError with the line of one that is not whole."""
        pending = b""
        for more in chain((self._rest,), self._text):
            if end := more.rfind(b"\n") + 1:
                block = self._without_comments(b"".join((pending, memoryview(more)[:end])))
                made, used, lines = cut(block, self._line)
                if made is not None:
                    yield made
                self._line += lines
                pending = block[used:]
            pending += more[end:]
            self._check_open(pending)
            if len(pending) > MAX_RECORD:
                raise DataError("a record of more than 64 MB", where=f"{self.path}:{self._line}", hint="an open quote?")
        made, used, _ = cut(self._without_comments(pending + b"\n"), self._line)
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
