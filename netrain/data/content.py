"""The bytes of a file: decompressed block by block, with a fingerprint of them all."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Protocol

from netrain.errors import DataError
from netrain.files import neighbours

BLOCK = 4 << 20  # bytes of a block, about
MAX_WHOLE = 2 << 30  # bytes of what can only be decompressed as a whole


class Frame(Protocol):
    """A decompressor of one compressed stream."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


@dataclass(frozen=True)
class Packing:
    """A kind of compression."""

    suffix: str
    magic: bytes
    feed: int  # bytes decompressed at a time, so few that what they unfold to is bounded
    frame: Callable[[], Frame]
    error: Callable[[], type[Exception]]


def gzip_frame() -> Frame:
    """Of gzip, with its checksum."""
    return zlib.decompressobj(wbits=31)


def zstd_frame() -> Frame:
    """Of zstd. Imported where it is used."""
    from zstandard import ZstdDecompressor

    return ZstdDecompressor().decompressobj()


def zstd_error() -> type[Exception]:
    """What its frames raise."""
    from zstandard import ZstdError

    return ZstdError


PACKINGS = (
    Packing(".gz", b"\x1f\x8b", 1 << 14, gzip_frame, lambda: zlib.error),  # 1,032 to 1 at most
    Packing(".zst", b"\x28\xb5\x2f\xfd", 1 << 10, zstd_frame, zstd_error),  # 4 bytes give 128 KB at most
)


class Content:
    """Reads a file once, `-` is stdin: `head`, the first block, then `blocks()` with the head again."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._digest = sha256()
        if path != "-":
            check_file(Path(path))
        first, pieces = read_ahead(raw(path))
        self.packing = next((p for p in PACKINGS if first.startswith(p.magic)), None)
        if self.packing:
            first, pieces = read_ahead(grouped(inflated(pieces, self.packing, path)))
        elif any(path.lower().endswith(p.suffix) and p.magic.startswith(first) for p in PACKINGS):
            raise cut_short(path)
        self.head = first
        self._pieces = pieces

    @property
    def fingerprint(self) -> str:
        """sha256 of the decompressed bytes given out so far, as hex."""
        return self._digest.hexdigest()

    def blocks(self) -> Iterator[bytes]:
        """All bytes. Raises DataError for what cannot be read or decompressed."""
        for block in self._pieces:
            self._digest.update(block)
            yield block

    def whole(self) -> bytes:
        """All bytes at once."""
        content = bytearray()
        for block in self.blocks():
            content += block
            if len(content) > MAX_WHOLE:
                raise DataError("larger than 2 GB, decompressed", where=self.path, hint="decompress the file first")
        return bytes(content)


def read_ahead(pieces: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first piece, and all of them."""
    first = next(pieces, b"")
    return first, chain((first,), pieces)


def raw(path: str) -> Iterator[bytes]:
    """The bytes as they are stored."""
    try:
        with nullcontext(sys.stdin.buffer) if path == "-" else open(path, "rb") as stream:
            while block := stream.read(BLOCK):
                yield block
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", where=path) from None


def inflated(pieces: Iterator[bytes], packing: Packing, path: str) -> Iterator[bytes]:
    """The bytes of one compressed stream after the other."""
    frame, started, error = packing.frame(), False, packing.error()
    for piece in pieces:
        for start in range(0, len(piece), packing.feed):
            part = piece[start : start + packing.feed]
            while part:
                try:
                    unfolded = frame.decompress(part)
                except error as reason:
                    message = f"the compressed file is corrupt: {reason}"
                    raise DataError(message, where=path, hint="copy or download it again") from None
                yield unfolded
                started, part = True, b""
                if frame.eof:
                    part = frame.unused_data.lstrip(b"\0")  # zeros may pad a file of gzip
                    frame, started = packing.frame(), False
    if started:
        raise cut_short(path)


def grouped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces as blocks."""
    held, size = [], 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= BLOCK:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)


def cut_short(path: str) -> DataError:
    """The error for compressed bytes that stop in the middle."""
    return DataError("the compressed file is cut short", where=path, hint="copy or download it again")


def check_file(path: Path) -> None:
    """Raise DataError for a path that is no regular file."""
    if path.is_dir():
        raise DataError("a directory, not a table", where=str(path))
    if not path.exists():
        raise DataError("no such table", where=str(path), hint=neighbours(path))
    if not path.is_file():
        raise DataError("not a regular file", where=str(path))
