"""What a person sees while a network trains: a live picture, plain lines, or nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Protocol, Self, final

from rich.cells import cell_len
from rich.console import Console
from rich.live import Live as Screen
from rich.text import Text

from netrain.shown.chart import ASCII_STEPS, STEPS, Curve
from netrain.shown.summary import GAP, clipped, duration, figure, flow, literal

if TYPE_CHECKING:
    from netrain.training.fit import Epoch, Tick

REFRESH, LONGEST = 0.1, 2.0  # seconds between two pictures, at least and at most
SHARE = 0.005  # of the time that goes into pictures
WIDEST = 100  # columns of a picture
FIRST, LINES, SILENCE = 10, 50, 30.0  # see `Lines`


@dataclass(frozen=True)
class Scene:
    """What does not change while training."""

    name: str  # of the run, e.g. "iris-1"
    epochs: int
    metric: str  # the validation figure that chooses the best epoch, e.g. "loss"
    main: str  # the task's main metric, e.g. "accuracy"
    validated: bool  # False: there is no validation part
    rows: int = 0  # to train on; 0: unknown
    best: tuple[int, float | None] | None = None  # epoch and figure that a resumed run comes with

    @property
    def shown(self) -> dict[str, str]:
        """The validation figures to show, each with what to call it."""
        names = dict.fromkeys(("loss", self.main, self.metric)) if self.validated else ()
        return {name: "valid loss" if name == "loss" else name for name in names}


class View(Protocol):
    """Someone to tell how training goes. Telling is cheap, so tell everything."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def tick(self, tick: Tick) -> None:
        """A pause within an epoch."""

    def epoch(self, epoch: Epoch, patience_left: int | None) -> None:
        """The end of an epoch; after `patience_left` more without a better one training stops."""

    def note(self, text: str) -> None:
        """Talk, above the picture."""


