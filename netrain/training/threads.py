"""How many BLAS threads a network's products are worth."""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache

from threadpoolctl import ThreadpoolController

ONE_THREAD_BELOW = 30_000_000  # multiplications; below, starting threads costs more than it saves


def blas_threads(multiplications: int) -> AbstractContextManager[object]:
    """A context with one BLAS thread where the largest product is small, else with all.

    The choice must be the same wherever a network predicts: another one may round otherwise.
    """
    limits = 1 if multiplications < ONE_THREAD_BELOW else None
    context: AbstractContextManager[object] = controller().limit(limits=limits, user_api="blas")
    return context


@cache
def controller() -> ThreadpoolController:
    """The BLAS libraries of this process; to find them takes milliseconds."""
    return ThreadpoolController()
