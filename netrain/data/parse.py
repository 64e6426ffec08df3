"""Whole records of a CSV as columns: numbers at once where that gives what their text would, else text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isnan, nan

import polars as pl
import polars.selectors as cs

from netrain.data.cells import EXACT, NUMBERS, TEXT, largest, normalise, padded, spelled_numbers
from netrain.data.reading import Reading

SAMPLE = 1 << 16  # bytes from which the columns of numbers are guessed


class Parser:
    """Parses the bytes of records. `numeric` says which columns may be numbers.

    Once it is settled, what a block gives depends on its own bytes alone: threads parse them in any order.
    """

    def __init__(
        self, path: str, names: Sequence[str], separator: str, reading: Reading, numeric: Callable[[str], bool]
    ) -> None:
        self._path = path  # for messages
        self.names, self.separator, self.quote = list(names), separator, reading.quote
        self._missing, self._text = reading.missing, {name for name in names if not numeric(name)}
        self.padded: frozenset[str] = frozenset()  # as `Piece.padded`
        self._schema: dict[str, type[pl.DataType]] = {}  # as settled
        spelled = [cell for cell in reading.missing if cell == cell.strip()]  # cells are stripped before they are asked
        # What is null besides blank cells, to be tried in turn; a blank cell of numbers is null, so it must be missing
        self._ways: list[list[str]] = [[], spelled] if reading.decimal == "." and "" in reading.missing else []

    def cells(self, content: bytes) -> pl.DataFrame:
        """Every cell as text. Raises what polars raises."""
        return self._parsed(content, dict.fromkeys(self.names, TEXT), [])

    def settle(self, sample: bytes) -> None:
        """Settle which columns are numbers: those that hold no text in this sample of the records, if it is the first.

        `padded` too, and which ways are tried. Where the sample cannot be parsed, all cells are text.
        """
        if self._schema or not self._ways:
            return
        try:
            cells = self.cells(sample)
        except pl.exceptions.PolarsError:
            self._ways = []
            return
        seen = normalise(cells, self._path, missing=self._missing, text=self._text)
        self.padded = frozenset(name for name, kind in seen.schema.items() if kind == NUMBERS and padded(cells[name]))
        self._schema = {
            name: TEXT if name in self._text or kind == TEXT else NUMBERS for name, kind in seen.schema.items()
        }
        while self._ways and self._tried(sample, self._ways[0]) is None:
            self._ways = self._ways[1:]

    def numbers(self, content: bytes) -> pl.DataFrame | None:
        """Columns of numbers and of text, once that is settled; None where only the text of all cells tells it.

        A row that is too short, or a blank line, gives null in the last column. Threads may call it at a time.
        """
        for missing in self._ways:
            frame = self._tried(content, missing)
            if frame is None:
                continue
            if not squares(frame) < EXACT**2:  # some number is large, or none
                frame = frame.with_columns(cs.float().fill_nan(None))
                if farthest(frame) >= EXACT:
                    return None  # whether digits are lost, the text says
            empty = [column.name for column in frame if column.null_count() == len(column)]
            return frame.with_columns(pl.lit(None).alias(name) for name in empty) if empty else frame
        return None

    def is_normal(self, frame: pl.DataFrame) -> bool:
        """Whether columns that came from `numbers` have no text, nor numbers that stand for missing ones."""
        return TEXT not in frame.dtypes and not spelled_numbers(tuple(self._missing), ".")

    def _tried(self, content: bytes, missing: list[str]) -> pl.DataFrame | None:
        """Parsed as settled; None where some cell is no number."""
        try:
            return self._parsed(content, self._schema, missing)
        except pl.exceptions.PolarsError:
            return None

    def _parsed(self, content: bytes, schema: dict[str, type[pl.DataType]], missing: list[str]) -> pl.DataFrame:
        return pl.read_csv(
            content,
            has_header=False,
            schema=schema,
            separator=self.separator,
            quote_char=self.quote,
            null_values=missing or None,
        )


def squares(frame: pl.DataFrame) -> float:
    """The largest sum of squares of a column of numbers, NaN where one holds NaN: one pass tells both."""
    sums = [column[0] for column in frame.select(cs.float().dot(cs.float()))]
    return max(sums, default=0.0) if not any(map(isnan, sums)) else nan


def farthest(frame: pl.DataFrame) -> float:
    """The largest magnitude among all numbers; 0 where there are none."""
    return max((largest(column) for column in frame if column.dtype == NUMBERS), default=0.0)
