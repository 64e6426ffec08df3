"""How much memory there is, so that what cannot fit is refused before it is begun."""

from __future__ import annotations

import os
import resource
from contextlib import suppress
from pathlib import Path

from netrain.errors import StorageError

CGROUP = Path("/sys/fs/cgroup/memory.max")  # of a container


def most() -> int:
    """Bytes that this process may have at most."""
    bounds = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        bounds.append(soft)
    with suppress(OSError, ValueError):  # `max` is no number
        bounds.append(int(CGROUP.read_text()))
    return min(bounds)


def check_fits(needed: int, what: str) -> None:
    """Raise StorageError where bytes are more than there are."""
    if needed > most():
        raise StorageError(
            f"{what} needs {needed / 1e9:,.1f} GB of memory, and there are {most() / 1e9:,.1f}",
            hint="a smaller `model`",
        )
