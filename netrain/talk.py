"""Talk beside the data, on stderr: neutral where it names what a stranger wrote, and never worth failing for."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO, cast

from netrain.errors import StorageError


class Talk:
    """A stream that goes silent where nobody listens any more: a closed pipe or terminal, a full disk."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._silent = stream, False

    def write(self, text: str) -> int:
        """The text, or nothing."""
        if not self._silent:
            try:
                return self._stream.write(text)
            except OSError:
                self._hush()
        return len(text)

    def flush(self) -> None:
        """What was written."""
        if not self._silent:
            try:
                self._stream.flush()
            except OSError:
                self._hush()

    def _hush(self) -> None:
        self._silent = True
        if self._stream is sys.__stderr__:  # Python writes what is left in its buffer when it ends
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def talking() -> Iterator[None]:
    """Within, stderr is a Talk; where it was closed from the start, it and stdout go nowhere."""
    while (nowhere := os.open(os.devnull, os.O_RDWR)) <= 2:  # else a file of ours would take its number
        pass
    os.close(nowhere)
    before = sys.stderr
    out = sys.stdout
    sys.stderr = cast(TextIO, Talk(before if before is not None else nothing()))
    if out is None:
        sys.stdout = nothing()
    try:
        yield
    finally:
        sys.stderr.flush()
        sys.stderr, sys.stdout = before, out


def nothing() -> TextIO:
    """A stream to nowhere."""
    return open(os.devnull, "w", encoding="utf-8")


def unwritten(error: OSError) -> StorageError | None:
    """What to tell where stdout failed; None where its reader has gone. Raises an error that is not of stdout."""
    mine = error.filename is None and error.errno in (errno.EPIPE, errno.ENOSPC, errno.EIO, errno.EBADF)
    if not mine or sys.stdout is not sys.__stdout__ or sys.stdout is None:
        raise error
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())  # Python writes what is left in its buffer when it ends
    os.close(nowhere)
    if isinstance(error, BrokenPipeError):
        return None
    return StorageError(f"cannot be written: {error.strerror}", where="stdout")


def neutral(text: str) -> str:
    """Lines without what a terminal would obey: it is shown as it is escaped in Python."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
