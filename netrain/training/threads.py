"""How many BLAS threads a network's products are worth."""

from __future__ import annotations

from contextlib import AbstractContextManager

from threadpoolctl import threadpool_limits

ONE_THREAD_BELOW = 30_000_000  # multiplications; below, starting threads costs more than it saves


def blas_threads(multiplications: int) -> AbstractContextManager[object]:
    """A context with one BLAS thread where the largest product is small, else with all."""
    limits = 1 if multiplications < ONE_THREAD_BELOW else None
    context: AbstractContextManager[object] = threadpool_limits(limits=limits, user_api="blas")
    return context
