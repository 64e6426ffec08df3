"""Ctrl-C and termination, asked for once: finish the step and save. Twice: at once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self

SOFT = (signal.SIGTERM, signal.SIGHUP)  # sent by schedulers, and by a terminal that closes


class Ended(BaseException):
    """A signal came where there is nothing to save, or for the second time."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        what = "interrupted at once" if number == signal.SIGINT else f"ended by {signal.Signals(number).name}"
        self.told, self.code = f"{what}; what was saved before is whole", 128 + number


class Stop(BaseException):
    """A signal came during work that may be thrown away."""


@contextmanager
def ending() -> Iterator[None]:
    """Within, a signal raises Ended, so that what was begun is cleaned up."""
    before = {number: signal.signal(number, _end) for number in (signal.SIGINT, *SOFT) if not ignored(number)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Interrupts:
    """While entered, the first SIGINT, SIGTERM or SIGHUP is noted in `signal`; the second SIGINT interrupts."""

    def __init__(self) -> None:
        self.signal: int | None = None
        self._before: dict[int, object] = {}
        self._at_once = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, *SOFT):
            if number == signal.SIGINT or not ignored(number):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type]  # what signal.signal gave, it takes

    @property
    def exit_code(self) -> int:
        """128 and the number of the signal, as shells count; 0 where none came."""
        return 128 + self.signal if self.signal else 0

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Within, a signal raises Stop: for work that takes long and may be thrown away."""
        self._at_once = True
        try:
            if self.signal is not None:
                raise Stop
            yield
        finally:
            self._at_once = False

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        if self.signal is not None and number == signal.SIGINT:
            raise Ended(number)
        self.signal = self.signal or number
        if self._at_once:
            self._at_once = False
            raise Stop


def ignored(number: int) -> bool:
    """Whether the process was started to ignore a signal, as by nohup."""
    return signal.getsignal(number) is signal.SIG_IGN


def _end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise Ended(number)
