"""How many BLAS threads a network's products are worth."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from functools import cache

from threadpoolctl import ThreadpoolController

PER_THREAD = 30_000_000  # multiplications that keep a thread busy for longer than it takes to start and to end it
SAID = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS", "OMP_NUM_THREADS")


def blas_threads(multiplications: int) -> AbstractContextManager[object]:
    """A context with the BLAS threads that the largest product is worth; with those of the environment, where it says.

    The choice must be the same wherever a network predicts, however busy the machine: another one may round otherwise.
    """
    if any(os.environ.get(name) for name in SAID):
        return nullcontext()
    limits = worth(multiplications, cores())
    context: AbstractContextManager[object] = controller().limit(limits=limits, user_api="blas")
    return context


def worth(multiplications: int, cores: int) -> int:
    """The threads for a product. One core stays free: where a thread has to wait for its core, all others wait for it,
    and two threads on two busy cores take several times as long as one.
    """
    return max(1, min(cores - 1, multiplications // PER_THREAD))


def cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def controller() -> ThreadpoolController:
    """The BLAS libraries of this process; to find them takes milliseconds."""
    return ThreadpoolController()
