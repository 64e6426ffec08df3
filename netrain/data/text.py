"""The content of a file as UTF-8, whatever it is encoded in."""

from __future__ import annotations

import codecs
from collections.abc import Iterator

import numpy as np

from netrain.data.content import Content
from netrain.errors import DataError

MARKS = (  # the longer first: UTF-32's starts with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)


class Text:
    """Reads a file once, as UTF-8 without a byte order mark."""

    def __init__(self, content: Content, encoding: str) -> None:
        self._content = content
        self._marked = next((name for mark, name in MARKS if content.head.startswith(mark)), "")
        self._codec = codecs.lookup(self._marked or encoding).name
        self._line = 1  # of the next byte

    def blocks(self) -> Iterator[bytes]:
        """All text. Raises DataError, with the line, at the first byte that does not decode or is NUL."""
        decoder = codecs.getincrementaldecoder(self._codec)()
        first = True
        for block in self._content.blocks():
            if self._codec == "utf-8" and block.isascii() and not decoder.getstate()[0]:
                encoded = block
            else:
                text = self._decoded(decoder, block, final=False)
                encoded = block if self._codec == "utf-8" else text.encode()
            if first:
                encoded = encoded.removeprefix(codecs.BOM_UTF8)
            first = False
            if b"\0" in encoded:
                raise self._nul(encoded)
            self._line += int(np.count_nonzero(np.frombuffer(encoded, np.uint8) == 10))
            yield encoded
        self._decoded(decoder, b"", final=True)

    def _decoded(self, decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool) -> str:
        try:
            return decoder.decode(block, final)
        except UnicodeDecodeError as error:
            before = error.object[: error.start]
            line = self._line + before.decode(self._codec, "replace").count("\n")
            near = before.rpartition(b"\n")[2][-20:] + error.object[error.start :].partition(b"\n")[0][:10]
            raise DataError(
                f"not {self._codec} text, near `{near.decode('latin-1').strip()}`",
                where=f"{self._content.path}:{line}",
                hint="the file may be cut short"
                if self._marked
                else f"`data.encoding: {guess(error.object, self._codec)}`",
            ) from None
        except UnicodeError as error:  # UTF-16 without the mark that it is declared to have
            hint = "`data.encoding: utf-8`, or utf-16-le or utf-16-be"
            raise DataError(f"not {self._codec} text: {error}", where=self._content.path, hint=hint) from None

    def _nul(self, encoded: bytes) -> DataError:
        """The error for NUL bytes, as UTF-16 has them where nothing says that it is."""
        line = self._line + encoded[: encoded.index(b"\0")].count(b"\n")
        even, odd = any(encoded[:64:2]), any(encoded[1:64:2])
        hint = f"`data.encoding: utf-16-{'le' if even else 'be'}`" if self._codec == "utf-8" and even != odd else ""
        return DataError("NUL bytes: this is not text", where=f"{self._content.path}:{line}", hint=hint)


def guess(content: bytes, wrong: str) -> str:
    """An encoding that content may have, other than the one that it has not."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(content)  # the end may be a part of a character
    except UnicodeDecodeError:
        rare = any(128 <= byte < 160 for byte in set(content))  # control characters of Latin-1, letters of cp1252
        return "cp1252" if rare and wrong != "cp1252" else "latin-1"
    return "utf-8" if wrong != "utf-8" else "latin-1"
