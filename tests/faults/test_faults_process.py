"""Processes killed, signalled, crowded and short of everything."""

import errno
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from small import Program, small_table
from tiny import checkpoints, figures
from zygote import Zygote, reached, signalled

from netrain.interrupts import Interrupts, Stop, ending
from netrain.runs.bundle import load_bundle
from netrain.runs.run import Run

NETRAIN = (sys.executable, "-m", "netrain")
LONG = """\
data: {path: many.csv, target: label, columns: {value: drop, city: drop}}
model: {name: mlp, hidden: [16], dropout: 0.1}
training: {epochs: 2, batch_size: 4, stop: never, save_every: 0, schedule: constant, average: ema}
"""


def unbroken(zygote: Zygote, folder: Path, config: Path) -> float:
    """Train whole, in the run `whole`; the seconds that it takes."""
    child = zygote.start(folder, ("train", config, "--run-dir", "whole", "-q"))
    assert child.wait() == 0, child.err
    return time.monotonic() - child.started


def same(folder: Path, name: str) -> None:
    """A run is as the unbroken one."""
    assert checkpoints(folder / name) == checkpoints(folder / "whole")
    assert figures(folder / name) == figures(folder / "whole")
    assert not list((folder / name).rglob("*.tmp")), "what was on its way is swept"


@pytest.mark.parametrize("trials", [pytest.param(200, marks=pytest.mark.slow), 2])
def test_a_training_killed_at_any_moment_goes_on_from_its_last_checkpoint(
    zygote: Zygote, tiny: Path, tmp_path: Path, trials: int
) -> None:
    """Counted are kills of a process that lives; each resumed run ends in the bytes of the unbroken one."""
    tiny.write_text(tiny.read_text().replace("epochs: 3", "epochs: 30"))
    took = unbroken(zygote, tmp_path, tiny)
    rng, killed, ahead = random.Random(0), 0, 0
    while killed < trials:
        child = zygote.start(tmp_path, ("train", tiny, "--run-dir", "broken", "-q"))
        time.sleep(rng.uniform(0.0, took))
        if not child.alive:
            shutil.rmtree(tmp_path / "broken")
            continue
        with suppress(ProcessLookupError):
            child.kill()
        if child.wait() != -signal.SIGKILL:  # it ended just before
            assert child.wait() == 0, child.err
            shutil.rmtree(tmp_path / "broken")
            continue
        run = Run(tmp_path / "broken")
        if not run.config.exists():  # killed before anything was begun
            shutil.rmtree(tmp_path / "broken", ignore_errors=True)
            continue
        killed += 1
        logged = sum(1 for _ in run.logged())
        if run.last.exists():
            saved = load_bundle(run.last).checked.epoch
            assert logged - 1 <= saved <= logged, "the epoch saved is the last one told, or the one before it"
            ahead += 1
        again = zygote.start(tmp_path, ("resume", "broken", "-q"))
        assert again.wait() == 0, again.err
        same(tmp_path, "broken")
        shutil.rmtree(tmp_path / "broken")
    assert ahead > 0, "none was killed while it trained"


@pytest.mark.parametrize("trials", [pytest.param(20, marks=pytest.mark.slow), 1])
def test_a_training_killed_within_a_long_epoch_goes_on_within_it(
    zygote: Zygote, tiny: Path, tmp_path: Path, trials: int
) -> None:
    small_table(24_000).write_csv(tmp_path / "many.csv")
    tiny.write_text(LONG)
    unbroken(zygote, tmp_path, tiny)
    for _ in range(trials):
        child = zygote.start(tmp_path, ("train", tiny, "--run-dir", "broken", "-q"))
        last = Run(tmp_path / "broken").last
        while not last.exists():
            assert child.alive, child.err
            time.sleep(0.002)
        child.kill()
        child.wait()
        state = load_bundle(last).state()
        assert state.epoch == 0
        assert state.batch > 0, "it was saved within the first epoch"
        again = zygote.start(tmp_path, ("resume", "broken", "-q"))
        assert again.wait() == 0, again.err
        same(tmp_path, "broken")
        shutil.rmtree(tmp_path / "broken")


