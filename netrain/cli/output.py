"""What the program writes: data on stdout, talk and errors on stderr; under `--json` one document on stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from netrain.errors import NetrainError, Problem
from netrain.talk import neutral

if TYPE_CHECKING:
    from rich.console import Console

    from netrain.shown.view import Talk

PAPER = 120  # columns where nothing is a terminal and nobody says how wide it is
NARROWEST = 20
HEIGHT = 25  # of no importance, but a console takes no width alone from a dumb terminal


def talk(*, verbose: bool = False) -> Talk:
    """The console for what is said beside the data: stderr."""
    from netrain.shown.view import Talk

    # FORCE_COLOR alone, as CI sets it, makes no terminal that a live view could move its cursor in
    live = sys.stderr.isatty()
    width = fixed_width(live)
    force = None if live else False
    return Talk(stderr=True, force_interactive=force, width=width, height=width and HEIGHT, verbose=verbose)


def stdout() -> Console:
    """The console for data."""
    from rich.console import Console

    class Data(Console):
        """Leaves it to the program what becomes of a reader that has gone."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    width = fixed_width(sys.stdout.isatty())
    return Data(width=width, height=width and HEIGHT)


def fixed_width(terminal: bool) -> int | None:
    """None where the console follows its terminal; a dumb one does not say how wide it is."""
    return None if terminal and os.environ.get("TERM") not in ("dumb", "unknown") else columns()


def columns() -> int:
    """How many columns a line has."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit():
        return max(NARROWEST, int(given))
    for stream in range(3):
        with suppress(OSError):
            if found := os.get_terminal_size(stream).columns:
                return max(NARROWEST, found)
    return PAPER


def say(text: str) -> None:
    """A line of talk."""
    print(neutral(text), file=sys.stderr)


def print_json(document: dict[str, Any]) -> None:
    """One JSON document on stdout; escaped where the locale has no UTF-8."""
    import json

    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(document, indent=1, ensure_ascii=not unicode))


def print_file(text: str) -> None:
    """The content of a file on stdout, in UTF-8 as files are, whatever the locale."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())


def print_lines(lines: Iterable[str]) -> None:
    """Lines on stdout, wrapped at the width of the terminal; words made to be copied are never broken."""
    from textwrap import TextWrapper

    for line in map(neutral, lines):
        if line.lstrip().startswith(("--set ", "netrain ")):
            print(line)
            continue
        indent = " " * (len(line) - len(line.lstrip()) + 4)
        wrapper = TextWrapper(columns(), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        print(wrapper.fill(line))


def complain(error: NetrainError) -> int:
    """Print every problem to stderr; the exit code."""
    for problem in error.problems:
        say(f"error: {problem}")
    return error.exit_code


def error_document(code: int, problems: Iterable[Problem]) -> dict[str, Any]:
    """What stands under `error` in a JSON document."""
    told = [{"message": p.message, "where": p.where, "hint": p.hint} for p in problems]
    return {"code": code, "problems": told}
