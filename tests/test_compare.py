"""`netrain compare`: the same rows for all, paired intervals against independent formulas, words, and the page."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from browser import BROWSER, needs_browser
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, root_mean_squared_error
from small import Program, small_table

import netrain as package
from netrain.commands.compare import amounts, sentence
from netrain.comparison import Comparison, Difference, ranked, unlike
from netrain.config import parse_config
from netrain.metrics import MAIN, ClassScores, LabelScores, QuantileScores, Scores, ValueScores, resampled
from netrain.metrics.paired import FEWEST, MANY, by_row, main_of
from netrain.nn.models import Mlp
from netrain.random import stream
from netrain.runs.run import Run

Trains = Callable[..., Run]


@pytest.fixture
def trains(netrain: Program) -> Trains:
    """Trains a run of the small table."""
    small_table().write_csv("t.csv")

    def train(name: str, *settings: str, target: str = "label") -> Run:
        other = "value" if target == "label" else "label"
        words = [f"data.columns.{other}=drop", "training.epochs=3", "model={name: mlp, hidden: [8]}", *settings]
        sets = [part for setting in words for part in ("--set", setting)]
        told = netrain("train", "t.csv", "--target", target, "-q", "--run-dir", name, *sets)
        assert told.code == 0, told.err
        return Run(Path(name))

    return train


def compared(netrain: Program, *words: object) -> dict[str, Any]:
    told = netrain("compare", "--json", *words)
    assert told.code == 0, told.err
    document: dict[str, Any] = json.loads(told.out)
    return document


# Numbers


def all_scores(rng: np.random.Generator, n: int) -> dict[str, Scores]:
    """Scores of every kind."""
    y, p = rng.integers(0, 3, n), rng.dirichlet([1.0] * 3, n)
    values = rng.normal(size=(n, 2))
    return {
        "classes": ClassScores(y, p),
        "labels": LabelScores(rng.integers(0, 2, (n, 2)), rng.random((n, 2))),
        "values": ValueScores(values, values + 100.0 * rng.normal(size=(n, 2))),
        "quantiles": QuantileScores(values, rng.normal(size=(n, 6)), (0.1, 0.5, 0.9)),
    }


@pytest.mark.parametrize("kind", ["classes", "labels", "values", "quantiles"])
@given(seed=st.integers(0, 2**32), n=st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_the_main_metric_is_that_of_the_scores_under_any_weights(kind: str, seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    of = all_scores(rng, n)[kind]
    weights = rng.integers(0, 4, n).astype(float)
    weights[0] += 1.0
    main = MAIN["classification" if kind in ("classes", "labels") else "regression"]
    assert main_of(of, by_row(of) @ weights / weights.sum()) == pytest.approx(of.score(weights)[main], rel=1e-9)


@pytest.mark.parametrize("weighted", [False, True])
def test_resampled_metrics_are_those_of_the_rows_drawn(weighted: bool) -> None:
    rng = np.random.default_rng(0)
    n = 50
    y = rng.normal(size=n)
    predictions = [y + rng.normal(size=n), y + 2.0 * rng.normal(size=n)]
    weights = rng.random(n) if weighted else None
    found = resampled([ValueScores(y, p) for p in predictions], stream(0, "x"), weights)
    assert len(found) >= FEWEST
    again = stream(0, "x")
    for number, row in enumerate(found):
        drawn = again.integers(0, n, n)
        if number % 10:
            continue
        w = None if weights is None else weights[drawn]
        expected = [root_mean_squared_error(y[drawn], p[drawn], sample_weight=w) for p in predictions]
        np.testing.assert_allclose(row, expected, rtol=1e-9)


def test_the_interval_is_that_of_the_normal_approximation() -> None:
    rng = np.random.default_rng(1)
    n = 4000
    y = rng.integers(0, 2, n)
    easy = rng.random(n) < 0.7  # rows that both get right: the difference is of the others alone
    right = [easy | (rng.random(n) < 0.6), easy | (rng.random(n) < 0.4)]
    of = [ClassScores(y, np.eye(2)[np.where(r, y, 1 - y)]) for r in right]
    metrics = {name: each.score() for name, each in zip("ab", of, strict=True)}
    best, [difference] = ranked(of, ["a", "b"], metrics, "accuracy", None)
    each = right[0].astype(float) - right[1]
    half = 1.96 * each.std() / np.sqrt(n)
    assert best == "a"
    assert difference.by == pytest.approx(each.mean())
    np.testing.assert_allclose(difference.interval, (each.mean() - half, each.mean() + half), atol=0.1 * half)


def test_many_rows_are_resampled_as_often_as_promised() -> None:
    n = MANY + 1
    same = ValueScores(np.zeros(n), np.ones(n))
    assert resampled([same], stream(0, "x"), np.ones(n)).shape == (FEWEST, 1)


# Words


def told(main: str, by: float, interval: tuple[float, float], runs: int = 2) -> str:
    of = Comparison("test", 9, {}, {}, main, [None] * runs, {}, "b", [], {})  # type: ignore[list-item]
    return sentence(of, Difference("a", by, interval))


def test_the_sentence_says_how_sure_it_is() -> None:
    assert told("accuracy", 0.008, (0.003, 0.013)) == "`b` is better by 0.8 points, interval 0.3 to 1.3"
    assert told("accuracy", 0.008, (-0.003, 0.013)) == (
        "no clear difference: `b` is ahead by 0.8 points, interval -0.3 to 1.3"
    )
    assert told("accuracy", 0.0, (-0.01, 0.01)) == (
        "no clear difference: `b` and `a` have the same accuracy, interval -1.0 to 1.0"
    )
    assert told("accuracy", 0.0008, (-0.0001, 0.002)).endswith("ahead by 0.08 points, interval -0.01 to 0.20")
    assert told("rmse", 3.21, (1.0, 5.0)) == "`b` is better by 3.210 of rmse, interval 1.000 to 5.000"
    assert told("rmse", 3.21, (1.0, 5.0), 3) == "`b` is better than `a` by 3.210 of rmse, interval 1.000 to 5.000"
    assert "is ahead of `a` by" in told("rmse", 3.21, (0.0, 5.0), 3)
    assert amounts("accuracy", [0.1, -0.0001, 0.2]) == ["10.0", "0.0", "20.0"]  # no minus before a zero


def test_configs_differ_in_keys_with_their_defaults() -> None:
    data = "data: {path: /%s/t.csv, target: y}\n"
    one, other = (
        parse_config(data % name + more, "c.yaml").config
        for name, more in (
            ("a", "model: {name: mlp, dropout: 0.5}"),
            ("b", "model: mlp\ntraining: {optimizer: sgd, stop: never}"),
        )
    )
    found = unlike([one, other, one])
    assert found["model.dropout"] == [0.5, Mlp().dropout, 0.5]
    assert found["training.optimizer.name"][1] == "sgd"
    assert "data.path" not in found  # the same file name, in another folder
    assert all(values[0] == values[2] for values in found.values())
    assert unlike([one, one]) == {}


# Runs


def test_on_the_same_split_figures_are_those_of_the_reports(netrain: Program, trains: Trains) -> None:
    one, other = trains("a"), trains("b", "model.hidden=[32]", "training.epochs=30")
    document = compared(netrain, "a", "b")
    for run, found in zip((one, other), document["runs"], strict=True):
        report = run.read_report()
        assert report
        assert found["metrics"] == report["metrics"]["test"]
    assert document["rows"] == 30
    assert {each["key"]: each["values"] for each in document["config"]} == {
        "model.hidden": {"a": [8], "b": [32]},
        "training.epochs": {"a": 3, "b": 30},
    }
    turned = compared(netrain, "b", "a")
    assert turned["differences"] == document["differences"]
    assert turned["best"] == document["best"]
    valid = compared(netrain, "a", "b", "--split", "valid")
    assert any("chose the best epoch" in note for note in valid["notes"])


def test_where_splits_differ_only_rows_count_that_none_has_seen(netrain: Program, trains: Trains) -> None:
    runs = [trains("a"), trains("b", "seed=1"), trains("c", "data.split.test=0.5")]
    document = compared(netrain, *(run.path for run in runs))
    parts = [set(run.split_record().part("test").tolist()) for run in runs]
    rows = sorted(set.intersection(*parts))
    assert 0 < document["rows"] == len(rows) < min(map(len, parts))
    table = pl.read_csv("t.csv")[rows]
    for found in document["runs"]:
        said = package.load(found["run"]).predict(table)["prediction"]
        assert found["metrics"]["accuracy"] == pytest.approx(accuracy_score(table["label"], said))
        assert found["rows"] == len(parts["abc".index(found["name"])])
    text = netrain("compare", "a", "b", "c").out
    assert "the splits differ, and these are test rows of all" in text
    assert len(document["differences"]) == 2
    assert {each["run"] for each in document["differences"]} == {"a", "b", "c"} - {document["best"]}


def test_a_better_network_is_told_to_be_better(netrain: Program, trains: Trains) -> None:
    trains("good", "training.epochs=60", "data.split.test=0.5", target="value")
    trains("bad", "training.epochs=1", "data.split.test=0.5", target="value")
    document = compared(netrain, "bad", "good")
    [difference] = document["differences"]
    assert (document["best"], difference["run"], difference["clear"]) == ("good", "bad", True)
    metrics = {run["name"]: run["metrics"]["rmse"] for run in document["runs"]}
    assert difference["by"] == pytest.approx(metrics["bad"] - metrics["good"])
    low, high = difference["interval"]
    assert 0 < low < difference["by"] < high
    assert netrain("compare", "bad", "good").out.startswith("`good` is better by ")


def test_quantiles_are_compared_with_means_by_what_both_have(netrain: Program, trains: Trains) -> None:
    trains("mean", target="value")
    trains("middle", "loss={name: quantile, quantiles: [0.1, 0.5, 0.9]}", target="value")
    trains("two", target="value")
    document = compared(netrain, "mean", "middle")
    mean, middle = (run["metrics"] for run in document["runs"])
    assert mean.keys() < middle.keys()
    told = netrain("compare", "mean", "middle")
    assert re.search(r"^coverage +- +0\.\d+$", told.out, re.M)
    assert re.search(r"^loss.quantiles +- +\[0.1, 0.5, 0.9\]$", told.out, re.M)


def test_runs_of_one_name_are_told_by_their_folders(netrain: Program, trains: Trains) -> None:
    trains("x/a")
    trains("y/a")
    document = compared(netrain, "x/a", "y/a")
    assert [run["name"] for run in document["runs"]] == ["x/a", "y/a"]
    assert document["differences"][0]["told"].startswith("no clear difference: `x/a` and `y/a` have the same accuracy")
    assert document["differences"][0]["interval"] == [0.0, 0.0]


# The page

HOSTILE = "<script>alert(1)<", "b&<b>bold<"  # then a slash, which no name of a file holds


def test_the_page_shows_names_to_the_letter_and_holds_its_data(netrain: Program, trains: Trains) -> None:
    for i, name in enumerate(HOSTILE):
        trains(name, f"training.epochs={3 + i}")
    assert netrain("compare", *HOSTILE, "--html", "c.html").err == "the page: c.html\n"
    text = Path("c.html").read_text(encoding="utf-8")
    assert text.count("<script") == text.count("</script>")
    assert "<script>alert" not in text
    assert "b&amp;&lt;b&gt;bold&lt;" in text
    own = text[: text.index("<script>")]  # what stands before plotly.js
    specs = [json.loads(s) for s in re.findall(r'<script type="application/json">(.*?)</script>', own)]
    assert len(specs) == 2
    for spec in specs:
        assert [len(trace["x"]) for trace in spec["data"]] == [3, 4]
        assert [trace["name"] for trace in spec["data"]] == ["&lt;script&gt;alert(1)&lt;", "b&amp;&lt;b&gt;bold&lt;"]
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", own)


@needs_browser  # only a browser draws: the test above looks at what it is given
def test_the_page_is_drawn_by_a_browser_without_errors(netrain: Program, trains: Trains) -> None:
    assert BROWSER
    for i, name in enumerate(HOSTILE):
        trains(name, f"training.epochs={3 + i}")
    assert netrain("compare", *HOSTILE, "--html", "c.html", "-q").code == 0
    command = [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--user-data-dir=profile"]
    command += ["--enable-logging=stderr", "--host-resolver-rules=MAP * 127.0.0.1:9", "--virtual-time-budget=5000"]
    done = subprocess.run(
        [*command, "--dump-dom", Path("c.html").resolve().as_uri()], capture_output=True, text=True, timeout=120
    )
    assert done.stdout.count('<g class="trace scatter') == 4, done.stderr
    assert "CONSOLE" not in done.stderr, done.stderr
    assert 'data-errors="0"' in done.stdout
    assert "alert(1)" in re.sub(r"<script.*?</script>", "", done.stdout, flags=re.S)
