"""The files of a table while a network trains on it: whether they are still what was read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256

from netrain.data.content import Content
from netrain.errors import DataError

Stamp = tuple[int, int, int]


class Watch:
    """Stamps taken before the files are read; `fingerprint` of what was read is set after."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._paths = tuple(paths)
        self._stamps = [stamp(path) for path in self._paths]
        self.fingerprint = ""

    def check(self) -> None:
        """Raise DataError where the content of a file is another one, or gone."""
        now = [stamp(path) for path in self._paths]
        if now == self._stamps:
            return
        if None in now or fingerprint_of(self._paths) != self.fingerprint:
            changed = next(path for path, a, b in zip(self._paths, now, self._stamps, strict=True) if a != b)
            raise DataError(
                "the table has changed while the network trained on what was read of it; the training is saved",
                where=changed,
                hint="bring the old table back and `netrain resume`, or train anew",
            )
        self._stamps = now  # written again, and the same


def stamp(path: str) -> Stamp | None:
    """What changes when a file does; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def fingerprint_of(paths: Sequence[str]) -> str:
    """That of a table which is read from these files."""
    each = [content_of(path) for path in paths]
    return each[0] if len(each) == 1 else sha256("".join(each).encode()).hexdigest()


def content_of(path: str) -> str:
    """The fingerprint of one file."""
    content = Content(path)
    for _ in content.blocks():
        pass
    return content.fingerprint
