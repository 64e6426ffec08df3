"""A block of a CSV file: the whole records in it, and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

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


T = TypeVar("T")


class Cut(NamedTuple, Generic[T]):
    """What is made of the whole records of a block, and the bytes and lines that they take."""

    made: T | None
    used: int
    lines: int


def line_with(block: bytes, start: bytes, at: int) -> int:
    """Where the next line is that starts so, from a place on; -1 where there is none."""
    if at == 0 and block.startswith(start):
        return 0
    return (block.find(b"\n" + start, max(at - 1, 0)) + 1) or -1


def has_longer_line(block: bytes, most: int) -> bool:
    """Whether a line has more than so many bytes; looks at few of them."""
    start = 0
    while len(block) - start > most:
        start = block.rfind(b"\n", start, start + most + 1) + 1
        if not start:
            return True
    return False
