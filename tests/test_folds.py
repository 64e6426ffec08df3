"""K networks, one a fold: mean, spread, out-of-fold predictions, and going on after a stop."""

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import numpy as np
import polars as pl
import pytest
from sklearn import metrics as sk
from small import Program, small_table

WriteConfig = Callable[..., Path]
KFOLD = ("--set", "data.split.name=kfold")
THREE = ("-s", "data.split={name: kfold, folds: 3}", "-s", "training.save_every=9")


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


def test_a_k_fold_stopped_within_a_fold_is_one_run_and_the_latest(
    netrain: Program, config: WriteConfig, tmp_path: Path
) -> None:
    def interrupt() -> None:
        log, until = tmp_path / "runs/small-1/fold-1/epochs.jsonl", time.monotonic() + 30
        while not log.exists() and time.monotonic() < until:
            time.sleep(0.002)
        os.kill(os.getpid(), signal.SIGINT)

    other = Thread(target=interrupt)
    other.start()
    told = netrain("train", config(epochs=600), *THREE, "-q")
    other.join()
    assert (told.code, told.err.rpartition("; ")[2]) == (130, "to go on: netrain resume runs/small-1\n")
    assert told.err.startswith("stopped at epoch ")
    (run,) = json.loads(netrain("runs", "--json").out)["runs"]
    assert (run["run"], run["state"], run["folds"], run["folds_done"]) == ("runs/small-1", "unfinished", 3, 0)
    told = netrain("resume", "latest")
    assert told.err.startswith("`latest` is runs/small-1\n")
    reports = [json.loads((tmp_path / f"runs/small-1/fold-{k}/report.json").read_text()) for k in (1, 2, 3)]
    assert [(of["epochs"], of["stopped"]["reason"]) for of in reports] == [(600, "all epochs done")] * 3
    assert "done, 3 folds" in netrain("runs").out


def test_a_k_fold_stopped_between_folds_is_one_run_and_the_latest(
    netrain: Program, config: WriteConfig, tmp_path: Path
) -> None:
    run = tmp_path / "runs/small-1"
    assert netrain("train", config(epochs=2), *THREE, "-q").code == 0
    (run / "report.json").unlink()
    shutil.rmtree(run / "fold-3")
    listed = netrain("runs").out
    assert "unfinished, 2 of 3 folds" in listed
    assert "fold-1" not in listed
    for fold in ("fold-1", "fold-2"):  # stopped before the first one began
        shutil.rmtree(run / fold)
    listed = netrain("runs").out
    assert "unfinished, 0 of 3 folds" in listed
    assert netrain("resume", "latest").err.startswith("`latest` is runs/small-1\n")
    assert (run / "fold-3/report.json").exists()


def test_a_report_of_folds_that_are_trained_further_does_not_stay(
    netrain: Program, config: WriteConfig, tmp_path: Path
) -> None:
    netrain("train", config(epochs=1), *THREE, "-s", "report.page=true", "--run-dir", "runs/r", "-q")
    assert (tmp_path / "runs/r/report.html").exists()
    for name in ("last", "best"):
        (tmp_path / f"runs/r/fold-2/checkpoints/{name}.safetensors").write_bytes(b"")
    assert netrain("resume", "latest", "-s", "training.epochs=2", "-q").code == 4  # after fold 1 was trained
    assert "unfinished, 3 of 3 folds" in netrain("runs").out
    assert not (tmp_path / "runs/r/report.html").exists()


def epochs_of(run: Path) -> list[int]:
    """The epochs of each fold, as its log has them."""
    folds = sorted(run.glob("fold-*"), key=lambda fold: fold.name)
    return [len((fold / "epochs.jsonl").read_text().splitlines()) for fold in folds]


def test_fewer_epochs_than_a_fold_has_are_refused_and_change_nothing(
    netrain: Program, config: WriteConfig, tmp_path: Path
) -> None:
    run = tmp_path / "r"
    netrain("train", config(epochs=4), *THREE, "--run-dir", "r", "-q")
    (run / "report.json").unlink()
    shutil.rmtree(run / "fold-3")
    before = (run / "config.yaml").read_bytes()
    told = netrain("resume", "r", "-s", "training.epochs=3")
    assert told.code == 2
    assert "fold 1 has been trained for 4 epochs: with 3 the folds would not be alike" in told.err
    assert "`netrain resume r` goes on to 4 in every fold" in told.err
    assert ((run / "config.yaml").read_bytes(), epochs_of(run)) == (before, [4, 4])
    assert netrain("resume", "r", "-q").code == 0
    assert epochs_of(run) == [4, 4, 4]


def test_more_epochs_hold_for_every_fold_also_where_that_resume_was_stopped(
    netrain: Program, config: WriteConfig, tmp_path: Path
) -> None:
    run = tmp_path / "r"
    netrain("train", config(epochs=2), *THREE, "--run-dir", "r", "-q")
    netrain("train", config(epochs=5), *THREE, "--run-dir", "whole", "-q")
    second = run / "fold-2/config.yaml"
    kept = second.read_text()
    second.write_text("none")
    assert netrain("resume", "r", "-s", "training.epochs=5", "-q").code == 2
    assert epochs_of(run) == [5, 2, 2]
    second.write_text(kept)
    assert netrain("resume", "r", "-q").code == 0
    assert epochs_of(run) == [5, 5, 5]
    assert (run / "out_of_fold.csv").read_bytes() == (tmp_path / "whole/out_of_fold.csv").read_bytes()
    assert not (run / "fold-1/report.html").exists()


def test_a_fold_that_a_rule_has_ended_stays_as_in_a_training_of_more_epochs(
    netrain: Program, config: WriteConfig, tmp_path: Path
) -> None:
    stop = (
        "-s",
        "training.stop={name: patience, metric: loss, epochs: 1}",
        "-s",
        "training.optimizer.learning_rate=0.03",
    )
    netrain("train", config(epochs=4), *THREE, *stop, "--run-dir", "r", "-q")
    netrain("train", config(epochs=40), *THREE, *stop, "--run-dir", "whole", "-q")
    assert netrain("resume", "r", "-s", "training.epochs=40", "-q").code == 0
    assert min(epochs_of(tmp_path / "whole")) < 40
    again = netrain("resume", "r", "-s", "training.epochs=50").err
    assert "fold 1/3 is finished: no better loss in 1 epochs" in again
    assert epochs_of(tmp_path / "r") == epochs_of(tmp_path / "whole")
