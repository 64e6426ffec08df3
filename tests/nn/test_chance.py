"""Masks are as random as those of a generator: their shares, their neighbours, and masks of other keys."""

import numpy as np
import pytest

from netrain.nn.chance import LEVELS, hashed, keep
from netrain.random import stream

N, WIDTH = 700, 1000  # several blocks


def mask(rate: float, *key: int) -> np.ndarray:
    found = np.full((N, WIDTH), np.nan, np.float32)
    keep(found, rate, stream(0, "mask", *key))
    return found


def lowbias32(x: int) -> int:
    """The hash as it is published, in whole numbers."""
    for shift, by in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = ((x ^ (x >> shift)) * by) % 2**32
    return x ^ (x >> 16)


def test_the_hash_is_the_published_one():
    factor, start = 0x9E3779B1, 0xFFFFFF00
    expected = [lowbias32((start + factor * i) % 2**32) for i in range(100)]
    assert hashed(100, factor, start).tolist() == expected


@pytest.mark.parametrize("rate", [0.0, 1e-5, 0.001, 0.1, 0.5, 0.9, 0.999])
def test_the_share_of_zeros_and_the_mean(rate):
    found = mask(rate)
    zero = found == 0.0
    exact = round(rate * LEVELS) / LEVELS
    assert abs(zero.mean() - exact) <= 4.0 * (exact * (1.0 - exact) / found.size) ** 0.5
    assert abs(exact - rate) <= 0.5 / LEVELS
    np.testing.assert_allclose(found[~zero], 1.0 / (1.0 - exact), rtol=1e-6)


def test_a_rate_just_below_one_keeps_finite():
    assert np.isfinite(mask(1.0 - 1e-9)).all()


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_no_number_tells_of_another(rate):
    """Correlations at every small distance, along rows and columns, between halves, and between keys: all chance."""
    zero = (mask(rate) == 0.0).astype(np.float64) - rate
    others = [(mask(rate, key) == 0.0).astype(np.float64) - rate for key in range(1, 9)]
    flat, spread = zero.reshape(-1), rate * (1.0 - rate)
    pairs = [(flat[: -(2**k)], flat[2**k :]) for k in range(18)]
    pairs += [(flat[:-d], flat[d:]) for d in (3, 5, 6, 7, 9, 10, WIDTH, WIDTH + 1, WIDTH - 1, 3 * WIDTH)]
    pairs += [(flat, other.reshape(-1)) for other in others]
    for one, other in pairs:
        assert abs(one @ other / len(one) / spread) < 5.0 / len(one) ** 0.5


def test_sums_of_rows_and_columns_spread_as_chance_has_it():
    zero = mask(0.3) == 0.0
    for axis, n in ((0, N), (1, WIDTH)):
        sums = zero.sum(axis=axis)
        chi = ((sums - 0.3 * n) ** 2).sum() / (n * 0.21)
        assert abs(chi - len(sums)) < 5.0 * (2.0 * len(sums)) ** 0.5


def test_the_numbers_fill_their_range_evenly():
    halves = hashed(1 << 20, 0x12345, 99).view(np.uint16)
    counts = np.bincount(halves >> 6, minlength=1024)
    chi = ((counts - len(halves) / 1024) ** 2).sum() / (len(halves) / 1024)
    assert abs(chi - 1023) < 5.0 * (2 * 1023) ** 0.5


def test_the_same_generator_gives_the_same_mask_and_another_another():
    np.testing.assert_array_equal(mask(0.3, 1), mask(0.3, 1))
    assert (mask(0.3, 1) != mask(0.3, 2)).mean() > 0.3
