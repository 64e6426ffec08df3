"""Work done ahead is the same work, in the same order, with the same errors."""

import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from netrain.data.ahead import BEGUN, ahead, begun


def counted(n: int, made: list[int]) -> Iterator[int]:
    for i in range(n):
        made.append(i)
        yield i
    raise ValueError("the end")


def test_all_pieces_then_the_error() -> None:
    got: list[int] = []
    with pytest.raises(ValueError, match="the end"):
        got.extend(ahead(counted(5, [])))
    assert got == [0, 1, 2, 3, 4]
    assert list(ahead(iter(()))) == []


def test_one_piece_ahead_and_no_thread_left() -> None:
    made: list[int] = []
    threads = threading.active_count()
    pieces = ahead(counted(5, made))
    assert next(pieces) == 0
    pieces.close()  # type: ignore[attr-defined]
    assert made in ([0], [0, 1])
    assert threading.active_count() == threads


def jobs(n: int, given: list[int], work: Callable[[int], int]) -> Iterator[Callable[[], int]]:
    for i in range(n):
        given.append(i)
        yield partial(work, i)
    raise ValueError("the end")


def slow_at_first(i: int) -> int:
    time.sleep(0.02 if i % 3 == 0 else 0.0)
    return i


def test_what_jobs_give_in_their_order_then_the_error_of_what_names_them() -> None:
    got: list[int] = []
    with pytest.raises(ValueError, match="the end"):
        got.extend(begun(jobs(8, [], slow_at_first)))
    assert got == list(range(8))
    assert list(begun(iter(()))) == []


def test_the_error_of_a_job_comes_in_its_place() -> None:
    def work(i: int) -> int:
        if i == 2:
            raise KeyError(i)
        return slow_at_first(i)

    got: list[int] = []
    with pytest.raises(KeyError, match="2"):
        got.extend(begun(jobs(8, [], work)))
    assert got == [0, 1]


def test_few_jobs_are_begun_at_a_time_and_no_thread_left() -> None:
    given: list[int] = []
    threads = threading.active_count()
    results = begun(jobs(100, given, slow_at_first))
    assert [next(results), next(results)] == [0, 1]
    results.close()  # type: ignore[attr-defined]
    assert len(given) <= BEGUN + 2
    assert threading.active_count() == threads


def test_jobs_run_at_the_same_time() -> None:
    together = threading.Barrier(BEGUN, timeout=10)
    assert list(begun(iter([together.wait] * BEGUN))) != [0] * BEGUN
