"""What is said: talk on stderr, which is never worth failing for, and data on stdout, of which a loss is told."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from netrain.errors import StorageError


class Said:
    """A stream that goes silent where it breaks: a closed pipe or terminal, a full disk; `broken` says why."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.broken: OSError | None = None

    def write(self, text: str) -> int:
        """The text, or nothing."""
        if self.broken is None:
            try:
                return self._stream.write(text)
            except OSError as error:
                self._hush(error)
        return len(text)

    def flush(self) -> None:
        """What was written."""
        if self.broken is None:
            try:
                self._stream.flush()
            except OSError as error:
                self._hush(error)

    def _hush(self, error: OSError) -> None:
        self.broken = error
        if self._stream in (sys.__stdout__, sys.__stderr__):  # Python writes what is left in its buffer when it ends
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def talking() -> Iterator[Said]:
    """Within, stdout and stderr are Said, or go nowhere where they were closed; gives stdout."""
    while (nowhere := os.open(os.devnull, os.O_RDWR)) <= 2:  # else a file of ours would take its number
        pass
    os.close(nowhere)
    before = sys.stdout, sys.stderr
    out, err = (Said(stream if stream is not None else nothing()) for stream in before)
    sys.stdout, sys.stderr = cast(TextIO, out), cast(TextIO, err)
    try:
        yield out
    finally:
        err.flush()
        sys.stdout, sys.stderr = before


def unwritten(out: Said) -> StorageError | None:
    """What to tell where not all data reached stdout; None where it did, or nobody wanted to read on."""
    out.flush()
    if out.broken is None or isinstance(out.broken, BrokenPipeError):
        return None
    return StorageError(f"cannot be written: {out.broken.strerror}", where="stdout")


def nothing() -> TextIO:
    """A stream to nowhere."""
    return open(os.devnull, "w", encoding="utf-8")


def neutral(text: str) -> str:
    """Lines without what a terminal would obey: it is shown as it is escaped in Python."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
