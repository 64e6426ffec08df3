"""How many BLAS threads a network takes."""

import os

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from netrain.training import threads
from netrain.training.threads import PER_THREAD, SAID, blas_threads, worth


def blas() -> set[int]:
    """The threads that the products of NumPy use now."""
    np.ones((2, 2)) @ np.ones((2, 2))
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.mark.parametrize("cores", [1, 2, 3, 8, 64])
def test_a_thread_has_enough_to_do_and_a_core_stays_free(cores):
    sizes = range(0, 100 * PER_THREAD, PER_THREAD // 2)
    assert worth(0, cores) == worth(PER_THREAD, cores) == worth(2 * PER_THREAD - 1, cores) == 1
    found = [worth(size, cores) for size in sizes]
    assert found == sorted(found)
    assert found[-1] == max(1, cores - 1)
    assert all(count == 1 or count * PER_THREAD <= size for count, size in zip(found, sizes, strict=True))


def test_small_products_get_one_thread_and_all_come_back(monkeypatch):
    for name in SAID:
        monkeypatch.delenv(name, raising=False)
    before = blas()
    with blas_threads(1_000_000):
        assert blas() == {1}
    assert blas() == before


def test_large_products_get_what_they_are_worth(monkeypatch):
    for name in SAID:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(threads, "cores", lambda: 3)
    with blas_threads(10 * PER_THREAD):
        assert blas() == {2}


@pytest.mark.parametrize("name", SAID)
def test_the_environment_has_the_last_word(monkeypatch, name):
    monkeypatch.setenv(name, "2")
    before = blas()
    with blas_threads(1):
        assert blas() == before


def test_the_cores_are_those_of_this_process():
    assert 1 <= threads.cores() <= (os.cpu_count() or 1)
