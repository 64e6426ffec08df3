"""Ways out as they can be typed where a command was given: in a config, as `--set`, or not at all."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from netrain.errors import NetrainError
from netrain.wording import PARTS

ROOTS = "seed|preset|data|task|model|loss|metric|training|report"
KEY = rf"(?:{ROOTS})(?:\.(?:{PARTS}|[^:.`\"']+))*"
SETTING = re.compile(rf"`({KEY}): ([^`]+)`")  # as a config has it: `data.header: false`
SEVERAL = re.compile(r"\[([^\[\]\"']*,[^\[\]\"']*)\]")  # a list of plain words
OF_READING = re.compile(r"`(data\.[^`]+)`")

# A hint names a setting as a config has it; these say it in another way.


def as_arguments(hint: str) -> str:
    """Settings as `--set`, quoted for a shell: where no config was given."""
    return SETTING.sub(lambda found: f"`{argument(found[1], found[2])}`", hint)


def argument(key: str, value: str) -> str:
    """`--set key=value`, quoted for a shell; several targets by the option that repeats."""
    if key == "data.target" and (several := SEVERAL.fullmatch(value)):
        return " ".join(f"--target {shlex.quote(name.strip())}" for name in several[1].split(","))
    return f"--set {shlex.quote(f'{key}={value}')}"


def as_trained(hint: str) -> str:
    """Settings of the table as what they are for a trained network: fixed."""
    settings = [found[0] for found in OF_READING.finditer(hint)]
    if not settings:
        return hint
    again = " or ".join(setting if ": " in setting else f"another {setting}" for setting in settings)
    return f"the table is read as that of the training was: write it like that one\nor train again with {again}"


@contextmanager
def hints(said: Callable[[str], str]) -> Iterator[None]:
    """Say the hints of an error that passes through in another way, and its paths as they are seen from here."""
    try:
        yield
    except NetrainError as error:
        error.problems = tuple(
            replace(p, hint=from_here(said(p.hint)), where=from_here(p.where), message=from_here(p.message))
            for p in error.problems
        )
        raise


def from_here(text: str) -> str:
    """The same with paths below the current folder relative to it."""
    try:
        here = os.path.join(os.getcwd(), "")
    except OSError:  # the folder is gone
        return text
    return text.replace(here, "") if here != os.sep else text
