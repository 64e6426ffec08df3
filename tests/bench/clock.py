"""Seconds on the wall and of the processor, child processes included: on a shared machine only the latter compare."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Cost:
    """Seconds."""

    wall: float
    cpu: float


def cpu() -> float:
    """Processor seconds of this process and of its ended children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def clocked(work: Callable[[], T]) -> tuple[T, Cost]:
    """What the work gives, and its cost."""
    wall, busy = perf_counter(), cpu()
    done = work()
    return done, Cost(perf_counter() - wall, cpu() - busy)
