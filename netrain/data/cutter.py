"""Blocks of whole lines cut into records, and what parses them: a block can be parsed before the one before it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain.data.block import Chunk, Cut, Places, has_longer_line
from netrain.data.parse import SAMPLE, Parser
from netrain.data.records import MAX_FIELD, Piece
from netrain.errors import DataError
from netrain.wording import counted

LARGE = 16 << 20  # bytes, above which a block is parsed by itself
COMMENTS = '`data.comment: "#"` leaves lines that start so out'
Job = Callable[[], Piece | None]  # parses records; None where there are none


class Cutter:
    """Cuts the blocks of one file, and has its parser parse them."""

    def __init__(self, path: str, parser: Parser, first: str, way_out: str) -> None:
        self._path, self._parser = path, parser
        self._first, self._way_out = first, way_out  # for messages: what the first record is; the setting that mends it

    def place(self, chunk: Chunk, record: int) -> str:
        """Where a record of a chunk is."""
        return f"{self._path}:{chunk.line_of(record)}"

    def _line_place(self, first: int, record: int) -> str:
        return f"{self._path}:{first + record}"

    def started(self, block: bytes, line: int) -> Cut[Job]:
        """What will parse the whole records of a block, of which a line is the first. Raises DataError as `cut` does.

        The first block settles which columns are numbers.
        """
        if block and self._parser.quote.encode() not in block and not has_longer_line(block, MAX_FIELD):
            self._parser.settle(block[: block.find(b"\n", SAMPLE) + 1 or None])
            lines = int(np.count_nonzero(np.frombuffer(block, np.uint8) == 10))
            return Cut(partial(self._parsed_lines, block, line), len(block), lines)
        chunk, used, lines = self.cut(block, line)
        if chunk is None:
            return Cut(None, used, lines)
        self._parser.settle(chunk.content)
        job: Job = partial(self._parsed, chunk)
        if len(chunk.content) > LARGE:  # of long records, with what is at work beside it
            piece = job()
            return Cut(lambda: piece, used, lines)
        return Cut(job, used, lines)

    def _parsed_lines(self, block: bytes, line: int) -> Piece | None:
        """A block without quotes, in which a line is a record where none is too short or blank."""
        frame = self._parser.numbers(block)
        if frame is not None and self._is_whole(frame, block):
            place = partial(self._line_place, line)
            return Piece(frame, place, self._parser.is_normal(frame), self._parser.padded)
        chunk = self.cut(block, line).made
        return None if chunk is None else self._parsed(chunk)

    def _is_whole(self, frame: pl.DataFrame, block: bytes) -> bool:
        """Whether no record is too short or blank: then a line is a record."""
        if not frame.to_series(-1).null_count():
            return True
        separators = block.count(self._parser.separator.encode())
        return frame.width > 1 and separators == (frame.width - 1) * len(frame)

    def cut(self, block: bytes, line: int) -> Cut[Chunk]:
        """The whole records of a block, and what they and blank lines take."""
        data = np.frombuffer(block, np.uint8)
        lines = np.flatnonzero(data == 10)
        quotes = np.flatnonzero(data == ord(self._parser.quote))
        ends = lines if not len(quotes) else lines[np.searchsorted(quotes, lines) % 2 == 0]
        if not len(ends):
            return Cut(None, 0, 0)
        used = int(ends[-1]) + 1
        starts = np.concatenate(([0], ends[:-1] + 1))
        blank = self._check_widths(data[:used], quotes, Chunk(block, starts, lines, line), ends)
        content = block[:used]
        if blank.any():
            edges = np.flatnonzero(np.diff(np.concatenate(([True], blank, [True]))))
            runs = [(starts[first], ends[past - 1] + 1) for first, past in edges.reshape(-1, 2)]
            content = b"".join(block[start:end] for start, end in runs)
        chunk = Chunk(content, starts[~blank], lines, line)
        return Cut(chunk if len(chunk.starts) else None, used, int(np.searchsorted(lines, used)))

    def _check_widths(self, data: NDArray[np.uint8], quotes: Places, chunk: Chunk, ends: Places) -> NDArray[np.bool_]:
        """Which records are blank lines. Raises DataError for the first with too few or too many fields."""
        starts = chunk.starts
        separators = np.flatnonzero(data == ord(self._parser.separator))
        if len(quotes):
            separators = separators[np.searchsorted(quotes, separators) % 2 == 0]
        fields = np.diff(np.searchsorted(separators, np.concatenate(([0], ends)))) + 1
        lengths = ends - starts
        blank: NDArray[np.bool_] = (lengths == 0) | ((lengths == 1) & (data[starts] == 13))
        for record in np.flatnonzero(lengths > MAX_FIELD):
            within = separators[(separators >= starts[record]) & (separators < ends[record])]
            if np.diff(np.concatenate(([starts[record] - 1], within, [ends[record]]))).max() > MAX_FIELD + 1:
                raise DataError("a field of more than 1 MB", where=self.place(chunk, int(record)))
        wrong = np.flatnonzero((fields != len(self._parser.names)) & ~blank)
        if len(wrong):
            first = int(wrong[0])
            hint = COMMENTS if data[starts[first]] == ord("#") else self._way_out
            raise self._ragged(self.place(chunk, first), int(fields[first]), len(wrong), hint)
        return blank

    def _ragged(self, where: str, fields: int, lines: int, hint: str) -> DataError:
        """The error for lines with another number of fields than the first record."""
        more = f"; {lines:,} such lines here" if lines > 1 else ""
        quote = "double quotes" if self._parser.quote == '"' else f"`{self._parser.quote}`"
        return DataError(
            f"{counted(fields, 'field')}, where the {self._first} has {len(self._parser.names):,}{more}",
            where=where,
            hint=hint or f"a field that holds the separator or a line break stands in {quote}",
        )

    def _parsed(self, chunk: Chunk) -> Piece:
        """The cells of a chunk, as numbers where the parser can tell them."""
        place = partial(self.place, chunk)
        frame = self._parser.numbers(chunk.content)
        if frame is not None and len(frame) == len(chunk.starts):
            return Piece(frame, place, padded=self._parser.padded)
        where, names = f"{self._path}, from line {chunk.line}", self._parser.names
        try:
            frame = self._parser.cells(chunk.content)
        except pl.exceptions.PolarsError as error:
            raise DataError(f"cannot be read: {error}", where=where) from None
        if frame.shape != (len(chunk.starts), len(names)):
            there = f"{counted(len(chunk.starts), 'record')} of {counted(len(names), 'field')}"
            raise DataError(f"{there} were read as {frame.shape[0]:,} x {frame.shape[1]:,} cells", where=where)
        return Piece(frame, place, padded=self._parser.padded)