PLACES = ("read", "step", "step:7", "validate", "validate:2", "save:3", "save:5")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
QUICK = {(p, signal.SIGTERM) for p in ("read", "step", "validate", "save:3")} | {("step:7", n) for n in SIGNALS[::2]}


@pytest.mark.parametrize(
    ("place", "number"),
    [
        pytest.param(place, number, marks=[pytest.mark.slow] * ((place, number) not in QUICK))
        for place in PLACES
        for number in SIGNALS
    ],
)
def test_a_signal_anywhere_is_honoured_and_what_was_done_is_saved(
    zygote: Zygote, tiny: Path, tmp_path: Path, place: str, number: int
) -> None:
    unbroken(zygote, tmp_path, tiny)
    child = signalled(zygote, tmp_path, tiny, place, number)
    if not (tmp_path / "broken").exists():
        assert place == "read"
        return
    assert f"netrain resume {'broken'}" in child.err or "what was saved before is whole" in child.err
    (tmp_path / "go").touch()
    again = zygote.start(tmp_path, ("resume", "broken", "-q"))
    assert again.wait() == 0, again.err
    same(tmp_path, "broken")


def test_a_second_ctrl_c_ends_at_once(zygote: Zygote, tiny: Path, tmp_path: Path) -> None:
    unbroken(zygote, tmp_path, tiny)
    child = zygote.start(tmp_path, ("train", tiny, "--run-dir", "broken"), barrier="step:5")
    reached(tmp_path, child)
    for _ in range(2):
        child.kill(signal.SIGINT)
        time.sleep(0.05)
    assert child.wait() == 130
    assert "interrupted at once; what was saved before is whole" in child.err
    assert zygote.start(tmp_path, ("resume", "broken", "-q")).wait() == 0
    same(tmp_path, "broken")


def test_a_signal_after_training_lets_the_report_end_and_a_second_ctrl_c_does_not(
    zygote: Zygote, tiny: Path, tmp_path: Path
) -> None:
    unbroken(zygote, tmp_path, tiny)
    for name, signals, code in (("r1", 1, 0), ("r2", 2, 130)):
        child = zygote.start(tmp_path, ("train", tiny, "--run-dir", name), barrier="report")
        reached(tmp_path, child)
        for _ in range(signals):
            child.kill(signal.SIGINT)
            time.sleep(0.05)
        (tmp_path / "go").touch()
        assert child.wait() == code, child.err
        assert "to go on" not in child.err
        assert (Run(tmp_path / name).ended() == "all epochs done") == (signals == 1)
        again = zygote.start(tmp_path, ("resume", name))
        assert again.wait() == 0, again.err
        assert ("is finished" in again.err) == (signals == 1)
        assert Run(tmp_path / name).ended() == "all epochs done"
        for file in ("at", "go"):
            (tmp_path / file).unlink()


def test_a_report_of_fewer_epochs_than_were_trained_is_made_anew(zygote: Zygote, tiny: Path, tmp_path: Path) -> None:
    unbroken(zygote, tmp_path, tiny)
    more = ("resume", "whole", "-s", "training.epochs=5", "-q")
    child = zygote.start(tmp_path, more, barrier="report")
    reached(tmp_path, child)
    child.kill()
    child.wait()
    assert zygote.start(tmp_path, more).wait() == 0
    assert (Run(tmp_path / "whole").read_report() or {})["epochs"] == 5


def test_work_that_may_be_thrown_away_stops_at_once_and_other_work_does_not() -> None:
    with Interrupts() as interrupts:
        with pytest.raises(Stop), interrupts.at_once():
            os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stop), interrupts.at_once():
            pytest.fail("it came before")
        os.kill(os.getpid(), signal.SIGTERM)
        assert interrupts.exit_code == 143


