"""Work done ahead: the next piece is made while the last one is used."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Queue
from threading import Event, Semaphore, Thread, current_thread
from typing import TypeVar

T = TypeVar("T")


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
