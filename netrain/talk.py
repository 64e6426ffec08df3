"""What is said: talk on stderr, which is never worth failing for, in characters that no terminal obeys."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from netrain.plain import nowhere, soften


class Said:
    """A stream that goes silent where it breaks: a closed pipe or terminal, a full disk."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._broken = False

    def write(self, text: str) -> int:
        """The text, or nothing."""
        if not self._broken:
            try:
                return self._stream.write(text)
            except OSError:
                self._hush()
        return len(text)

    def flush(self) -> None:
        """What was written."""
        if not self._broken:
            try:
                self._stream.flush()
            except OSError:
                self._hush()

    def _hush(self) -> None:
        self._broken = True
        if self._stream is sys.__stderr__:  # Python writes what is left in its buffer when it ends
            nowhere(self._stream)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def talking() -> Iterator[None]:
    """Within, stdout and stderr write what they can, and stderr is Said; where they were closed they go nowhere."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:  # else a file of ours would take its number
        pass
    os.close(descriptor)
    before = sys.stdout, sys.stderr
    said = Said(soften(sys.stderr))
    sys.stdout, sys.stderr = soften(sys.stdout), cast(TextIO, said)
    try:
        yield
    finally:
        said.flush()
        sys.stdout, sys.stderr = before


def neutral(text: str) -> str:
    """Lines without what a terminal would obey: it is shown as it is escaped in Python."""
    return "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)
