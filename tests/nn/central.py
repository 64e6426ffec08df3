"""Central differences in float64: what a gradient is compared with."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

STEP = 1e-5  # near the cube root of the rounding unit, where truncation and rounding are about equal
RTOL = 1e-6
ATOL = 1e-9  # rounding gives 2e-16 / STEP = 2e-11 of the value's size; sums of some dozen terms, so 50 times that


def assert_gradient(
    value: Callable[[], float], at: NDArray[np.float64], gradient: NDArray[np.float64], most: int = 1000
) -> None:
    """`gradient` is the slope of `value()` by the numbers of `at`: all of them, or `most` of them evenly spread."""
    assert at.dtype == np.float64
    assert at.shape == gradient.shape
    numbers = at.reshape(-1)
    assert at.size == 0 or np.shares_memory(numbers, at)
    places = np.unique(np.linspace(0, at.size - 1, min(at.size, most)).round().astype(int))
    expected = [slope(value, numbers, place) for place in places]
    atol = ATOL * max(1.0, abs(value()))
    np.testing.assert_allclose(gradient.reshape(-1)[places], expected, rtol=RTOL, atol=atol)


def slope(value: Callable[[], float], numbers: NDArray[np.float64], place: int) -> float:
    """The derivative of `value()` by one number, which is put back."""
    kept = numbers[place]
    numbers[place] = kept + STEP
    above = value()
    numbers[place] = kept - STEP
    below = value()
    numbers[place] = kept
    return (above - below) / (2 * STEP)
