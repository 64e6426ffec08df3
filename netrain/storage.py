"""Every file that netrain writes goes through here: whole and durable, or not at all."""

from __future__ import annotations

import fcntl
import io
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from socket import gethostname
from time import strftime, time
from typing import BinaryIO, cast

from netrain.disk import FILES, Disk
from netrain.errors import LockedError, StorageError

LOCK = ".lock"  # of a folder; it stays, and means nothing when nobody holds it
HOLDER = re.compile(r"process (\d+) on (.*), since ")
TEMPORARY = re.compile(r"\.(.+)\.(\d+)\.tmp")  # name and process of a file on its way
OLD = 3600.0  # seconds after which a file on its way, in a folder that is not ours alone, has been given up

_disk: ContextVar[Disk] = ContextVar("disk", default=Disk())  # noqa: B039  # it has no state


@contextmanager
def writing_to(disk: Disk) -> Iterator[None]:
    """Within, all writing goes through `disk`."""
    token = _disk.set(disk)
    try:
        yield
    finally:
        _disk.reset(token)


def write_file(path: Path, content: bytes) -> None:
    """Put `content` at `path`: until it is safe on disk, what was there before stays. Raises StorageError."""
    with replacing(path) as descriptor:
        write_all(descriptor, content)


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content is put at `path` when it is whole; on an error `path` stays as it was."""
    sweep(path.parent, path.name, age=OLD)
    with replacing(path) as descriptor:
        raw = Stream(descriptor)
        with io.BufferedWriter(cast(io.RawIOBase, raw)) as stream:
            try:
                yield cast(BinaryIO, stream)
                stream.flush()
            except BaseException:
                raw.broken = raw.broken or OSError("given up")  # what is left in the buffer goes nowhere
                raise
        if raw.broken:
            raise raw.broken


class Stream(io.RawIOBase):
    """A descriptor as a stream that remembers why it broke, whatever its user makes of the error."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor, self.broken = descriptor, cast(OSError | None, None)

    def writable(self) -> bool:
        """It is for nothing else."""
        return True

    def write(self, content: bytes | memoryview) -> int:  # type: ignore[override]  # of any buffer, in typeshed
        """All of it; nothing once it broke."""
        if self.broken is None:
            try:
                write_all(self.descriptor, content)
            except OSError as error:
                self.broken = error
                raise
        return len(memoryview(content).cast("B"))


@contextmanager
def replacing(path: Path) -> Iterator[int]:
    """A descriptor of a temporary file that takes the place of `path` once it is synced. Raises StorageError.

    A sync that failed is not tried again: what it lost is lost (Rebello et al., 2020).
    """
    disk = _disk.get()
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    made = False
    try:
        descriptor = disk.create(temporary)
        made = True
        try:
            yield descriptor
            disk.sync(descriptor)
        finally:
            disk.close(descriptor)
        disk.replace(temporary, path)
        made = False
        disk.sync_folder(path.parent)
    except BaseException as error:
        if made:
            with suppress(OSError):
                disk.unlink(temporary)
        if isinstance(error, OSError):
            raise cannot(path, error) from None
        raise


def write_all(descriptor: int, content: bytes | memoryview) -> None:
    """Everything, however little the system takes at a time."""
    view = memoryview(content).cast("B")
    while view:
        view = view[_disk.get().write(descriptor, view) :]


def append_line(path: Path, line: str) -> None:
    """Add one line in one write. Raises StorageError."""
    disk = _disk.get()
    try:
        descriptor = disk.append(path)
        try:
            write_all(descriptor, line.encode() + b"\n")
        finally:
            disk.close(descriptor)
    except OSError as error:
        raise cannot(path, error) from None


def sync_file(path: Path) -> None:
    """Until the lines appended are safe on disk, and the file's name. Raises StorageError."""
    disk = _disk.get()
    try:
        descriptor = disk.append(path)
        try:
            disk.sync(descriptor)
        finally:
            disk.close(descriptor)
        disk.sync_folder(path.parent)
    except OSError as error:
        raise cannot(path, error) from None


