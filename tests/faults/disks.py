"""Disks that fail, stop, stutter or forget: given to `writing_to`, so that nothing else has to pretend."""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from netrain.disk import Disk

OPERATIONS = (
    "create", "append", "write", "sync", "close", "replace", "sync_folder", "unlink", "make_folder", "remove_folder",
)  # fmt: skip


class Crash(BaseException):
    """The process is gone: nothing is cleaned up."""


class Counting(Disk):
    """Counts operations; what happens at which is for its children to say."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def at(self, name: str, arguments: tuple[Any, ...]) -> None:
        """Before an operation."""

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name not in OPERATIONS:
            return found
        return self.counted(name, found)

    def counted(self, name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        """The operation, counted."""

        def run(*arguments: Any) -> Any:
            self.done.append(name)
            self.at(name, arguments)
            return operation(*arguments)

        return run


class Failing(Counting):
    """The operation of a number fails, once; a descriptor to be closed is closed."""

    def __init__(self, number: int, error: int = errno.EIO) -> None:
        super().__init__()
        self.number, self.error = number, error

    def at(self, name: str, arguments: tuple[Any, ...]) -> None:
        if len(self.done) == self.number:
            if name == "close":
                os.close(arguments[0])
            raise OSError(self.error, os.strerror(self.error))


class Refusing(Counting):
    """One kind of operation always fails."""

    def __init__(self, operation: str, error: int) -> None:
        super().__init__()
        self.operation, self.error = operation, error

    def at(self, name: str, arguments: tuple[Any, ...]) -> None:  # noqa: ARG002
        if name == self.operation:
            raise OSError(self.error, os.strerror(self.error))


class Crashing(Counting):
    """From the operation of a number on, nothing happens any more."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def at(self, name: str, arguments: tuple[Any, ...]) -> None:  # noqa: ARG002
        if len(self.done) >= self.number:
            raise Crash


class Stuttering(Disk):
    """Writes a few bytes at a time."""

    def write(self, descriptor: int, content: memoryview) -> int:
        return super().write(descriptor, content[:7])


@dataclass
class File:
    """What was written, and how much of it is safe."""

    content: bytearray = field(default_factory=bytearray)
    safe: bytes = b""


class Forgetful(Counting):
    """Does everything, and remembers what would be left after each operation if the power failed then."""

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[int, File] = {}
        self.names: dict[Path, File | None] = {}  # as the process sees them; None is a folder
        self.safe: dict[Path, File | None] = {}  # those that a synced folder keeps
        self.moments: list[tuple[str, dict[Path, bytes | None], dict[Path, bytes | None]]] = []

    def counted(self, name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any) -> Any:
            result = operation(*arguments)
            self.note(name, arguments, result)
            last = str(arguments[-1]) if isinstance(arguments[-1], Path) else ""
            self.moments.append((f"{name} {last}", left(self.safe), left(self.names)))
            return result

        return run

    def note(self, name: str, arguments: tuple[Any, ...], result: Any) -> None:
        """What an operation changed."""
        match name:
            case "create" | "append":
                path = arguments[0].absolute()
                file = self.names.get(path) or File()
                self.names[path] = self.open[result] = file
            case "write":
                self.open.get(arguments[0], File()).content += bytes(arguments[1][:result])  # a lock is no content
            case "close":
                self.open.pop(arguments[0], None)
            case "sync":
                self.open[arguments[0]].safe = bytes(self.open[arguments[0]].content)
            case "replace":
                source, target = (path.absolute() for path in arguments)
                self.names[target] = self.names.pop(source)
            case "unlink" | "remove_folder":
                self.names.pop(arguments[0].absolute(), None)
            case "make_folder":
                self.names[arguments[0].absolute()] = None
            case "sync_folder":
                folder = arguments[0].absolute()
                for path in [path for path in self.safe if path.parent == folder and path not in self.names]:
                    del self.safe[path]
                self.safe |= {path: file for path, file in self.names.items() if path.parent == folder}


def left(names: dict[Path, File | None]) -> dict[Path, bytes | None]:
    """The content that is safe, by name: a name may survive of a file whose content does not."""
    return {path: None if file is None else file.safe for path, file in names.items()}


def put(state: dict[Path, bytes | None], old: Path, new: Path) -> None:
    """Lay a state of the folder `old` down in `new`, as far as its folders are there."""
    new.mkdir()
    for path in sorted(state):
        target = new / path.relative_to(old)
        if not target.parent.is_dir():
            continue
        content = state[path]
        if content is None:
            target.mkdir()
        else:
            target.write_bytes(content)
