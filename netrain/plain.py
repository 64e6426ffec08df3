"""Characters that a stream cannot write, in those that it can: no locale makes the program fail."""

from __future__ import annotations

import codecs
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


def soften(stream: TextIO) -> None:
    """Let a stream replace what it cannot write."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors=REPLACING)
