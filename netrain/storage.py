"""Every file that netrain writes goes through here: whole and durable, or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import gethostname
from time import strftime
from typing import BinaryIO

from netrain.errors import LockedError, StorageError

LOCK = ".lock"  # of a folder; it stays, and means nothing when nobody holds it


def write_file(path: Path, content: bytes) -> None:
    """Put `content` at `path`: until it is safe on disk, what was there before stays. Raises StorageError."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _write_new(temporary, content)
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise cannot(path, error) from None


def append_line(path: Path, line: str) -> None:
    """Add one line in one write. Raises StorageError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(descriptor, line.encode() + b"\n")
        finally:
            os.close(descriptor)
    except OSError as error:
        raise cannot(path, error) from None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder against other processes; the system lets go when this one ends, however it ends.

    Raises LockedError that names the holder, and StorageError.
    """
    path = folder / LOCK
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise cannot(path, error) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 200).decode(errors="replace").strip()
            raise LockedError(
                f"another process works in this run: {holder}", where=str(folder), hint="wait for it, or end it first"
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(
            descriptor, f"process {os.getpid()} on {gethostname()}, since {strftime('%Y-%m-%d %H:%M:%S')}".encode()
        )
        yield
    finally:
        os.close(descriptor)


def cannot(path: Path, error: OSError) -> StorageError:
    """The error for a write that the system refused."""
    return StorageError(f"cannot be written: {error.strerror}", where=str(path))


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content is put at `path` when it is whole; on an error `path` stays as it was."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "xb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise cannot(path, error) from None
        raise
