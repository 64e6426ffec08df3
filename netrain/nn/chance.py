"""Chance at the speed of arithmetic: masks of zeros for dropout."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from netrain.inputs import Floats
from netrain.nn.memory import blocks, scratch

LEVELS = 1 << 16  # a probability is a multiple of one part of these
WORD = 1 << 32


def keep(mask: Floats, rate: float, rng: np.random.Generator) -> None:
    """Write 0 with probability `rate`, to the nearest 65,536th, and else 1 / (1 - rate): each number by itself.

    `rng` draws the key of a hash of counters, whose halves are compared with the rate. To draw as many numbers takes
    four times as long, and makes arrays.
    """
    zeros = min(round(rate * LEVELS), LEVELS - 1)
    factor, start = (int(key) for key in rng.integers(0, WORD, 2, dtype=np.uint32))
    factor |= 1  # odd: no two counters are the same number
    for (some,) in blocks(mask):
        words = (some.size + 1) // 2
        halves = hashed(words, factor, start).view(np.uint16)[: some.size]
        (stays,) = scratch(1, halves.shape, np.bool_)
        flat = some.reshape(-1)
        np.copyto(flat, np.greater_equal(halves, zeros, out=stays))
        np.multiply(flat, LEVELS / (LEVELS - zeros), out=flat)
        start = (start + factor * words) % WORD


def hashed(n: int, factor: int, start: int) -> NDArray[np.uint32]:
    """lowbias32 (Wellons, 2018, "Prospecting for Hash Functions") of start + factor * i, for i below n. [n]."""
    x, high = scratch(2, (n,), np.uint32)
    np.multiply(counters(n), factor, out=x)
    np.add(x, start, out=x)
    for shift, by in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        np.bitwise_xor(x, np.right_shift(x, shift, out=high), out=x)
        np.multiply(x, by, out=x)
    np.bitwise_xor(x, np.right_shift(x, 16, out=high), out=x)
    return x


@lru_cache(maxsize=16)
def counters(n: int) -> NDArray[np.uint32]:
    """0, 1, ... n - 1."""
    return np.arange(n, dtype=np.uint32)
