"""What can go wrong that the user can mend, each with its exit code. Anything else is a bug.

NetrainError
├── UsageError       2   the command line
├── ConfigError      2   the config
├── DataError        3   the table
├── CheckpointError  4   a checkpoint file
│   └── NewerCheckpointError   of a newer netrain
├── StorageError     5   disk, network or memory
├── LockedError      6   another process holds the run
├── DivergedError    7   training diverged
└── GateError        8   `--require` or `--strict` was not met
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from netrain.aliases import value_called
from netrain.wording import nearest

MOST = 20  # problems that are told at once


@dataclass(frozen=True)
class Problem:
    """One thing to mend: what, where, the lines it stands in, and the way out."""

    message: str
    where: str = ""
    hint: str = ""
    excerpt: str = ""

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.message}" if self.where else self.message]
        lines += self.excerpt.splitlines()
        lines += [f"  hint: {line}" for line in self.hint.splitlines()]
        return "\n".join(lines)


class NetrainError(Exception):
    """A mistake the user can mend: one problem or several, told at once."""

    exit_code: ClassVar[int]

    def __init__(self, message: str, *, where: str = "", hint: str = "", excerpt: str = "") -> None:
        super().__init__(message)
        self.problems: tuple[Problem, ...] = (Problem(message, where, hint, excerpt),)

    @classmethod
    def of(cls, problems: Iterable[Problem]) -> Self:
        """The error that tells several problems together."""
        problems = tuple(problems)
        if len(problems) > MOST:
            rest = Problem(f"{len(problems) - MOST:,} more mistakes, which may follow from these")
            problems = (*problems[:MOST], rest)
        error = cls("; ".join(p.message for p in problems))
        error.problems = problems
        return error

    def __str__(self) -> str:
        return "\n".join(str(p) for p in self.problems)


class UsageError(NetrainError):
    """The command line asks for something that cannot be done."""

    exit_code = 2


class ConfigError(NetrainError):
    """The config is not one."""

    exit_code = 2


class DataError(NetrainError):
    """The table cannot be used as it is."""

    exit_code = 3


class CheckpointError(NetrainError):
    """The file is no checkpoint that this version can read."""

    exit_code = 4


class NewerCheckpointError(CheckpointError):
    """The file is whole, but of a format that only a newer version reads."""


class StorageError(NetrainError):
    """A file could not be read or written for a reason outside its content; or memory does not suffice."""

    exit_code = 5


class LockedError(NetrainError):
    """Another process works in this run."""

    exit_code = 6


class DivergedError(NetrainError):
    """Training left the finite numbers; the weights before that are kept."""

    exit_code = 7


class GateError(NetrainError):
    """A requirement given on the command line was not met."""

    exit_code = 8


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The hint for a word that is not known: what other tools mean by it, the nearest ones, else all of them."""
    known = list(known)
    near = value_called(word, known) or nearest(word, known)
    if near:
        return "did you mean " + " or ".join(f"`{k}`" for k in near) + "?"
    if not known:
        return ""
    return "one of " + ", ".join(f"`{k}`" for k in known[:30]) + (", ..." if len(known) > 30 else "")
