"""Work done ahead is the same work, in the same order, with the same errors."""

import threading
from collections.abc import Iterator

import pytest

from netrain.data.ahead import ahead


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