def test_a_signal_that_the_process_was_started_to_ignore_is_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with ending(), Interrupts() as interrupts:
            os.kill(os.getpid(), signal.SIGHUP)
            assert interrupts.signal is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_run_is_held_by_one_and_taken_over_from_the_dead(zygote: Zygote, tiny: Path, tmp_path: Path) -> None:
    unbroken(zygote, tmp_path, tiny)
    child = zygote.start(tmp_path, ("train", tiny, "--run-dir", "broken", "-q"), barrier="step:4")
    reached(tmp_path, child)
    second = zygote.start(tmp_path, ("resume", "broken", "-q"))
    assert second.wait() == 6
    assert f"another process works in this run: process {child.pid} on " in second.err
    third = zygote.start(tmp_path, ("train", tiny, "--run-dir", "broken", "-q"))
    assert third.wait() == 2, "it is not empty"
    child.kill()
    child.wait()
    assert zygote.start(tmp_path, ("resume", "broken", "-q")).wait() == 0
    same(tmp_path, "broken")


def test_runs_begun_at_the_same_moment_get_folders_of_their_own(zygote: Zygote, tiny: Path, tmp_path: Path) -> None:
    children = [zygote.start(tmp_path, ("train", tiny, "-q")) for _ in range(3)]
    assert [child.wait() for child in children] == [0, 0, 0], [child.err for child in children]
    assert sorted(p.name for p in (tmp_path / "runs").iterdir()) == ["tiny-1", "tiny-2", "tiny-3"]


def test_a_reader_that_leaves_and_streams_that_are_closed_or_full_stop_no_training(tiny: Path, tmp_path: Path) -> None:
    for number, redirection in enumerate(("2>&1 | head -1", "2>/dev/full", ">&- 2>&-", "--json | true")):
        command = f"{' '.join(NETRAIN)} train {tiny} --run-dir r{number} {redirection}; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, (redirection, done.stderr)
        assert "Traceback" not in done.stderr
        report = json.loads((tmp_path / f"r{number}/report.json").read_text())
        assert report["stopped"]["reason"] == "all epochs done"
        assert checkpoints(tmp_path / f"r{number}") == checkpoints(tmp_path / "r0")


@pytest.mark.usefixtures("run")
def test_a_full_disk_behind_stdout_is_told(tmp_path: Path) -> None:
    for words in ("evaluate run --json", "schema"):
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [*NETRAIN, *words.split()], stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path
            )
        assert (done.returncode, done.stderr) == (5, "error: stdout: cannot be written: No space left on device\n")


def test_a_bound_on_files_is_a_full_disk(zygote: Zygote, tiny: Path, tmp_path: Path) -> None:
    unbroken(zygote, tmp_path, tiny)
    child = zygote.start(tmp_path, ("train", tiny, "--run-dir", "r", "-q"), limits=[(resource.RLIMIT_FSIZE, 3000)])
    assert child.wait() == 5
    assert f"last.safetensors: cannot be written: {os.strerror(errno.EFBIG)}" in child.err
    assert not list((tmp_path / "r").rglob("*.tmp"))
    shutil.move(tmp_path / "r", tmp_path / "broken")
    assert zygote.start(tmp_path, ("resume", "broken", "-q")).wait() == 0
    same(tmp_path, "broken")


def test_memory_that_is_not_there_is_told_with_its_size(netrain: Program, tiny: Path) -> None:
    told = netrain("train", tiny, "-s", "model.hidden=[2000000, 2000000]")
    assert told.code == 5, told.err
    assert "a network of 4,000,0" in told.err
    assert "GB to train; this machine has" in told.err
    assert not Path("runs").exists()


def test_too_little_memory_on_the_way_is_told(zygote: Zygote, tiny: Path, tmp_path: Path) -> None:
    limits = [(resource.RLIMIT_AS, 3 << 30)]
    words = ("train", tiny, "-q", "-s", "model.hidden=[8000]", "-s", "training.batch_size=100000")
    child = zygote.start(tmp_path, words, limits=limits)
    assert child.wait() == 5, child.err
    assert "error: memory does not suffice: unable to allocate" in child.err
    assert "Traceback" not in child.err


