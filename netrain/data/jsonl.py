"""JSON lines: an object a line, its values as they are spelled, so that types are found as in a CSV."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from functools import partial
from typing import Any

import polars as pl

from netrain.data.content import Content
from netrain.data.reading import Reading
from netrain.data.records import MAX_COLUMNS, MAX_RECORD, Piece, Reader
from netrain.data.text import Text
from netrain.errors import DataError

MAX_CELLS = 1 << 27  # of a piece: objects of ever new keys make a table that is nearly all missing

Line = tuple[int, str]  # its number, its text
WORDS = {True: "true", False: "false"}


class TwiceError(ValueError):
    """A key that an object has twice."""


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of its pairs. Raises TwiceError."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise TwiceError(next(key for key in keys if keys.count(key) > 1))
    return found


DECODER = json.JSONDecoder(object_pairs_hook=once, parse_int=str, parse_float=str, parse_constant=str)


class JsonlReader(Reader):
    """Columns are the keys, in the order in which they first appear; a missing key is null."""

    decimal = ""

    def __init__(self, content: Content, reading: Reading) -> None:
        self.path = content.path
        self._content = content
        self._text = Text(content, reading.encoding).blocks()
        self._keys: dict[str, str] = {}  # and the name of the column of each
        self._names: set[str] = set()

    @property
    def fingerprint(self) -> str:
        return self._content.fingerprint

    def pieces(self) -> Iterator[Piece]:
        for lines in self._chunks():
            objects = [self._object(line) for line in lines]
            for keys in dict.fromkeys(map(tuple, objects)):
                self._add(keys, lines[0][0])
            if not self._keys:
                raise DataError("objects without keys", where=f"{self.path}:{lines[0][0]}")
            if len(self._keys) * len(lines) > MAX_CELLS:
                where = f"{self.path}:{lines[0][0]}"
                raise DataError(f"{len(self._keys):,} different keys: no table has these objects", where=where)
            columns = [self._column(key, objects, lines) for key in self._keys]
            yield Piece(pl.DataFrame(columns), partial(self._place, lines))

    def place(self, record: int) -> str:
        for lines in self._chunks():
            if record < len(lines):
                return self._place(lines, record)
            record -= len(lines)
        return self.path

    def _place(self, lines: list[Line], row: int) -> str:
        return f"{self.path}:{lines[row][0]}"

    def _chunks(self) -> Iterator[list[Line]]:
        """The lines that are not blank, some at a time."""
        pending, number, last = b"", 1, False
        while not last:
            more = next(self._text, b"")
            last = not more
            block = pending + more
            end = len(block) if last else block.rfind(b"\n") + 1
            texts = block[:end].decode().split("\n")
            lines = [(at, text) for at, text in enumerate(texts, start=number) if text.strip()]
            if lines:
                yield lines
            number += len(texts) - 1
            pending = block[end:]
            if len(pending) > MAX_RECORD:
                raise DataError("a line of more than 64 MB", where=f"{self.path}:{number}")

    def _object(self, line: Line) -> dict[str, Any]:
        number, text = line
        hint = ""
        try:
            found = DECODER.decode(text)
            if isinstance(found, dict):
                return found
            problem, hint = "not an object", 'a line is `{"column": value, ...}`'
        except TwiceError as error:
            problem = f"the key `{error}` stands twice in one object"
        except json.JSONDecodeError as error:
            problem = f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}, at character {error.colno}"
        except RecursionError:
            problem = "values are nested too deep"
        raise DataError(problem, where=f"{self.path}:{number}", hint=hint)

    def _add(self, keys: tuple[str, ...], line: int) -> None:
        """New columns, their names stripped and in NFC. Raises DataError where two keys give one."""
        for key in keys:
            if key not in self._keys:
                name = unicodedata.normalize("NFC", key.strip()) or f"\0{len(self._keys) + 1}"
                if name in self._names:
                    raise DataError(f"two keys name the column `{name}`", where=f"{self.path}, from line {line}")
                self._keys[key] = name
                self._names.add(name)
        if len(self._keys) > MAX_COLUMNS:
            where = f"{self.path}, from line {line}"
            raise DataError(f"{len(self._keys):,} different keys; {MAX_COLUMNS:,} at most are read", where=where)

    def _column(self, key: str, objects: list[dict[str, Any]], lines: list[Line]) -> pl.Series:
        """The values of a key as text. Raises DataError for one that is a list or an object."""
        cells = [found.get(key) for found in objects]
        kinds = set(map(type, cells))
        if bool in kinds:
            cells = [WORDS[cell] if isinstance(cell, bool) else cell for cell in cells]
        if kinds & {list, dict}:
            row = next(row for row, cell in enumerate(cells) if isinstance(cell, list | dict))
            what = "a list" if isinstance(cells[row], list) else "an object"
            raise DataError(f"`{key}` holds {what}", where=self._place(lines, row), hint="write one value a key")
        try:
            return pl.Series(self._keys[key], cells, dtype=pl.Null if kinds == {type(None)} else pl.String)
        except UnicodeEncodeError:
            raise DataError(f"`{key}` holds half of a surrogate pair", where=self.path) from None
