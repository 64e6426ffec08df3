"""K networks, one a fold: mean, spread, out-of-fold predictions, and going on after a stop."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk
from small import Program, small_table

WriteConfig = Callable[..., Path]
KFOLD = ("--set", "data.split.name=kfold")


def test_folds_report_mean_spread_and_out_of_fold_predictions(
    netrain: Program, config: WriteConfig, tmp_path: Path
) -> None:
    told = netrain("train", config(epochs=3), *KFOLD, "--run-dir", "r", "--json", "-q")
    assert (told.code, told.err) == (0, "")
    report = json.loads(told.out)
    folds = [json.loads((tmp_path / f"r/fold-{k}/report.json").read_text()) for k in range(1, 6)]
    each = [fold["metrics"]["test"]["accuracy"] for fold in folds]
    assert report["metrics"]["test"]["accuracy"] == pytest.approx(np.mean(each), rel=1e-12)
    assert report["spread"]["test"]["accuracy"] == pytest.approx(np.std(each, ddof=1), rel=1e-12)
    out = pl.read_csv(tmp_path / "r/out_of_fold.csv")
    assert out["row"].to_list() == list(range(1, 201))
    assert out["label"].to_list() == small_table()["label"].to_list()
    pooled = report["out_of_fold"]["metrics"]
    assert pooled["accuracy"] == sk.accuracy_score(out["label"], out["prediction"])
    assert pooled["roc_auc"] == pytest.approx(
        sk.roc_auc_score(out["label"] == "yes", out["probability_yes"]), rel=1e-12
    )
    again = json.loads(netrain("evaluate", "r/fold-2", "--json").out)
    assert again["metrics"] == folds[1]["metrics"]["test"]
    whole = netrain("evaluate", "r")
    assert whole.code == 4
    assert "name one: `r/fold-1`, `r/fold-2`" in whole.err


def test_the_folds_that_are_missing_are_trained_on_resume(
    netrain: Program, config: WriteConfig, tmp_path: Path
) -> None:
    path = config(epochs=2, target="value")
    netrain("train", path, *KFOLD, "--run-dir", "whole", "-q")
    netrain("train", path, *KFOLD, "--run-dir", "broken", "-q")
    for name in ("report.json", "out_of_fold.csv", "fold-5/report.json", "fold-5/epochs.jsonl"):
        (tmp_path / "broken" / name).unlink()
    for path in (tmp_path / "broken/fold-5/checkpoints").iterdir():
        path.unlink()
    assert netrain("resume", "broken", "-q").code == 0
    for name in ("out_of_fold.csv", "fold-5/checkpoints/best.safetensors"):
        assert (tmp_path / "broken" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_one_fold_alone_is_an_ordinary_run(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    path = config(epochs=2)
    netrain("train", path, *KFOLD, "--run-dir", "all", "-q")
    told = netrain("train", path, *KFOLD, "-s", "data.split.fold=3", "--run-dir", "one", "-q")
    assert told.code == 0
    name = "checkpoints/best.safetensors"
    assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "all/fold-3" / name).read_bytes()


def test_folds_by_time_leave_the_first_rows_untested(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    split = "data.split={name: kfold, folds: 3, by: time, column: z}"
    assert netrain("train", config(epochs=2), "-s", split, "--run-dir", "r", "-q").code == 0
    assert len(pl.read_csv(tmp_path / "r/out_of_fold.csv")) == 150


def test_folds_tell_a_line_each_and_a_table(netrain: Program, config: WriteConfig) -> None:
    err = netrain("train", config(epochs=2), *KFOLD).err
    assert "fold 5/5   test accuracy" in err
    assert "over 5 folds" in err
    assert "out_of_fold.csv" in err


def test_the_table_of_folds_shows_the_metric_that_chose(netrain: Program, config: WriteConfig) -> None:
    told = netrain(
        "train", config(epochs=2), *KFOLD, "-s", "data.split.folds=2", "-s", "metric=roc_auc", "--run-dir", "r"
    )
    (head,) = (line for line in told.out.splitlines() + told.err.splitlines() if "balanced_accuracy" in line)
    assert head.split()[:2] == ["accuracy", "roc_auc"]


def test_what_cannot_be_trained_leaves_no_run(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    path = config(epochs=1)
    assert netrain("train", path, *KFOLD, "-s", "data.target=none", "--run-dir", "r").code == 3
    assert netrain("train", path, *KFOLD, "-s", "metric=rmse", "--run-dir", "r").code == 2
    assert not (tmp_path / "r").exists()


def test_a_resume_for_more_epochs_holds_for_every_fold(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    netrain("train", config(epochs=2), *KFOLD, "--run-dir", "r", "-q")
    for path in sorted((tmp_path / "r/fold-3").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert netrain("resume", "r", "-s", "training.epochs=4", "-q").code == 0
    epochs = [json.loads((tmp_path / f"r/fold-{k}/report.json").read_text())["epochs"] for k in range(1, 6)]
    assert epochs == [4] * 5


def test_a_fold_that_diverged_is_made_anew(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    netrain("train", config(epochs=2), *KFOLD, "--run-dir", "r", "-q")
    for name in ("report.json", "checkpoints/last.safetensors"):  # what a divergence leaves: `best` and no `last`
        (tmp_path / "r/fold-3" / name).unlink()
    assert netrain("resume", "r", "-q").code == 0


def test_a_target_may_have_the_name_of_a_prediction(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    path = config(epochs=1)
    small_table().rename({"label": "prediction"}).write_csv("table.csv")
    told = netrain(
        "train", path, *KFOLD, "-s", "data.target=prediction", "-s", "data.columns={value: drop}", "--run-dir", "r"
    )
    assert told.code == 0, told.err
    assert "target_prediction" in pl.read_csv(tmp_path / "r/out_of_fold.csv").columns
