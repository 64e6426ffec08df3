"""What the system does with files, one operation each: the seam at which tests make it fail, stop or forget."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from pathlib import Path

NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
LINES = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
FILES, FOLDERS = 0o664, 0o775  # less the umask: never to be written by everybody
NO_SYNC = (errno.EINVAL, errno.ENOTSUP)  # of a folder, on file systems that cannot


class Disk:
    """Every operation raises OSError."""

    def create(self, path: Path) -> int:
        """A descriptor of a file that was not there; no link is followed."""
        return os.open(path, NEW, FILES)

    def append(self, path: Path) -> int:
        """A descriptor that writes at the end of a file; no link is followed, and a pipe is not waited for."""
        return os.open(path, LINES, FILES)

    def write(self, descriptor: int, content: memoryview) -> int:
        """How many bytes were written."""
        return os.write(descriptor, content)

    def sync(self, descriptor: int) -> None:
        """Until what was written is on the medium."""
        if sys.platform == "darwin":  # where fsync leaves it in the drive's memory
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        else:
            os.fsync(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def replace(self, source: Path, target: Path) -> None:
        """The source takes the target's name, in one step."""
        os.replace(source, target)

    def sync_folder(self, folder: Path) -> None:
        """Until the names in it are on the medium."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in NO_SYNC:
                raise
        finally:
            os.close(descriptor)

    def unlink(self, path: Path) -> None:
        os.unlink(path)

    def make_folder(self, path: Path) -> None:
        os.mkdir(path, FOLDERS)

    def remove_folder(self, path: Path) -> None:
        os.rmdir(path)
