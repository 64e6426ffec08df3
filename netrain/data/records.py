"""Rows as they stand in a file, and where each one stands: what every format gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

MAX_RECORD = 64 << 20  # bytes of a record, at most
MAX_FIELD = 1 << 20  # bytes of a field of text
MAX_COLUMNS = 100_000


@dataclass(frozen=True)
class Piece:
    """Some rows of a file, one after the other."""

    frame: pl.DataFrame  # columns without a name are called NUL and their number
    place: Callable[[int], str]  # of a row, for messages
    normal: bool = False  # whether `normalise` would leave it as it is, whatever columns are text
    padded: frozenset[str] = frozenset()  # the columns of numbers that some cells of a sample write with a zero before


class Reader(ABC):
    """Reads a file once: `pieces()`, and after them the `fingerprint` of all its content."""

    decimal: str  # the decimal point of numbers in text; empty where the format says what is a number

    @property
    @abstractmethod
    def fingerprint(self) -> str:
        """sha256 of the decompressed bytes read so far, as hex."""

    @abstractmethod
    def pieces(self) -> Iterator[Piece]:
        """All rows. Raises DataError with the place of what is wrong."""

    @abstractmethod
    def place(self, record: int) -> str:
        """Where a record is, from 0. Reads up to it, in place of `pieces`."""
