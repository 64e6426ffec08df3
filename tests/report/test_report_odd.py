"""Reports of odd tables: they are there, without a warning, and without what JSON does not know."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from small import Program
from subjects import subject_in

from netrain.nn.bag import Bag
from netrain.nn.network import Network
from netrain.report import importance
from netrain.report.blocks import blocks
from netrain.report.dependence import dependence
from netrain.report.learning import MOST, learning
from netrain.report.screen import steepest, strongest

SCRIPT = "<script>alert(1)</script>"
N = 120


def odd_tables() -> dict[str, tuple[pl.DataFrame, str]]:
    """By name: the table, and what a config says beside `data.path`."""
    rng = np.random.default_rng(0)
    x, parts = rng.normal(size=N), ["train"] * 90 + ["valid"] * 27 + ["test"] * 3
    label = ["a" if v > 0.0 else "b" for v in x[:-3]] + ["a"] * 3
    base = pl.DataFrame({"x": x, "z": rng.normal(size=N), "part": parts})
    by_part = "target: y, split: {name: column, column: part}"
    many = rng.integers(0, 200, 2_000)
    dates = [f"2020-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in range(N)]
    return {
        "three rows, one class": (base.with_columns(pl.Series("y", label)), by_part),
        "three rows of values": (base.with_columns(pl.Series("y", 2.0 * x)), by_part),
        "no weight in test": (
            base.with_columns(pl.Series("y", label), pl.Series("w", [1.0] * 117 + [0.0] * 3)),
            f"{by_part}, weight: w",
        ),
        "no weight for values": (
            base.with_columns(pl.Series("y", x), pl.Series("w", [1.0] * 117 + [0.0] * 3)),
            f"{by_part}, weight: w",
        ),
        "no test rows": (base.with_columns(pl.Series("y", label)), "target: y, split: {valid: 0.2, test: 0}"),
        "training rows alone": (base.with_columns(pl.Series("y", label)), "target: y, split: {valid: 0, test: 0}"),
        "markup": (
            pl.DataFrame({SCRIPT: [f"<b>{i % 3}</b>" for i in range(N)], "y": [f"{SCRIPT}{i % 2}" for i in range(N)]}),
            "target: y",
        ),
        "two hundred classes": (
            pl.DataFrame({"x": many + rng.normal(size=2_000), "z": x.repeat(17)[:2_000], "y": [f"c{c}" for c in many]}),
            "target: y",
        ),
        "dates, truths and gaps": (
            pl.DataFrame(
                {
                    "day": dates,
                    "yes": ["yes" if i % 2 else "no" for i in range(N)],
                    "gap": [None if i % 3 else float(i) for i in range(N)],
                    "level": [None if i % 4 else f"{i % 5} " + "long " * 100 for i in range(N)],
                    "y": x,
                }
            ),
            "target: y",
        ),
        "huge values": (base.with_columns(pl.Series("y", x * 1e150)), by_part),
        "a value that is nearly always the same": (
            base.with_columns(pl.Series("y", [0.0] * 80 + [1e-9] * 40)),
            by_part,
        ),
    }


@pytest.mark.parametrize("name", odd_tables())
def test_an_odd_table_has_a_report(netrain: Program, tmp_path: Path, name: str) -> None:
    table, data = odd_tables()[name]
    table.write_csv(tmp_path / "table.csv")
    config = f"data: {{path: table.csv, {data}}}\ntask: {'regression' if table['y'].dtype.is_float() else 'auto'}\n"
    (tmp_path / "odd.yaml").write_text(config + "model: {name: mlp, hidden: [8]}\ntraining: {epochs: 2, stop: never}\n")
    assert netrain("train", "odd.yaml", "-q", "--run-dir", "r").code == 0
    text = (tmp_path / "r/report.json").read_text()
    report = json.loads(text, parse_constant=lambda word: pytest.fail(f"`{word}` is not JSON"))
    figures = report["figures"]
    assert {"classes", "values"} & figures.keys()
    assert len(text) < 1_000_000
    assert "importance" in figures
    if name == "two hundred classes":
        assert len(figures["classes"]["shown"]) == len(figures["classes"]["confusion"]) == 40


def log(n: int) -> list[dict[str, Any]]:
    """Epochs as `epochs.jsonl` has them."""
    each = {"seconds": 0.1, "learning_rate": 0.1, "gradient_norm": 1.0, "update_norm": 0.1, "train": {"loss": 1.0}}
    return [{"epoch": i + 1, "valid": {"loss": float(i), "accuracy": None}, **each} for i in range(n)]


@pytest.mark.parametrize(
    ("n", "best"), [(0, 0), (1, 1), (600, 3), (601, 600), (7_777, 1), (7_777, 4_321), (7_777, 7_777)]
)
def test_a_long_log_is_thinned(n: int, best: int) -> None:
    found = learning(log(n), best, ["accuracy", "loss"], [])
    epochs = found["epochs"]
    assert len(epochs) == min(n, len(epochs)) <= MOST
    assert epochs == sorted(set(epochs))
    assert not n or {1, n, best} <= set(epochs)
    assert found["valid"] == ({"loss": [float(epoch - 1) for epoch in epochs]} if n else {})
    assert max(np.diff(epochs), default=1) <= 2 * max(1, n / MOST)


def test_of_many_columns_those_that_matter_are_looked_at(netrain: Program, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    columns = {f"c{i}": rng.normal(size=300) for i in range(60)}
    level = rng.integers(0, 3, 300)
    y = 3.0 * columns["c7"] + 2.0 * columns["c41"] + 3.0 * (level == 1)
    table = pl.DataFrame({**columns, "level": [f"l{v}" for v in level], "y": y})
    table.write_csv(tmp_path / "table.csv")
    more = ("-s", "training.epochs=20", "-s", "data.categorical={encode: embedding}")
    assert netrain("train", "table.csv", "--target", "y", *more, "-q", "--run-dir", "r").code == 0
    subject, _ = subject_in(tmp_path / "r")
    every = list(blocks(subject.preprocessor))
    found = strongest(subject, every, 6, rows=16, some=np.arange(len(subject.part.rows)))
    assert {"c7", "c41", "level"} <= {block.fitted.column for block in found}
    assert len(found) == 6
    assert isinstance(subject.network, Network)
    found = steepest(subject, subject.network, every, 6, some=np.arange(len(subject.part.rows)))
    assert {"c7", "c41", "level"} <= {block.fitted.column for block in found}
    assert len(found) == 6


class Counted:
    """A predictor that counts the multiplications that are asked of it, and costs what it is told to."""

    def __init__(self, network: Bag, cost: float) -> None:
        self.network, self.flat, self.members, self.each = network, network.flat, cost / network.flat.trained, cost
        self.largest_product, self.spent = network.largest_product, 0.0

    def predict(self, x: Any) -> Any:
        self.spent += len(x) * self.each
        return self.network.predict(x)


@pytest.mark.parametrize("cost", [1e6, 1e8, 3e8])
def test_a_network_that_costs_much_is_asked_less(netrain: Program, tmp_path: Path, cost: float) -> None:
    rng = np.random.default_rng(0)
    columns = {f"c{i}": rng.normal(size=700) for i in range(30)}
    pl.DataFrame({**columns, "y": columns["c7"] * 3.0 + columns["c9"]}).write_csv(tmp_path / "table.csv")
    more = ("-s", "training.epochs=1", "-s", "training.bag=2", "-s", "model=linear")
    assert netrain("train", "table.csv", "--target", "y", *more, "-q", "--run-dir", "r").code == 0
    subject, _ = subject_in(tmp_path / "r")
    network = subject.network
    assert isinstance(network, Bag)
    counted = Counted(network, cost)
    subject = replace(subject, network=counted)
    columns_of = importance.effort(counted, 700, 20)
    assert columns_of.rows * columns_of.repeats * 20 * cost <= max(importance.MOST_WORK, 20 * 2 * 20 * cost)
    shown = dependence(subject, [f"c{i}" for i in range(6)])
    assert counted.spent <= 7e10
    assert len(shown) == (6 if cost < 1e8 else 1)


def test_a_resumed_run_has_the_report_of_an_unbroken_one(
    netrain: Program, config: Callable[..., Path], tmp_path: Path
) -> None:
    path = config(epochs=6)
    netrain("train", path, "-q", "--run-dir", "whole")
    netrain("train", path, "-q", "--run-dir", "broken", "-s", "training.epochs=3")
    netrain("resume", "broken", "-q", "-s", "training.epochs=6")
    whole, broken = (json.loads((tmp_path / f"{name}/report.json").read_text()) for name in ("whole", "broken"))
    for report in (whole, broken):
        for key in ("run", "command", "seconds", "time", "notes"):
            del report[key]
        del report["figures"]["learning"]["seconds"]
    assert whole == broken
    command = f"netrain train {path} --set training.epochs=3"
    assert (tmp_path / "broken/config.yaml").read_text().startswith(f"# {command}\n")


def test_what_a_report_shows_may_change(netrain: Program, config: Callable[..., Path], tmp_path: Path) -> None:
    path = config(target="value", epochs=2)
    netrain("train", path, "-q", "--run-dir", "r")
    assert "worst" in json.loads((tmp_path / "r/report.json").read_text())["figures"]
    assert netrain("resume", "r", "-q", "-s", "report.rows=false", "-s", "training.epochs=3").code == 0
    figures = json.loads((tmp_path / "r/report.json").read_text())["figures"]
    assert "worst" not in figures
    assert "points" not in figures["values"][0]
    assert "rows: false" in (tmp_path / "r/config.yaml").read_text()


def test_json_on_stdout_leaves_the_figures_to_the_file(netrain: Program, config: Callable[..., Path]) -> None:
    told = json.loads(netrain("train", config(epochs=2), "--json", "-q", "--run-dir", "r").out)
    assert told["run"] == "r"
    assert "figures" not in told


def test_folds_have_figures_each(netrain: Program, config: Callable[..., Path], tmp_path: Path) -> None:
    path = config(epochs=2)
    command = (
        "train",
        path,
        "-q",
        "-s",
        "report.rows=false",
        "--run-dir",
        "r",
        "-s",
        "data.split={name: kfold, folds: 2}",
    )
    assert netrain(*command).code == 0
    report = json.loads((tmp_path / "r/fold-2/report.json").read_text())
    assert report["figures"]["split"]["told"].startswith("by folds, fold 2 of 2")
    assert "figures" not in json.loads((tmp_path / "r/report.json").read_text())


def test_a_bag_that_costs_much_still_tells_the_columns_that_matter(
    netrain: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    columns = {f"c{i}": rng.normal(size=300) for i in range(30)}
    pl.DataFrame({**columns, "y": columns["c7"] * 3.0 + columns["c9"] * 2.0}).write_csv(tmp_path / "table.csv")
    more = ("--preset", "fast", "-s", "training.epochs=20", "-s", "training.bag=2")
    assert netrain("train", "table.csv", "--target", "y", *more, "-q", "--run-dir", "r").code == 0
    subject, _ = subject_in(tmp_path / "r")
    for name in ("WORK", "MOST_WORK"):
        monkeypatch.setattr(importance, name, 1.0)
    found = importance.importance(subject)
    assert [of["column"] for of in found["columns"]][:2] == ["c7", "c9"]
    assert (len(found["columns"]), found["of"], found["rows"]) == (importance.LEAST_COLUMNS, 30, importance.LEAST_ROWS)
