"""Randomness as a function of where it is used, so that no generator's state is ever saved."""

from __future__ import annotations

from zlib import crc32

import numpy as np


def stream(seed: int, purpose: str, *place: int) -> np.random.Generator:
    """The generator for one purpose at one place: `stream(seed, "order", epoch)` draws the same at every call."""
    # spawn_key, because entropy lists [7, 3] and [7, 3, 0] seed the same stream
    key = (crc32(purpose.encode()), *place)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))
