"""`netrain runs`, and the words that stand for a run: what is listed, in which order, whatever the files hold."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from small import Program, small_table

import netrain as package
from netrain.runs.catalogue import best_of, entry_of
from netrain.runs.run import Run, newest_runs
from netrain.storage import held, locked

REPORT: dict[str, Any] = {
    "task": "classification",
    "target": "label",
    "main": "accuracy",
    "rows": {"train": 140, "valid": 30, "test": 30},
    "metrics": {"test": {"accuracy": 0.5, "log_loss": 0.7}},
    "epochs": 9,
    "best_epoch": 4,
    "stopped": {"reason": "all epochs done"},
    "seconds": 1.5,
    "parameters": 99,
}


def made(name: str, at: float = 0.0, fingerprint: str = "f", **report: Any) -> Run:
    """A run as it lies on disk, without its networks."""
    run = Run(Path("runs", name))
    run.last.parent.mkdir(parents=True)
    run.best.touch()
    run.config.write_text("seed: 0\ndata:\n  path: /t.csv\n  target: label\n  format: auto\n")
    run.split.write_text(json.dumps({"fingerprint": fingerprint, "rows": "tve"}))
    run.report.write_text(json.dumps(REPORT | report, indent=1))
    os.utime(run.config, (1e9 + at, 1e9 + at))
    return run


def scored(name: str, at: float, value: float, main: str = "accuracy", **more: Any) -> Run:
    return made(name, at, main=main, metrics={"test": {main: value}}, **more)


@pytest.fixture
def listed(netrain: Program) -> Callable[..., list[str]]:
    """The names of the runs that are listed, in order."""

    def names(*words: str) -> list[str]:
        told = netrain("runs", "--json", *words)
        assert told.code == 0, told.err
        return [Path(run["run"]).name for run in json.loads(told.out)["runs"]]

    return names


def test_runs_are_sorted_as_their_key_is_read(listed: Callable[..., list[str]]) -> None:
    scored("iris-1", 3, 0.7, seconds=5)
    scored("iris-10", 1, 0.9, seconds=1, target="x")
    scored("iris-2", 2, 0.8, seconds=9)
    scored("value", 4, 3.0, "rmse", target="value", task="regression")
    scored("worse", 0, 7.0, "rmse", target="value", task="regression")
    assert listed() == ["value", "iris-1", "iris-2", "iris-10", "worse"]
    assert listed("--reverse") == listed()[::-1]
    assert listed("--sort", "name") == ["iris-1", "iris-2", "iris-10", "value", "worse"]
    assert listed("--sort", "accuracy")[:3] == ["iris-10", "iris-2", "iris-1"]
    assert listed("--sort", "accuracy", "--reverse")[:3] == ["iris-1", "iris-2", "iris-10"]
    assert listed("--sort", "rmse")[:2] == ["value", "worse"]
    assert listed("--sort", "seconds")[:2] == ["iris-2", "iris-1"]
    assert listed("--sort", "accuracy", "--limit", "1") == ["iris-10"]
    assert listed("--where", "accuracy>=0.8", "--where", "seconds<5") == ["iris-10"]
    assert listed("--target", "value") == ["value", "worse"]
    assert listed("--where", "rows>1000") == []


def test_runs_lie_at_any_depth_and_folds_are_one(netrain: Program, listed: Callable[..., list[str]]) -> None:
    made("a/b/deep", 1)
    whole = made("folds", 2)
    whole.write_report({"folds": [{}, {}], **REPORT})
    for fold in ("fold-1", "fold-2"):
        shutil.copytree("runs/a/b/deep", whole.path / fold)
    Path("runs/a/config.yaml").touch()  # a config that is no run's
    Path("runs/.hidden").mkdir()
    shutil.copytree("runs/a/b/deep", "runs/.hidden/run")
    Path("runs/loop").symlink_to("..")
    assert listed() == ["folds", "deep"]
    assert listed("runs/folds", "--sort", "name") == ["fold-1", "fold-2"]
    assert listed("runs/a/b/deep") == ["deep"]
    assert "done, 2 folds" in netrain("runs").out


def test_no_run_is_told_with_what_makes_one(netrain: Program) -> None:
    told = netrain("runs")
    assert (told.code, told.out) == (0, "")
    assert "`netrain train CONFIG` makes one" in told.err
    made("a")
    assert netrain("runs", "--where", "accuracy>0.9").err == "none of 1 run below runs is so\n"


@pytest.mark.parametrize(
    "report",
    [
        "",
        "{",
        "[1]",
        '{"task": "classification"',
        '{"rows": 1e999, "metrics": {"test": 3}}',
        '{"metrics": {"test": {"accuracy": NaN, "x": "<b>", "y": 1e400}}, "main": ["accuracy"], "target": {}}',
        '{"epochs": ' + "9" * 5000 + "}",
        '{"epochs": 1' + "0" * 400 + ', "seconds": true, "folds": 7, "stopped": "no", "main": "when"}',
        "[" * 100_000,
        "\x00\xff",
    ],
)
def test_a_report_that_is_none_is_no_error(netrain: Program, report: str) -> None:
    run = made("a")
    run.report.write_bytes(report.encode("latin-1"))
    for words in ([], ["--json"], ["--sort", "rows"], ["--sort", "target"], ["--sort", "when"]):
        told = netrain("runs", *words)
        assert (told.code, told.err) == (0, ""), told
        assert "runs/a" in told.out
    json.loads(netrain("runs", "--json").out, parse_constant=lambda name: pytest.fail(name))


def test_names_from_strangers_are_not_obeyed(netrain: Program) -> None:
    made("[bold red]\x1b[31mred", target="\x1b]0;x\x07[link=x]y", main="[b]when\n", metrics={"test": {"[b]when\n": 1}})
    out = netrain("runs").out
    assert "\x1b" not in out
    assert "[bold red][31mred" in out
    assert len(out.splitlines()) == 2


def test_the_head_of_a_long_report_is_all_that_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    run = made("a", figures=list(range(200_000)))
    whole = entry_of(run)
    content = run.report.read_bytes()
    run.report.write_bytes(content[: len(content) // 2])
    assert entry_of(run) == whole
    details = {"classes": [str(i) for i in range(20_000)]}  # before what is needed: read on
    run.report.write_text(json.dumps({"details": details, **REPORT}, indent=1))
    assert entry_of(run) == whole


def test_the_state_of_a_run_is_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    run = made("a")
    assert entry_of(run).state == "done"
    run.write_report(REPORT | {"stopped": {"reason": "interrupted"}})
    assert entry_of(run).state == "stopped"
    code = "import sys; from netrain.storage import locked; from pathlib import Path\n"
    code += "with locked(Path('runs/a')): print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        assert other.stdout.readline() == b"held\n"
        assert entry_of(run).state == "running"
        other.kill()
    assert entry_of(run).state == "stopped"
    with locked(run.path):
        assert held(run.path)
    assert not held(run.path)
    run.report.unlink()
    run.epochs.write_text('{"epoch": 1}\n{"epoch": 2}\n')
    entry = entry_of(run)
    assert (entry.state, entry.target, entry.epochs) == ("unfinished", "label", 2)


def test_latest_and_best_are_of_one_table_and_target(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    scored("good", 1, 0.8)
    scored("better", 2, 0.9)
    scored("elsewhere", 3, 1.0, fingerprint="another table")
    scored("other", 4, 1.0, target="x")
    scored("validated", 5, 1.0)
    Path("runs/validated/report.json").write_text(json.dumps(REPORT | {"metrics": {"valid": {"accuracy": 1.0}}}))
    scored("newest", 6, 0.7)
    best, rivals = best_of(newest_runs())
    assert (best.run.path.name, rivals) == ("better", 3)
    scored("errors", 7, 3.0, "rmse", task="regression")
    scored("less", 8, 2.0, "rmse", task="regression")
    scored("more", 9, 4.0, "rmse", task="regression")
    assert best_of(newest_runs())[0].run.path.name == "less"


def test_the_words_stand_wherever_a_run_is_asked_for(netrain: Program) -> None:
    small_table().write_csv("t.csv")
    train = ("train", "t.csv", "--target", "label", "-q", "-s", "data.columns.value=drop", "-s", "model=linear")
    assert netrain(*train, "-s", "training.epochs=30").code == 0
    assert netrain(*train, "-s", "training.epochs=1", "-s", "training.optimizer.learning_rate=1e-6").code == 0
    for command in ("evaluate", "inspect", "config", "report", "predict t.csv -c"):
        for word, run in (("latest", "t-2"), ("best", "t-1")):
            told = netrain(*command.split(), word)
            assert told.out == netrain(*command.split(), f"runs/{run}").out
            assert told.err.splitlines()[0].startswith(f"`{word}` is runs/{run}"), told.err
    assert netrain("evaluate", "best", "-q").err == ""
    assert "runs/t-2 is finished" in netrain("resume", "latest").err
    assert "`t-1`" in netrain("compare", "best", "latest").out
    assert package.load("best").predict(small_table()).equals(package.load("runs/t-1").predict(small_table()))
    shutil.copytree("runs/t-2", "best")  # a folder of that name wins
    assert netrain("inspect", "best").out.startswith("best/checkpoints/best.safetensors")


@pytest.mark.parametrize("width", [40, 60, 100])
def test_a_narrow_terminal_leaves_columns_out(netrain: Program, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    made("iris-1")
    made("values", main="rmse", metrics={"valid": {"rmse": 1234.5}})
    out = netrain("runs").out
    assert all(len(line) <= width for line in out.splitlines())
    assert "accuracy 0.5000" in out
    assert "rmse 1,234 (valid)" in out
    assert ("seconds" in out) == (width == 100)


LIGHT = """
import sys
from netrain.cli.program import run
code = run(["runs", "--limit", "1"])
heavy = {"numpy", "polars"} & sys.modules.keys()
sys.exit(code or heavy or 0)
"""


def test_thousands_of_runs_are_listed_fast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for i in range(500):
        made(f"iris-{i}", i, figures=["x" * 10_000] * 4)
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "runs/iris-499" in done.stdout
    assert time.perf_counter() - started < 5.0  # a third of a second where nothing else runs
