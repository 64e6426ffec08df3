"""A bag killed and signalled at any moment: what is done stays, and the end is that of the unbroken one."""

import random
import shutil
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from tiny import checkpoints, figures
from zygote import Zygote, reached, signalled

from netrain.runs.run import Run

MEMBERS = ("bag-1", "bag-2", "bag-3")


@pytest.fixture
def whole(zygote: Zygote, tiny: Path, tmp_path: Path) -> float:
    """The unbroken bag, in the run `whole`; the seconds that it takes."""
    tiny.write_text(tiny.read_text().replace("epochs: 3", "epochs: 6, bag: 3"))
    child = zygote.start(tmp_path, ("train", tiny, "--run-dir", "whole", "-q"))
    assert child.wait() == 0, child.err
    return time.monotonic() - child.started


def same(folder: Path) -> None:
    """The broken bag is as the unbroken one."""
    for name in MEMBERS:
        assert checkpoints(folder / "broken" / name) == checkpoints(folder / "whole" / name)
        assert figures(folder / "broken" / name) == figures(folder / "whole" / name)
    for name in ("checkpoints/best.safetensors", "out_of_fold.csv", "split.json"):
        assert (folder / "broken" / name).read_bytes() == (folder / "whole" / name).read_bytes()
    assert Run(folder / "broken").ended() == Run(folder / "whole").ended()
    assert not list((folder / "broken").rglob("*.tmp")), "what was on its way is swept"


@pytest.mark.parametrize("trials", [pytest.param(60, marks=pytest.mark.slow), 1])
def test_a_bag_killed_at_any_moment_goes_on_and_trains_nothing_twice(
    zygote: Zygote, tiny: Path, tmp_path: Path, whole: float, trials: int
) -> None:
    rng, killed = random.Random(1), 0
    while killed < trials:
        shutil.rmtree(tmp_path / "broken", ignore_errors=True)
        child = zygote.start(tmp_path, ("train", tiny, "--run-dir", "broken", "-q"))
        time.sleep(rng.uniform(0.3, 1.0) * whole)
        with suppress(ProcessLookupError):
            child.kill()
        if child.wait() != -signal.SIGKILL or not (tmp_path / "broken/config.yaml").exists():
            continue
        killed += 1
        done = [Run(tmp_path / "broken" / name) for name in MEMBERS]
        kept = [run.best for run in done if run.ended() is not None]
        before = [path.stat().st_mtime_ns for path in kept]
        again = zygote.start(tmp_path, ("resume", "broken", "-q"))
        assert again.wait() == 0, again.err
        same(tmp_path)
        assert [path.stat().st_mtime_ns for path in kept] == before


GO_ON = "to go on: netrain resume broken"


@pytest.mark.parametrize(
    ("place", "number", "told"),
    [
        ("step:20", signal.SIGINT, GO_ON),
        ("save:20", signal.SIGTERM, GO_ON),
        ("report:2", signal.SIGINT, f"stopped after network 2/3, saved; {GO_ON}"),  # between two, the last is named
        pytest.param("save:36", signal.SIGINT, GO_ON, marks=pytest.mark.slow),
        pytest.param("validate:12", signal.SIGINT, GO_ON, marks=pytest.mark.slow),
    ],
)
def test_a_signal_saves_what_a_bag_has_done(
    zygote: Zygote, tiny: Path, tmp_path: Path, whole: float, place: str, number: int, told: str
) -> None:
    assert whole > 0
    child = signalled(zygote, tmp_path, tiny, place, number)
    assert told in child.err
    again = zygote.start(tmp_path, ("resume", "broken", "-q"))
    assert again.wait() == 0, again.err
    same(tmp_path)


def test_a_signal_while_a_bag_is_reported_lets_the_report_end(
    zygote: Zygote, tiny: Path, tmp_path: Path, whole: float
) -> None:
    assert whole > 0
    child = zygote.start(tmp_path, ("train", tiny, "--run-dir", "broken"), barrier="report:4")
    reached(tmp_path, child)
    child.kill(signal.SIGINT)
    time.sleep(0.05)
    (tmp_path / "go").touch()
    assert child.wait() == 0, child.err
    assert "to go on" not in child.err
    same(tmp_path)
