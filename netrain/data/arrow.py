"""Parquet and arrow files: the formats that know their types, read as a whole."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import polars as pl

from netrain.data.content import Content
from netrain.data.records import Piece, Reader
from netrain.errors import DataError


def read_parquet(source: str | io.BytesIO) -> pl.DataFrame:
    """All columns; a path is a path, whatever stars it holds."""
    return pl.read_parquet(source, glob=False, hive_partitioning=False)


def read_ipc(source: str | io.BytesIO) -> pl.DataFrame:
    """All columns."""
    if isinstance(source, io.BytesIO):
        return pl.read_ipc(source)
    with open(source, "rb") as stream:
        return pl.read_ipc(stream)


class ArrowReader(Reader):
    """A file that is read at once; its places are rows."""

    decimal = ""

    def __init__(self, content: Content, what: str, read: Callable[[str | io.BytesIO], pl.DataFrame]) -> None:
        self._content, self._what, self._read = content, what, read

    @property
    def fingerprint(self) -> str:
        return self._content.fingerprint

    def pieces(self) -> Iterator[Piece]:
        path = self._content.path
        source: str | io.BytesIO = path
        if path == "-" or self._content.packing:
            source = io.BytesIO(self._content.whole())
        else:
            for _ in self._content.blocks():
                pass  # for the fingerprint
        try:
            frame = self._read(source)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
            raise DataError(f"not a whole {self._what} file: {error}", where=path) from None
        yield Piece(frame, self.place)

    def place(self, record: int) -> str:
        return f"{self._content.path}, row {record + 1}"