@final
class Talk(Console):
    """Where a person is told how things go; `verbose`: one who wants to know all of it."""

    def __init__(
        self,
        *,
        stderr: bool = False,
        force_interactive: bool | None = None,
        width: int | None = None,
        height: int | None = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(stderr=stderr, force_interactive=force_interactive, width=width, height=height)
        self.verbose = verbose


def verbose(console: Console) -> bool:
    """Whether all is to be told."""
    return isinstance(console, Talk) and console.verbose


def open_view(scene: Scene, console: Console, *, quiet: bool) -> View:
    """A live picture on a terminal that can move its cursor, plain lines elsewhere and where all is to be told."""
    if quiet:
        return Quiet()
    live = console.is_terminal and console.is_interactive and not console.is_dumb_terminal and not verbose(console)
    return Live(scene, console) if live else Lines(scene, console)


@final
class Quiet:
    """Nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None: ...

    def tick(self, tick: Tick) -> None: ...

    def epoch(self, epoch: Epoch, patience_left: int | None) -> None: ...

    def note(self, text: str) -> None: ...


@final
class Lines:
    """A line an epoch, for files and pipes; of a long run only some.

    Told are the first 10 epochs, then every 50th part of the run, whatever follows half a minute of silence, the last.
    """

    def __init__(self, scene: Scene, console: Console) -> None:
        self._scene, self._console = scene, console
        self._best = scene.best
        self._seen, self._told = 0, perf_counter()  # epochs; when the last line was
        self._untold: Epoch | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._untold is not None:
            self._tell(self._untold)

    def tick(self, tick: Tick) -> None: ...

    def epoch(self, epoch: Epoch, patience_left: int | None) -> None:  # noqa: ARG002
        if epoch.best:
            self._best = epoch.epoch, epoch.valid.get(self._scene.metric)
        self._seen += 1
        due = epoch.epoch % max(1, self._scene.epochs // LINES) == 0 or perf_counter() - self._told >= SILENCE
        if self._seen <= FIRST or due or verbose(self._console):
            self._tell(epoch)
        else:
            self._untold = epoch

    def note(self, text: str) -> None:
        for line in text.splitlines():
            self._say(line)

    def _tell(self, epoch: Epoch) -> None:
        width = sys.maxsize if verbose(self._console) else self._console.width
        self._say("  ".join(fitting(self._parts(epoch), width)).rstrip())
        self._untold, self._told = None, perf_counter()

    def _parts(self, epoch: Epoch) -> list[tuple[int, str]]:
        """The facts of an epoch, each with how soon it goes where the line is too narrow for all; 0: never."""
        scene, total = self._scene, self._scene.epochs
        parts = [(0, f"epoch {epoch.epoch:>{len(str(total))}}/{total}")]
        parts.append((3 if scene.validated else 0, f"train loss {figure(epoch.train.get('loss')):>7}"))
        for name, label in scene.shown.items():
            rank = 0 if name == "loss" else 1 if name == scene.main else 2
            parts.append((rank, f"{label} {figure(epoch.valid.get(name)):>7}"))
        parts.append((5, f"lr {epoch.learning_rate:<8.3g}"))
        if self._scene.validated and self._best is not None:
            parts.append((4, f"best {figure(self._best[1]):>7} @ {self._best[0]}"))
        return parts

    def _say(self, line: str) -> None:
        self._console.print(Text(literal(line, self._console)), soft_wrap=True)


def fitting(parts: list[tuple[int, str]], width: int) -> list[str]:
    """What fits a line, in order; where not all does, the parts of the highest rank go first, from the left."""
    left = list(parts)
    while sum(cell_len(text) + 2 for _, text in left) - 2 > width:
        rank = max(rank for rank, _ in left)
        if rank == 0:
            break
        left.pop(next(i for i, part in enumerate(left) if part[0] == rank))
    return [text for _, text in left]


@final
class Live:
    """A picture of some ten lines that is drawn anew as training goes, and stays when it ends.

    It is drawn between two steps, by no thread: at most ten times a second, and for 0.5% of the time.
    """

    def __init__(self, scene: Scene, console: Console) -> None:
        self._scene, self._console = scene, console
        self._train = Curve("train loss")
        self._valid = {name: Curve(literal(label, console)) for name, label in scene.shown.items()}
        self._best = scene.best
        self._patience: int | None = None
        self._epoch, self._position = 0, 0.0  # the one under way; those finished, with its fraction
        self._learning_rate: float | None = None
        self._rows_per_second: float | None = None
        self._started = self._due = perf_counter()
        self._first: tuple[float, float] | None = None  # time and position when first told
        self._ended = False
        # stdout is data, it passes by; what others write to stderr appears above the picture
        self._screen = Screen(console=console, auto_refresh=False, redirect_stdout=False, get_renderable=self._picture)

    def __enter__(self) -> Self:
        self._screen.start(refresh=True)
        return self

    def __exit__(self, *error: object) -> None:
        self._ended = True
        self._screen.stop()

    def tick(self, tick: Tick) -> None:
        self._train.last = tick.train_loss
        self._rows_per_second = tick.rows_per_second
        self._move(tick.epoch, tick.epoch - 1 + tick.batch / tick.batches, tick.learning_rate)

    def epoch(self, epoch: Epoch, patience_left: int | None) -> None:
        if self._scene.rows and epoch.seconds > 0:
            self._rows_per_second = self._scene.rows / epoch.seconds
        self._train.add(epoch.train.get("loss"))
        for name, curve in self._valid.items():
            curve.add(epoch.valid.get(name))
        if epoch.best:
            self._best = epoch.epoch, epoch.valid.get(self._scene.metric)
        self._patience = patience_left
        self._move(epoch.epoch, epoch.epoch, epoch.learning_rate)

    def note(self, text: str) -> None:
        for line in text.splitlines():
            self._console.print(Text(literal(line, self._console)))

    def _move(self, epoch: int, position: float, learning_rate: float) -> None:
        self._epoch, self._position, self._learning_rate = epoch, position, learning_rate
        now = perf_counter()
        if self._first is None:
            self._first = now, position
        if now >= self._due:
            self._screen.refresh()
            drawn = perf_counter()
            self._due = drawn + min(max(REFRESH, (drawn - now) / SHARE), LONGEST)

    def _picture(self) -> Text:
        width = min(self._console.width, WIDEST)
        name = Text(clipped(literal(self._scene.name, self._console), width // 3), "bold")
        if not self._ended:
            pace, best = flow(self._pace(), width), flow(self._standing(), width)
            lines = [self._bar(name, width), *pace, Text(), *self._curves(width), Text(), *best]
        else:
            whole = Text(
                f"{int(self._position)} of {self._scene.epochs} epochs in {duration(perf_counter() - self._started)}"
            )
            curves = self._curves(width) if self._position >= 1 else ()
            lines = [*flow((name, whole, *self._standing()), width), *curves]
        return Text("\n", no_wrap=True, overflow="crop").join(lines)

    def _bar(self, name: Text, width: int) -> Text:
        """Done and not done differ by character, so that colour is not needed."""
        ascii_only = self._console.options.ascii_only
        share = min(1.0, self._position / self._scene.epochs)
        room = max(2, width - name.cell_len - 2 * len(GAP) - 4)
        whole, half = divmod(int(2 * room * share), 2)
        done = "#" * whole if ascii_only else "━" * whole + "╾" * half
        rest = ("." if ascii_only else "─") * (room - len(done))
        return Text.assemble(name, GAP, (done, "magenta"), (rest, "dim"), GAP, f"{int(100 * share):>3}%")

    def _pace(self) -> Iterator[Text]:
        yield Text(f"epoch {self._epoch}/{self._scene.epochs}")
        seconds, epochs = 0.0, 0.0
        if self._first is not None:
            seconds, epochs = perf_counter() - self._first[0], self._position - self._first[1]
        if epochs:
            left = duration(seconds / epochs * (self._scene.epochs - self._position))
            yield Text(f"up to {left} left" if self._patience is not None else f"{left} left")
        if self._learning_rate is not None:
            yield Text.assemble(("lr ", "dim"), f"{self._learning_rate:.3g}")
        if self._rows_per_second is not None:
            yield Text.assemble(f"{self._rows_per_second:,.0f}", (" rows/s", "dim"))

    def _curves(self, width: int) -> Iterator[Text]:
        """`valid loss   0.1420   █▆▄▂▁▁`, one below the other."""
        steps = ASCII_STEPS if self._console.options.ascii_only else STEPS
        curves = [self._train, *self._valid.values()]
        names = [clipped(curve.name, width // 3) for curve in curves]
        values = [figure(curve.last) for curve in curves]
        widest, wide = max(map(cell_len, names)), max(6, *map(len, values))
        for curve, name, value in zip(curves, names, values, strict=True):
            drawn = curve.drawn(max(1, width - widest - wide - 2 * len(GAP)), steps)
            padding = " " * (widest - cell_len(name))
            yield Text.assemble((name, "dim"), padding, GAP, f"{value:>{wide}}", GAP, (drawn, "magenta"))

    def _standing(self) -> Iterator[Text]:
        """The best so far, and what is left of the patience."""
        if self._scene.validated and self._best is not None:
            epoch, value = self._best
            metric = clipped(literal(self._scene.metric, self._console), self._console.width // 3)
            yield Text.assemble((f"best {metric} ", "dim"), (figure(value), "bold"), (" at epoch ", "dim"), str(epoch))
        if self._patience is not None and not self._ended:
            yield Text.assemble(("patience left ", "dim"), str(self._patience))
