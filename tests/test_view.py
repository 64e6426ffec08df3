"""What a person sees while a network trains."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from io import BytesIO, StringIO, TextIOWrapper
from math import inf, nan
from time import perf_counter, sleep

import pytest
from rich.cells import cell_len
from rich.console import Console

from netrain.shown.chart import ASCII_STEPS, STEPS, Curve
from netrain.shown.view import REFRESH, Lines, Live, Quiet, Scene, Talk, View, open_view
from netrain.training.fit import Epoch, Figures, Tick

WIDTHS = (40, 60, 80, 120)
COLOUR = re.compile(r"\x1b\[(?:\d+;)*[34]\d[;m]")
ERASED = re.compile(r"\r\x1b\[2K(?:\x1b\[1A\x1b\[2K)*")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)


def terminal(width: int = 80, *, no_color: bool = False) -> Console:
    return Console(file=StringIO(), force_terminal=True, width=width, no_color=no_color)


def paper(width: int = 80) -> Console:
    return Console(file=StringIO(), width=width)


def written(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def frames(text: str) -> list[str]:
    """The pictures in the order drawn, without colours and cursor movements."""
    return [re.sub(r"\x1b\[[?\d;]*[a-zA-Z]", "", part) for part in ERASED.split(text)]


def scene(epochs: int = 80, **other: object) -> Scene:
    facts: dict[str, object] = {"name": "iris-1", "metric": "loss", "main": "accuracy", "validated": True}
    return Scene(epochs=epochs, **(facts | other))  # type: ignore[arg-type]


def epoch(n: int, loss: float | None = None, valid: Figures | None = None, *, best: bool = True) -> Epoch:
    loss = 1.0 / n if loss is None else loss
    figures: Figures = {"loss": loss * 1.1, "accuracy": 1.0 - loss / 2.0} if valid is None else valid
    return Epoch(n, 4 * n, 0.001, 0.00098, {"loss": loss}, figures, 1.0, 0.1, best)


def tick(n: int, batch: int = 1) -> Tick:
    return Tick(n, batch, 4, 0.00098, 0.4321, 12_345.6)


def run(view: View, last: int, first: int = 1) -> None:
    with view:
        for n in range(first, last + 1):
            view.tick(tick(n))
            view.epoch(epoch(n), 20)


def drawn(console: Console, view: View, told: Tick) -> str:
    """The picture after a tick that was told until it was drawn."""
    count = len(frames(written(console)))
    deadline = perf_counter() + 10.0
    while len(frames(written(console))) == count and perf_counter() < deadline:
        view.tick(told)
        sleep(REFRESH / 4)
    return frames(written(console))[-1]


# Which view


def test_a_terminal_gets_a_picture_and_everything_else_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(open_view(scene(), terminal(), quiet=False), Live)
    assert isinstance(open_view(scene(), paper(), quiet=False), Lines)
    assert isinstance(open_view(scene(), terminal(), quiet=True), Quiet)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(open_view(scene(), terminal(), quiet=False), Lines)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("TTY_INTERACTIVE", "0")
    assert isinstance(open_view(scene(), terminal(), quiet=False), Lines)


@pytest.mark.parametrize("make", [terminal, paper])
def test_quiet_is_quiet(make: Callable[[], Console]) -> None:
    console = make()
    view = open_view(scene(), console, quiet=True)
    run(view, 5)
    view.note("nobody hears this")
    assert written(console) == ""


# The picture


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("epochs", [3, 80, 100_000])
def test_no_line_of_any_picture_is_wider_than_the_terminal(width: int, epochs: int) -> None:
    console = terminal(width)
    run(open_view(scene(epochs, name="runs/" + "long" * 30, main="m" * 40), console, quiet=False), min(epochs, 2000))
    lines = [line for frame in frames(written(console)) for line in frame.splitlines()]
    assert max(map(cell_len, lines)) <= width
    assert len(frames(written(console))[1].splitlines()) <= 11


@pytest.mark.parametrize("width", WIDTHS)
def test_the_picture_holds_the_facts(width: int) -> None:
    console = terminal(width)
    with open_view(scene(), console, quiet=False) as view:
        for n in range(1, 21):
            view.epoch(epoch(n), 7)
        now = drawn(console, view, tick(21, batch=2))
    for expected in ("iris-1   ━━━━", "────", " 25%", "epoch 21/80", "lr 0.00098", "12,346 rows/s"):
        assert expected in now
    assert re.search(r"train loss +0\.4321 +█", now)
    assert re.search(r"valid loss +0\.05500 +█", now)
    assert re.search(r"accuracy +0\.9750 +▁", now)
    assert "best loss 0.05500 at epoch 20" in now
    assert "patience left 7" in now
    assert re.search(r"up to \S+ s left", now)


def test_without_a_patience_rule_the_time_left_is_no_bound() -> None:
    console = terminal()
    with open_view(scene(), console, quiet=False) as view:
        view.epoch(epoch(1), None)
        now = drawn(console, view, tick(2))
    assert re.search(r" s left", now)
    assert "up to" not in now
    assert "patience" not in now


def test_the_fraction_of_an_epoch_moves_the_bar() -> None:
    console = terminal()
    with open_view(scene(epochs=1), console, quiet=False) as view:
        shares = [re.search(r"(\d+)%", drawn(console, view, tick(1, batch)))[1] for batch in (1, 2, 3)]  # type: ignore[index]
    assert shares == ["25", "50", "75"]


def test_rows_per_second_of_epochs_too_short_for_a_pause() -> None:
    console = terminal()
    with open_view(replace(scene(epochs=1_000_000), rows=500), console, quiet=False) as view:
        n, started = 0, perf_counter()
        while perf_counter() - started < 3 * REFRESH:
            n += 1
            view.epoch(replace(epoch(n), seconds=0.25), None)
    assert any("2,000 rows/s" in frame for frame in frames(written(console)))


def test_it_is_drawn_ten_times_a_second_at_most() -> None:
    console, started = terminal(), perf_counter()
    run(open_view(scene(epochs=20_000), console, quiet=False), 20_000)
    assert len(frames(written(console))) <= 5 + (perf_counter() - started) / REFRESH


def test_the_end_is_brief_and_stays() -> None:
    console = terminal()
    run(open_view(scene(), console, quiet=False), 40)
    last = frames(written(console))[-1].rstrip().splitlines()
    assert len(last) == 4
    assert re.match(r"iris-1   40 of 80 epochs in \S+ s   best loss 0\.02750 at epoch 40", last[0])
    assert "left" not in "".join(last)


def test_an_error_passes_through_and_leaves_the_state_before_it() -> None:
    console = terminal()
    view = open_view(scene(), console, quiet=False)

    def interrupted() -> None:
        with view:
            view.epoch(epoch(1), None)
            view.epoch(epoch(2), None)
            view.tick(tick(3))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "2 of 80 epochs" in frames(written(console))[-1]
    assert written(console).endswith("\x1b[?25h")  # the cursor is back


def test_before_the_first_epoch_there_is_no_curve() -> None:
    console = terminal()
    with open_view(scene(), console, quiet=False):
        pass
    assert "0 of 80 epochs" in frames(written(console))[-1]
    assert "loss" not in frames(written(console))[-1]


def test_no_color_means_no_colour() -> None:
    coloured, plain = terminal(), terminal(no_color=True)
    for console in (coloured, plain):
        run(open_view(scene(), console, quiet=False), 20)
    assert COLOUR.search(written(coloured))
    assert not COLOUR.search(written(plain))
    assert frames(written(plain))[-1].split(" in ")[0] == frames(written(coloured))[-1].split(" in ")[0]


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_other_encodings_get_what_they_can_write(encoding: str, live: bool) -> None:
    file = TextIOWrapper(BytesIO(), encoding=encoding)
    console = Console(file=file, force_terminal=live, width=80)
    view = open_view(scene(name="größe-日本"), console, quiet=False)
    view.note("größe-日本")
    run(view, 30)
    file.flush()
    text = "\n".join(frames(file.buffer.getvalue().decode(encoding)))
    assert "gr??e-??" in text if encoding == "ascii" else "größe-??" in text
    assert not live or re.search(r"valid loss +\S+ +#[#=.-]+_+\n", text)


@pytest.mark.parametrize("make", [terminal, paper])
def test_names_and_notes_are_literal(make: Callable[[], Console]) -> None:
    console = make()
    odd = scene(name="[red]a[/red]\x1b[31m:smile:", main="[bold]m\x07\x9b2J", metric="x\ny\u202e")
    with open_view(odd, console, quiet=False) as view:
        view.note("[link=x]target[/link]\x1b]0;title\x07\nsecond")
        view.epoch(epoch(1, valid={"loss": 1.0, odd.main: 2.0, odd.metric: 3.0}), None)
    text = frames(written(console))
    for line in ("[link=x]target[/link]]0;title\n", "second\n"):
        assert any(part.startswith(line) for part in "\n".join(text).splitlines(keepends=True))
    assert "[bold]m2J" in text[-1]
    assert "x y" in text[-1]
    assert not re.search("[\x07\x9b\u202e]", written(console))
    assert "\x1b[31m" not in written(console)
    assert isinstance(open_view(odd, console, quiet=False), Lines) or "[red]a[/red][31m:sm" in text[-1]


def test_without_validation_there_is_only_the_training_loss() -> None:
    for console in (terminal(), paper()):
        with open_view(scene(validated=False), console, quiet=False) as view:
            for n in range(1, 10):
                view.epoch(epoch(n, valid={}), None)
        text = frames(written(console))[-1]
        assert "train loss" in text
        assert not re.search("valid|accuracy|best", text)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (nan, "nan"),
        (inf, "inf"),
        (-inf, "-inf"),
        (1e300, "1.000e+300"),
        (-1e300, "-1.000e+300"),
        (0.0, "0.000"),
        (5e-324, "4.941e-324"),
        (47_311.6, "47,312"),
        (999.96, "1,000"),
        (-0.5, "-0.5000"),
    ],
)
@pytest.mark.parametrize("make", [terminal, paper])
def test_odd_figures_are_shown_as_they_are(make: Callable[[], Console], value: float | None, shown: str) -> None:
    console = make()
    with open_view(scene(), console, quiet=False) as view:
        for n in range(1, 31):
            view.epoch(epoch(n, valid={"loss": value if n % 3 else 1.0, "accuracy": value}, best=n == 1), None)
    assert re.search(rf"accuracy +{re.escape(shown)}(?!\S)", frames(written(console))[-1])


def test_a_resumed_run_goes_on_where_it_was() -> None:
    console = terminal()
    with open_view(scene(epochs=200, best=(90, 0.0123)), console, quiet=False) as view:
        view.epoch(epoch(100, best=False), 5)
        now = frames(written(console))[-1]
    assert " 50%" in now
    assert "epoch 100/200" in now
    assert "best loss 0.01230 at epoch 90" in now
    assert "s left" not in now  # nothing to estimate from, as yet


def test_notes_stand_above_the_picture_and_stdout_passes_by(capsys: pytest.CaptureFixture[str]) -> None:
    console = terminal()
    with open_view(scene(), console, quiet=False) as view:
        view.epoch(epoch(1), None)
        view.note("dropped 3 rows")
        print("data")
    assert capsys.readouterr().out == "data\n"
    assert "data" not in written(console)
    assert frames(written(console))[-2].startswith("dropped 3 rows\niris-1")


# Lines


@pytest.mark.parametrize(
    ("epochs", "last", "count"), [(5, 5, 5), (50, 50, 50), (200, 200, 8 + 50), (1000, 1000, 60), (100_000, 333, 11)]
)
def test_long_runs_are_thinned_and_the_last_epoch_is_told(epochs: int, last: int, count: int) -> None:
    console = paper()
    run(open_view(scene(epochs), console, quiet=False), last)
    told = [int(n) for n in re.findall(r"^epoch +(\d+)/", written(console), re.M)]
    assert len(told) == count
    assert told == sorted(set(told))
    assert told[:5] == [1, 2, 3, 4, 5]
    assert told[-1] == last


def test_a_line_holds_the_facts_in_columns() -> None:
    console = paper(width=120)
    with open_view(scene(epochs=200), console, quiet=False) as view:
        for n in range(1, 13):
            view.epoch(epoch(n, best=n < 5), 3)
    lines = written(console).splitlines()
    assert lines[-1] == (
        "epoch  12/200  train loss 0.08333  valid loss 0.09167  accuracy  0.9583  lr 0.00098   best  0.2750 @ 4"
    )
    assert len({line.index("best") for line in lines}) == 1
    assert "\x1b" not in written(console)


@pytest.mark.parametrize(
    ("width", "said"),
    [
        (100, "epoch  12/200  train loss 0.08333  valid loss 0.09167  accuracy  0.9583  best 0.09167 @ 12"),
        (80, "epoch  12/200  train loss 0.08333  valid loss 0.09167  accuracy  0.9583"),
        (60, "epoch  12/200  valid loss 0.09167  accuracy  0.9583"),
        (40, "epoch  12/200  valid loss 0.09167"),
        (20, "epoch  12/200  valid loss 0.09167"),
    ],
)
def test_a_narrow_line_keeps_the_loss_and_the_main_metric(width: int, said: str) -> None:
    console = paper(width)
    run(open_view(scene(epochs=200), console, quiet=False), 12)
    assert written(console).splitlines()[-1] == said


def test_verbose_tells_every_epoch_in_lines_on_any_console(monkeypatch: pytest.MonkeyPatch) -> None:
    file = StringIO()
    monkeypatch.setattr("sys.stderr", file)
    view = open_view(scene(epochs=1000), Talk(stderr=True, width=80, verbose=True), quiet=False)
    assert isinstance(view, Lines)
    run(view, 300)
    assert re.findall(r"^epoch +(\d+)/", file.getvalue(), re.M) == [str(n) for n in range(1, 301)]


def test_a_metric_of_its_own_is_shown_and_chosen() -> None:
    for console in (terminal(), paper(120)):
        with open_view(scene(metric="f1"), console, quiet=False) as view:
            view.epoch(epoch(1, valid={"loss": 0.5, "accuracy": 0.75, "f1": 0.625}), None)
        text = frames(written(console))[-1]
        assert re.search(r"f1 +0\.6250", text)
        assert re.search(r"best (f1 )?0\.6250|best +0\.6250", text)


# Curves


def curve(values: Iterable[float | None]) -> Curve:
    made = Curve("loss")
    for value in values:
        made.add(value)
    return made


@pytest.mark.parametrize("steps", [STEPS, ASCII_STEPS])
@pytest.mark.parametrize("n", [1, 2, 3, 50, 255, 256, 257, 100_000])
def test_a_rising_figure_rises(n: int, steps: str) -> None:
    shape = curve(range(n)).drawn(64, steps)
    assert len(shape) <= 64
    assert n < 256 or len(shape) == 64
    assert list(shape) == sorted(shape, key=steps.index)
    assert n < 2 or (shape[0], shape[-1]) == (steps[0], steps[-1])


@pytest.mark.parametrize("n", [20, 200, 5000])
def test_huge_first_values_do_not_flatten_the_rest(n: int) -> None:
    values: list[float | None] = [1e9, 1e7, *(1.0 - i / n for i in range(n))]
    assert len(set(curve(values).drawn(64, STEPS))) >= 6


def test_what_is_missing_is_blank() -> None:
    assert curve([1.0, None, nan, inf, 2.0]).drawn(10, STEPS) == "▁   █"
    assert curve([None, None]).drawn(10, STEPS).strip() == ""
    assert curve([]).drawn(10, STEPS) == ""
