"""Characters that a stream cannot write, in those that it can: no locale makes the program fail."""

from __future__ import annotations

import codecs
import os
from io import TextIOWrapper
from typing import TextIO

REPLACING = "netrain-plain"  # for `str.encode` and `reconfigure`
ALIKE = {
    **dict.fromkeys("━─–—‐‑−", "-"),
    **dict.fromkeys("•·×∙", "*"),
    **dict.fromkeys("‘’´`", "'"),
    **dict.fromkeys("“”„", '"'),
    "…": "...",
    "→": "->",
    "←": "<-",
    "≥": ">=",
    "≤": "<=",
    "█": "#",
    "│": "|",
}


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(ALIKE.get(c, "?") for c in error.object[error.start : error.end]), error.end


codecs.register_error(REPLACING, _plain)


def soften(stream: TextIO | None) -> TextIO:
    """A stream that replaces what it cannot write; nowhere where it is closed."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors=REPLACING)
    return stream


def nowhere(stream: TextIO) -> None:
    """Let go of what a stream still holds, and of all that is written to it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