def test_environment_changes_no_byte(tiny: Path, tmp_path: Path) -> None:
    changes: dict[str, dict[str, str]] = {
        "plain": {},
        "poor": {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "NO_COLOR": "1", "TERM": "dumb"},
        "far": {"LC_ALL": "C.UTF-8", "TZ": "Pacific/Kiritimati", "COLUMNS": "20", "FORCE_COLOR": "1", "LANG": "de_DE"},
    }
    for name, change in changes.items():
        done = subprocess.run(
            [*NETRAIN, "train", tiny, "--run-dir", name], env=os.environ | change, cwd=tmp_path, capture_output=True
        )
        assert done.returncode == 0, done.stderr
        assert checkpoints(tmp_path / name) == checkpoints(tmp_path / "plain")
        for file in ("config.yaml", "split.json"):
            assert (tmp_path / name / file).read_bytes() == (tmp_path / "plain" / file).read_bytes()


def test_a_clock_set_back_gives_no_negative_time(
    netrain: Program, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [2e9]

    def back() -> float:
        now[0] -= 1000.0
        return now[0]

    monkeypatch.setattr(time, "time", back)
    monkeypatch.setattr("netrain.storage.time", back)
    assert netrain("train", tiny, "--run-dir", "r", "-q").code == 0
    assert all(epoch["seconds"] >= 0 for epoch in Run(tmp_path / "r").logged())
    assert Run(tmp_path / "r").read_report()["seconds"] >= 0  # type: ignore[index]


def can(*command: str) -> bool:
    """Whether the machine lets a command of its own do what a test needs."""
    return bool(shutil.which(command[0])) and subprocess.run(command, capture_output=True).returncode == 0


CALLS = [
    "fsync:error=EIO:when=9",
    "write:error=ENOSPC:when=12+",
    "rename:signal=KILL:when=4",
    "fsync:signal=KILL:when=9",
]


@pytest.mark.slow
# Linux alone has strace, and a container may forbid it; the same faults are injected without it in test_faults_storage.
@pytest.mark.skipif(not can("strace", "-o", "/dev/null", "true"), reason="no process may be traced here")
@pytest.mark.parametrize("inject", CALLS)
def test_system_calls_that_fail_or_kill(tiny: Path, tmp_path: Path, inject: str) -> None:
    """What the system itself refuses, through the real calls."""
    plain = [*NETRAIN, "train", str(tiny), "-q", "--run-dir"]
    assert subprocess.run([*plain, "whole"], cwd=tmp_path).returncode == 0
    trace = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"inject={inject}"]
    done = subprocess.run([*trace, *plain, "broken"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode in (5, -signal.SIGKILL, 128 + signal.SIGKILL), done.stderr
    assert "Traceback" not in done.stderr
    assert subprocess.run([*NETRAIN, "resume", "broken", "-q"], cwd=tmp_path).returncode == 0
    same(tmp_path, "broken")


@pytest.mark.slow
# Only Linux has name spaces, and a container may forbid mounts in them; a full disk is injected in test_faults_storage.
@pytest.mark.skipif(
    not can("unshare", "-rm", "mount", "-t", "tmpfs", "none", "/mnt"), reason="no file system may be mounted here"
)
def test_a_disk_that_is_really_full(tiny: Path, tmp_path: Path) -> None:
    """A file system of 64 KB, in a name space of its own."""
    (tmp_path / "disk").mkdir()
    wide = f"{' '.join(NETRAIN)} train {tiny} -q -s model.hidden=[600] --run-dir disk/run"
    script = f"mount -t tmpfs -o size=64k none disk; {wide}; code=$?; ls -A disk/run/checkpoints; exit $code"
    done = subprocess.run(["unshare", "-rm", "bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 5, done.stderr
    assert "No space left on device" in done.stderr
    assert not done.stdout.strip().endswith(".tmp")