def set_aside(path: Path) -> Path:
    """Give a bad file the suffix `.corrupt`; its new path. Raises StorageError."""
    disk, aside = _disk.get(), path.with_name(f"{path.name}.corrupt")
    try:
        disk.replace(path, aside)
        disk.sync_folder(path.parent)
    except OSError as error:
        raise cannot(path, error) from None
    return aside


def make_folders(path: Path) -> None:
    """A folder and those above it that are missing. Raises OSError, where it is there FileExistsError."""
    if not path.parent.exists():
        with suppress(FileExistsError):  # another process was faster
            make_folders(path.parent)
    _disk.get().make_folder(path)
    _disk.get().sync_folder(path.parent)


def remove(*paths: Path) -> None:
    """Take away files, and folders that are empty; those that are not there are passed over. Raises StorageError."""
    disk = _disk.get()
    for path in paths:
        try:
            if path.is_dir() and not path.is_symlink():
                disk.remove_folder(path)
            else:
                with suppress(FileNotFoundError):
                    disk.unlink(path)
        except OSError as error:
            raise cannot(path, error) from None


def sweep(folder: Path, name: str = "", *, age: float = 0.0) -> None:
    """Take away what dead processes left on its way to `name`, or to any; only what is older than `age` seconds."""
    for path in folder.glob(".*.tmp"):
        match = TEMPORARY.fullmatch(path.name)
        if match is None or (name and match[1] != name):
            continue
        with suppress(OSError):
            found = path.lstat()
            if stat.S_ISREG(found.st_mode) and time() - found.st_mtime >= age and not alive(int(match[2])):
                _disk.get().unlink(path)


def alive(process: int) -> bool:
    """Whether another process of this number runs here."""
    if process == os.getpid():  # at the start of this one, so its number is that of a dead one, as in a container
        return False
    try:
        os.kill(process, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return True


@contextmanager
def plain_file(path: Path, most: int) -> Iterator[tuple[BinaryIO, int]]:
    """A regular file to read, and its size. Raises OSError; ValueError for another kind, or more than `most` bytes."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe is not waited for
    with open(descriptor, "rb") as stream:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("not a regular file")
        if found.st_size > most:
            raise ValueError(f"larger than {most >> 20:,} MB")
        yield stream, found.st_size


def read_file(path: Path, most: int) -> bytes:
    """All of a regular file. Raises as `plain_file` does."""
    with plain_file(path, most) as (stream, size):
        return stream.read(size)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder against other processes; the system lets go when this one ends, however it ends.

    Raises LockedError that names the holder, and StorageError.
    """
    path, disk = folder / LOCK, _disk.get()
    descriptor = -1
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, FILES)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = "".join(c for c in os.read(descriptor, 200).decode(errors="replace") if c.isprintable())
            raise LockedError(
                f"another process works in this run: {holder}", where=str(folder), hint="wait for it, or end it first"
            ) from None
        os.ftruncate(descriptor, 0)
        since = strftime("%Y-%m-%d %H:%M:%S")
        holder = f"process {os.getpid()} on {gethostname()}, since {since}"
        disk.write(descriptor, memoryview(holder.encode()))
    except OSError as error:
        if descriptor >= 0:
            os.close(descriptor)
        raise cannot(path, error) from None
    except BaseException:
        os.close(descriptor)
        raise
    try:
        yield
    finally:
        os.close(descriptor)


def held(folder: Path) -> bool:
    """Whether a process works in a folder. A lock whose holder has died here is not touched."""
    path = folder / LOCK
    try:
        holder = HOLDER.match(read_file(path, 4096).decode(errors="replace"))
        if holder and holder[2] == gethostname() and int(holder[1]) != os.getpid() and not alive(int(holder[1])):
            return False
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return isinstance(error, BlockingIOError)
    finally:
        os.close(descriptor)
    return False


def cannot(path: Path, error: OSError) -> StorageError:
    """The error for a write that the system refused."""
    return StorageError(f"cannot be written: {error.strerror or error}", where=str(path))
