"""Words in messages: numbers with their noun, paths in dots, and what a misspelled word may have meant."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress

UNQUOTED = '"\\`'  # in double quotes, within the backticks of a message
ALIKE = 3  # one slip for so many letters, at most
PARTS = r"\"(?:[^\"\\]|\\.)*\"|'[^']*'"  # a part of a path in quotes, as `unquoted` reads it
BARE = re.compile(r"[^\W\d]\w*|\d+|[\w()/%#+-][\w()/%#+ -]*[\w()/%#+-]")  # what needs no quotes in a path of keys


def counted(n: int, noun: str, many: str = "") -> str:
    """`1 row`, `1,234 rows`."""
    return f"{n:,} {noun if n == 1 else many or noun + 's'}"


def listed(names: Sequence[str], most: int = 20) -> str:
    """`a`, `b`, ... of so many at most."""
    return ", ".join(f"`{name}`" for name in names[:most]) + ", ..." * (len(names) > most)


def in_short(names: Sequence[str], most: int = 5) -> str:
    """`a`, `b` and 3 more."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(f"`{name}`" for name in names[:most]) + more


def dotted(path: Sequence[str | int]) -> str:
    """`training.stop.0`; a name that dots would cut stands in quotes: `data.columns."a.b"`."""
    return ".".join(str(part) if BARE.fullmatch(str(part)) else quoted(str(part)) for part in path)


def quoted(text: str) -> str:
    """In double quotes, what they cannot hold and what cannot be seen escaped as in JSON."""
    return '"' + "".join(c if c.isprintable() and c not in UNQUOTED else escaped(c) for c in text) + '"'


def escaped(character: str) -> str:
    """A character as JSON escapes it."""
    word = json.dumps(character)[1:-1]
    return word if len(word) > 1 else f"\\u{ord(character):04x}"


def unquoted(part: str) -> str:
    """What a part of a path says: a JSON string in double quotes, or text that stands as it is."""
    if not part.startswith(('"', "'")):
        return part.strip()
    if part.startswith('"') and "\\" in part:
        with suppress(ValueError):
            return str(json.loads(part))
    return part[1:-1]


def nearest(word: str, known: Iterable[str], *, most: int = 2) -> list[str]:
    """The known words that may have been meant, the likeliest first; none where all are unlike."""
    plain = folded(word)
    ranked = [(rank, name) for name in known if (rank := unlikeness(plain, folded(name))) is not None]
    best = min((rank for rank, _ in ranked), default=0)
    return [name for rank, name in sorted(ranked, key=lambda r: r[0]) if rank <= best][:most]


def folded(word: str) -> str:
    """A word without what is easily written in another way: case, `_`, `-`, blanks."""
    return re.sub(r"[_\- ]", "", word.casefold()) or word


def unlikeness(word: str, other: str) -> int | None:
    """How far two words are apart: slips of the finger, or 2 for a beginning; None where they are unlike."""
    if word == other:
        return 0
    short, long = sorted((word, other), key=len)
    bound = len(short) // ALIKE
    if len(long) - len(short) <= bound and (slips := distance(word, other)) <= bound:
        return slips
    same = next((i for i, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), len(short))
    return 2 if same >= 3 and same >= 0.8 * len(short) else None


def distance(a: str, b: str) -> int:
    """Letters to add, leave out, change, or swap with the next one (Damerau, 1964)."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        row = [i]
        for j, y in enumerate(b, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
