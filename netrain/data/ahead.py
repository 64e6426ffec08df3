"""Work done ahead, in other threads: the next piece is made while the last one is used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import Queue
from threading import Event, Semaphore, Thread, current_thread
from typing import NoReturn, TypeVar

T = TypeVar("T")

BEGUN = 3  # jobs at a time: with these two cores stay busy, though a job cannot keep two busy throughout


class End:
    """What comes after the last piece: nothing, or the error in its place."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(pieces: Iterator[T]) -> Iterator[T]:
    """The same pieces, each made in a thread while the one before it is used. An error comes in its place."""
    box: Queue[T | End] = Queue()
    wanted, left = Semaphore(1), Event()
    maker = Thread(target=make, args=(pieces, box, wanted, left), daemon=True)
    maker.start()
    try:
        while not isinstance(piece := box.get(), End):
            wanted.release()
            yield piece
        if piece.error is not None:
            raise piece.error
    finally:  # also where nobody reads to the end
        left.set()
        wanted.release()
        if maker is not current_thread():
            maker.join()


def make(pieces: Iterator[T], box: Queue[T | End], wanted: Semaphore, left: Event) -> None:
    """Put a piece into the box whenever one is wanted, then the end."""
    end = End()
    while wanted.acquire() and not left.is_set():
        try:
            piece = next(pieces, end)
        except BaseException as error:  # told where the piece is used
            piece = End(error)
        box.put(piece)
        if isinstance(piece, End):
            return


def begun(jobs: Iterator[Callable[[], T]]) -> Iterator[T]:
    """What jobs give, in their order, a few of them at work at a time. An error comes in its place."""
    waiting: deque[Future[T]] = deque()
    pool = ThreadPoolExecutor(BEGUN)
    try:
        for job in with_error(jobs):
            waiting.append(pool.submit(job))
            if len(waiting) > BEGUN:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:  # also where nobody reads to the end
        pool.shutdown(cancel_futures=True)


def with_error(jobs: Iterator[Callable[[], T]]) -> Iterator[Callable[[], T]]:
    """The same jobs; an error in getting one becomes a job that raises it."""
    try:
        yield from jobs
    except Exception as error:  # told where the job's result is used
        yield partial(fail, error)


def fail(error: Exception) -> NoReturn:
    """Raise it."""
    raise error
