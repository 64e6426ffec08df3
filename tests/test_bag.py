"""Networks that answer as one: the mean of theirs, what they have not seen, and going on after a stop."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk
from small import Program, small_table

import netrain as package

WriteConfig = Callable[..., Path]
BAG = ("--set", "training.bag=3")
BEST = "checkpoints/best.safetensors"

TARGETS = {
    "classes": ("label", ()),
    "two classes by one output": ("label", ("-s", "loss=binary_cross_entropy")),
    "values": ("value", ()),
    "values in their range": ("value", ("-s", "model=realmlp")),
    "counts": ("count", ("-s", "loss=poisson", "-s", "data.columns.value=drop")),
    "counts in their range": ("count", ("-s", "loss=poisson", "-s", "data.columns.value=drop", "-s", "model=realmlp")),
    "quantiles": ("value", ("-s", "loss={name: quantile, quantiles: [0.1, 0.9]}")),
    "labels": ("label", ("-s", "data.target=[label, even]")),
}


def letters(run: Path) -> np.ndarray:
    """The part of each row of the table."""
    return np.array(list(json.loads((run / "split.json").read_text())["rows"]))


@pytest.mark.parametrize("kind", TARGETS)
def test_the_answer_is_the_mean_and_each_row_is_validated_by_the_one_that_has_not_seen_it(
    netrain: Program, config: WriteConfig, tmp_path: Path, kind: str
) -> None:
    target, more = TARGETS[kind]
    path = config(epochs=2, target=target)
    table = small_table()
    if target == "count":
        table = table.with_columns(count=pl.col("value").abs().round())
    if kind == "labels":
        table = table.with_columns(even=(pl.col("z") > 0).cast(pl.Utf8))
    table.write_csv("table.csv")
    told = netrain("train", path, *BAG, *more, "--run-dir", "r", "-q")
    assert told.code == 0, told.err
    each = [package.load(tmp_path / f"r/bag-{i}").predict(table) for i in (1, 2, 3)]
    whole = package.load("r").predict(table)
    for name in (n for n in whole.columns if whole[n].dtype.is_numeric()):
        mean = np.mean([of[name].to_numpy() for of in each], axis=0)
        np.testing.assert_allclose(whole[name].to_numpy(), mean, rtol=1e-5, atol=1e-6 * np.abs(mean).max())
    parts = [letters(tmp_path / f"r/bag-{i}") for i in (1, 2, 3)]
    unseen = (np.stack(parts) == "v").sum(axis=0)
    assert set(np.unique(unseen[parts[0] != "e"])) == {1}, "each row validates one network"
    assert not unseen[parts[0] == "e"].any(), "no network sees a test row before the end"
    assert all(((part == "e") == (parts[0] == "e")).all() for part in parts)
    out = pl.read_csv("r/out_of_fold.csv")
    assert out["row"].to_list() == [int(row) + 1 for row in np.flatnonzero(parts[0] != "e")]
    for row in out.iter_rows(named=True):
        assert parts[row["fold"] - 1][row["row"] - 1] == "v"
        for name in (n for n in whole.columns if whole[n].dtype.is_numeric()):
            said = each[row["fold"] - 1][name]
            # as above, of the largest: products of other numbers of rows round otherwise, by more than 1e-5 of 300
            assert row[name] == pytest.approx(said[row["row"] - 1], rel=1e-5, abs=1e-6 * said.abs().max()), name


def test_the_validation_figures_are_those_out_of_fold(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    told = netrain("train", config(epochs=3), *BAG, "-s", "data.split.test=0", "--run-dir", "r", "--json", "-q")
    assert (told.code, told.err) == (0, "")
    report, out = json.loads(told.out), pl.read_csv(tmp_path / "r/out_of_fold.csv")
    valid = report["metrics"]["valid"]
    assert len(out) == 200
    assert valid["accuracy"] == sk.accuracy_score(out["label"], out["prediction"])
    assert valid["roc_auc"] == pytest.approx(sk.roc_auc_score(out["label"] == "yes", out["probability_yes"]), rel=1e-9)
    assert valid["accuracy"] != report["metrics"]["train"]["accuracy"]
    low, high = report["intervals"]["valid"]["accuracy"]
    assert low < valid["accuracy"] < high
    again = json.loads(netrain("evaluate", "r", "--split", "valid", "--json").out)
    assert again["metrics"] == valid
    assert again["intervals"] == report["intervals"]["valid"]
    figures = json.loads(netrain("inspect", "r", "--json").out)["valid"]
    assert {name: figures[name] for name in valid} == pytest.approx(valid, rel=1e-12)


def test_every_command_takes_the_one_checkpoint(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    path = config(epochs=2)
    err = netrain("train", path, *BAG, "--run-dir", "r").err
    assert "3 networks, each validated on a fold that it does not see" in err
    assert "170 train, those to validate on among them   in 3 folds" in err
    assert "network 3/3   valid accuracy" in err
    assert "3 networks of 2 epochs" in err
    shutil.copy(tmp_path / "r" / BEST, "alone.safetensors")
    shutil.rmtree(tmp_path / "r/bag-2")
    report = json.loads((tmp_path / "r/report.json").read_text())
    assert json.loads(netrain("evaluate", "r", "--json").out)["metrics"] == report["metrics"]["test"]
    assert [member["run"] for member in report["bag"]] == ["bag-1", "bag-2", "bag-3"]
    said = netrain("predict", "table.csv", "-c", "alone.safetensors").out
    assert said == netrain("predict", "table.csv", "-c", "r").out
    assert len(said.splitlines()) == 201
    looked = json.loads(netrain("inspect", "alone.safetensors", "--json").out)
    assert len(looked["members"]) == 3
    assert looked["parameters"] == report["parameters"] == sum(map(np.prod, looked["tensors"].values()))
    assert "networks   3, the mean of which is the answer" in netrain("inspect", "r").out
    refused = netrain("train", path, "-s", "training.start_from=r", "--run-dir", "s")
    assert refused.code == 2
    assert "is a bag of 3 networks" in refused.err
    started = netrain("train", path, *BAG, "-s", "training.start_from=r/bag-1", "--run-dir", "s")
    assert started.code == 0, started.err
    assert "parameters start from r/bag-1" in started.err


def test_the_page_of_a_bag_shows_the_mean_of_its_curves(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    netrain("train", config(epochs=3), *BAG, "-s", "report.page=true", "--run-dir", "r", "-q")
    logs = [(tmp_path / f"r/bag-{i}/epochs.jsonl").read_text().splitlines() for i in (1, 2, 3)]
    losses = [[json.loads(line)["valid"]["loss"] for line in log] for log in logs]
    report = json.loads((tmp_path / "r/report.json").read_text())
    shown = report["figures"]["learning"]["valid"]["loss"]
    assert shown == pytest.approx(np.mean(losses, axis=0), rel=1e-4)
    assert report["time"]["steps"] > 0
    best = [of["best_epoch"] for of in report["bag"]]
    told = (tmp_path / "r/report.html").read_text()
    assert all(f"bag-{i}: 3 epochs, kept is {epoch}" in told for i, epoch in enumerate(best, start=1))
    assert f"3, best {', '.join(map(str, best))}" in told
    assert [path.parent.name for path in tmp_path.glob("r/**/report.html")] == ["r"]
    assert json.loads(netrain("runs", ".", "--json").out)["runs"][0]["rows"] == 200, "each row counts once"
    assert report["figures"]["split"]["rows"] == {"train": 170, "test": 30}


def test_a_network_of_a_bag_is_an_ordinary_run(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    path = config(epochs=2)
    netrain("train", path, *BAG, "--run-dir", "all", "-q")
    told = netrain("train", path, *BAG, "-s", "training.member=2", "--run-dir", "one", "-q")
    assert told.code == 0, told.err
    assert (tmp_path / "one" / BEST).read_bytes() == (tmp_path / "all/bag-2" / BEST).read_bytes()
    assert netrain("evaluate", "all/bag-2", "--split", "valid").code == 0
    firsts = [package.load(tmp_path / f"all/bag-{i}").network.flat.values[0] for i in (1, 2, 3)]
    assert len(set(firsts)) == 3, "each is drawn by a chance of its own"


def test_what_is_missing_is_made_on_resume_and_what_is_done_is_not_trained_again(
    netrain: Program, config: WriteConfig, tmp_path: Path
) -> None:
    path = config(epochs=2, target="value")
    netrain("train", path, *BAG, "--run-dir", "whole", "-q")
    names = [BEST, "out_of_fold.csv", "bag-3/checkpoints/last.safetensors"]
    for gone in (
        ["report.json", BEST, "out_of_fold.csv", "bag-3"],
        ["report.json"],
        [BEST],
        ["report.json", BEST, "bag-1", "bag-2", "bag-3", "split.json"],
    ):
        shutil.copytree("whole", "broken")
        for name in gone:
            there = tmp_path / "broken" / name
            shutil.rmtree(there) if there.is_dir() else there.unlink()
        kept = list((tmp_path / "broken").glob("bag-*/checkpoints/*"))
        before = [p.stat().st_mtime_ns for p in kept]
        told = netrain("resume", "broken", "-q")
        assert told.code == 0, told.err
        assert [p.stat().st_mtime_ns for p in kept] == before
        for name in names:
            assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), gone
        shutil.rmtree("broken")
    (tmp_path / "table.csv").unlink()
    finished = netrain("resume", "whole")
    assert finished.code == 0
    assert "whole is finished: all 3 networks are trained" in finished.err


def test_a_damaged_checkpoint_of_a_bag_is_set_aside_and_made_again(
    netrain: Program, config: WriteConfig, tmp_path: Path
) -> None:
    netrain("train", config(epochs=2), *BAG, "--run-dir", "r", "-q")
    best = tmp_path / "r" / BEST
    whole = best.read_bytes()
    best.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert netrain("predict", "table.csv", "-c", "r").code == 4
    told = netrain("resume", "r")
    assert told.code == 0, told.err
    assert "best.safetensors is set aside as best.safetensors.corrupt" in told.err
    assert best.read_bytes() == whole


def test_a_resume_for_more_epochs_holds_for_every_network(
    netrain: Program, config: WriteConfig, tmp_path: Path
) -> None:
    path = config(epochs=2)
    netrain("train", path, *BAG, "--run-dir", "r", "-q")
    netrain("train", path, *BAG, "-s", "training.epochs=4", "--run-dir", "long", "-q")
    assert netrain("resume", "r", "-s", "training.epochs=4", "-q").code == 0
    assert [len((tmp_path / f"r/bag-{i}/epochs.jsonl").read_text().splitlines()) for i in (1, 2, 3)] == [4, 4, 4]
    for name in ("r", "long"):
        assert json.loads((tmp_path / name / "report.json").read_text())["epochs"] == 4
    assert (package.load("r").network.flat.values == package.load("long").network.flat.values).all()


@pytest.mark.parametrize("split", ["{name: group, column: city}", "{name: kfold, folds: 2, by: group, column: city}"])
def test_the_rows_of_a_group_are_never_on_both_sides(
    netrain: Program, config: WriteConfig, tmp_path: Path, split: str
) -> None:
    told = netrain("train", config(epochs=1), *BAG, "-s", f"data.split={split}", "--run-dir", "r", "-q")
    assert told.code == 0, told.err
    city, runs = small_table()["city"].to_numpy(), list(tmp_path.glob("r/**/bag-*"))
    assert len(runs) == (3 if "kfold" not in split else 6)
    for run in runs:
        part = letters(run)
        groups = [set(city[part == letter]) for letter in "tve"]
        assert all(groups)
        assert not any(groups[i] & groups[j] for i, j in ((0, 1), (0, 2), (1, 2)))


def test_folds_are_alike_in_the_classes(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    netrain("train", config(epochs=1), *BAG, "--run-dir", "r", "-q")
    yes = (small_table()["label"] == "yes").to_numpy()
    counts = [yes[letters(tmp_path / f"r/bag-{i}") == "v"].sum() for i in (1, 2, 3)]
    assert max(counts) - min(counts) <= 1


def test_class_weights_are_of_the_rows_that_a_network_trains_on(
    netrain: Program, config: WriteConfig, tmp_path: Path
) -> None:
    """A network is the same, whatever the classes are of the rows that it only validates on."""
    more = (*BAG, "-s", "data.class_weight=balanced", "-s", "training.member=1", "-s", "data.split.stratify=false")
    path = config(epochs=1)
    netrain("train", path, *more, "--run-dir", "a", "-q")
    table, held = small_table(), letters(tmp_path / "a") == "v"
    label = np.where(held, "no", table["label"].to_numpy())
    table.with_columns(label=pl.Series(label)).write_csv("table.csv")
    assert netrain("train", path, *more, "--run-dir", "b", "-q").code == 0
    last = "checkpoints/last.safetensors"
    a, b = (package.load(tmp_path / name / last).network.flat.values for name in "ab")
    assert (a == b).all()


def test_k_folds_of_bags_go_on_where_they_stopped(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    kfold = ("-s", "data.split={name: kfold, folds: 2}", "-s", "training.bag=2")
    told = netrain("train", config(epochs=1), *kfold, "--run-dir", "whole", "-q")
    assert told.code == 0, told.err
    shutil.copytree("whole", "broken")
    for gone in ("report.json", "fold-2/report.json", f"fold-2/{BEST}"):
        (tmp_path / "broken" / gone).unlink()
    shutil.rmtree("broken/fold-2/bag-2")
    first = tmp_path / "broken/fold-2/bag-1" / BEST
    before = first.stat().st_mtime_ns
    assert netrain("resume", "broken", "-q").code == 0
    assert first.stat().st_mtime_ns == before
    for name in ("out_of_fold.csv", f"fold-2/{BEST}"):
        assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
