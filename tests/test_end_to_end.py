"""The main job as a user does it: train, resume, evaluate, predict, inspect."""

import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn import metrics as sk
from small import Program, small_table

import netrain as package
from netrain.config import read_config
from netrain.runs.run import Run

CONFIGS = sorted((Path(__file__).parent.parent / "configs").glob("*.yaml"))
CHECKPOINTS = ("best.safetensors", "last.safetensors")
WriteConfig = Callable[..., Path]


def checkpoints(run: Path) -> list[bytes]:
    return [(run / "checkpoints" / name).read_bytes() for name in CHECKPOINTS]


def figures_of(run: Path) -> list[dict[str, object]]:
    return [{**epoch, "seconds": 0} for epoch in Run(run).logged()]


@pytest.mark.parametrize("target", ["label", "value"])
def test_train_evaluate_predict_agree(netrain: Program, config: WriteConfig, tmp_path: Path, target: str) -> None:
    trained = netrain("train", config(target=target), "--json", "--quiet")
    assert (trained.code, trained.err) == (0, "")
    report = json.loads(trained.out)
    run = tmp_path / report["run"]
    assert report["rows"] == {"train": 140, "valid": 30, "test": 30}
    assert not {"config.yaml", "split.json", "epochs.jsonl", "report.json", "checkpoints"} - {
        p.name for p in run.iterdir()
    }

    for part in ("train", "valid", "test"):  # the figures of the run, to the last digit
        again = json.loads(netrain("evaluate", run, "--split", part, "--json").out)
        assert again["metrics"] == report["metrics"][part]
        assert again["rows"] == report["rows"][part]
    assert json.loads(netrain("evaluate", run, "--json").out)["intervals"] == report["intervals"]["test"]

    new = small_table(97, seed=1)
    new.write_csv("new.csv")
    new.drop("value", "label").select("city", "z", "colour", "x").write_csv("blind.csv")
    told = netrain("predict", "blind.csv", "--checkpoint", run, "--output", "p.csv", "--keep", "city")
    assert (told.code, told.out) == (0, "")
    predicted = pl.read_csv("p.csv")
    assert predicted["city"].to_list() == new["city"].to_list()
    scored = json.loads(netrain("evaluate", run, "--data", "new.csv", "--json").out)["metrics"]
    if target == "label":
        assert scored["accuracy"] == sk.accuracy_score(new["label"], predicted["prediction"])
        area = sk.roc_auc_score(new["label"] == "yes", predicted["probability_yes"])
        assert scored["roc_auc"] == pytest.approx(area, rel=1e-12)
        assert scored["log_loss"] == pytest.approx(
            sk.log_loss(new["label"] == "yes", predicted["probability_yes"]), rel=1e-6
        )
    else:
        assert scored["rmse"] == pytest.approx(
            sk.root_mean_squared_error(new["value"], predicted["prediction"]), rel=1e-12
        )


def test_the_same_config_gives_the_same_bytes(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    path = config()
    for name in ("a", "b"):
        assert netrain("train", path, "--run-dir", name).code == 0
    assert checkpoints(tmp_path / "a") == checkpoints(tmp_path / "b")
    assert figures_of(tmp_path / "a") == figures_of(tmp_path / "b")
    assert netrain("train", path, "--run-dir", "c", "--set", "seed=1").code == 0
    assert checkpoints(tmp_path / "a") != checkpoints(tmp_path / "c")


@pytest.mark.parametrize("schedule", ["constant", "{name: cosine, warmup: 0.2}"])
def test_a_run_stopped_by_a_signal_and_resumed_equals_the_unbroken_one(
    netrain: Program, config: WriteConfig, tmp_path: Path, schedule: str
) -> None:
    """The program is stopped from outside, wherever it is; dropout and shuffling are on."""
    path = config(epochs=400, schedule=schedule)
    assert netrain("train", path, "--run-dir", "whole", "--quiet").code == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "netrain", "train", path, "--run-dir", "broken"], stderr=subprocess.PIPE, text=True
    )
    while not (tmp_path / "broken/epochs.jsonl").exists():
        time.sleep(0.005)
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "netrain resume broken" in err
    done = len(figures_of(tmp_path / "broken"))
    assert 0 < done < 400, "it was stopped on its way"
    assert json.loads((tmp_path / "broken/report.json").read_text())["stopped"]["reason"] == "interrupted"
    assert netrain("resume", "broken").code == 0
    assert checkpoints(tmp_path / "broken") == checkpoints(tmp_path / "whole")
    assert figures_of(tmp_path / "broken") == figures_of(tmp_path / "whole")
    assert json.loads((tmp_path / "broken/report.json").read_text())["stopped"]["reason"] == "all epochs done"


def test_a_finished_run_is_extended(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    netrain("train", config(epochs=6), "--run-dir", "six")
    netrain("train", config(epochs=3), "--run-dir", "three")
    again = netrain("resume", "three")
    assert again.code == 0
    assert "is finished: all 3 epochs are done" in again.err
    assert netrain("resume", "three", "--set", "training.epochs=6").code == 0
    assert checkpoints(tmp_path / "three") == checkpoints(tmp_path / "six")
    assert read_config("three/config.yaml").config.training.epochs == 6


def test_only_length_may_change_on_resume(netrain: Program, config: WriteConfig) -> None:
    netrain("train", config(epochs=2), "--run-dir", "r")
    refused = netrain("resume", "r", "--set", "training.batch_size=8")
    assert refused.code == 2
    assert "`training.batch_size` cannot change on resume" in refused.err


def test_a_changed_table_is_refused(netrain: Program, config: WriteConfig) -> None:
    netrain("train", config(epochs=2), "--run-dir", "r")
    small_table(199).write_csv("table.csv")
    for command in ("evaluate", "resume"):
        arguments = ("--set", "training.epochs=3") if command == "resume" else ()
        refused = netrain(command, "r", *arguments)
        assert refused.code == 3
        assert "the table has changed since the run was made" in refused.err


def test_divergence_ends_with_exit_7_and_what_to_try(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    optimizer = "  optimizer: {name: sgd, learning_rate: 1e+9}\n"
    told = netrain("train", config(target="value", more=optimizer), "--run-dir", "r")
    assert told.code == 7
    assert "training diverged: the" in told.err
    assert "--set training.optimizer.learning_rate=0.1" in told.err
    for path in (tmp_path / "r/checkpoints").iterdir():
        for view in package.load(path).network.flat.named.values():
            assert np.isfinite(view).all()


def test_stop_rules_say_which_fired(netrain: Program, config: WriteConfig) -> None:
    rules = {
        "{name: patience, metric: accuracy, epochs: 2}": "no better accuracy in 2 epochs",
        "{name: target, metric: loss, value: 100.0}": "loss reached",
        "[never, {name: time, seconds: 1e-9}]": "1e-09 seconds are over",
        "never": "all epochs done",
    }
    for rule, reason in rules.items():
        path = config(epochs=60)
        report = json.loads(netrain("train", path, "--json", "-q", "-s", f"training.stop={rule}").out)
        assert report["stopped"]["reason"].startswith(reason)


def test_without_validation_and_test_the_last_epoch_is_the_model(netrain: Program, config: WriteConfig) -> None:
    path = config(epochs=3)
    report = json.loads(netrain("train", path, "--json", "-s", "data.split={valid: 0, test: 0}").out)
    assert report["rows"] == {"train": 200, "valid": 0, "test": 0}
    assert report["best_epoch"] == 3
    refused = netrain("evaluate")
    assert refused.code == 3
    assert "the test part has no rows" in refused.err


def test_gates(netrain: Program, config: WriteConfig) -> None:
    netrain("train", config(epochs=2))
    assert netrain("evaluate", "--require", "accuracy>=0", "--require", "log_loss<100").code == 0
    missed = netrain("evaluate", "--require", "accuracy>=1.1")
    assert missed.code == 8
    assert "required >= 1.1" in missed.err
    assert netrain("evaluate", "--require", "accurcy>=0.5").code == 2
    assert netrain("evaluate", "--require", "accuracy").code == 2


def test_inspect_tells_what_the_checkpoint_holds(netrain: Program, config: WriteConfig) -> None:
    netrain("train", config(epochs=2))
    facts = json.loads(netrain("inspect", "--json").out)
    assert facts["target"] == {"column": "label", "classes": ["no", "yes"]}
    assert [c["column"] for c in facts["inputs"]] == ["x", "z", "colour", "city"]
    assert facts["parameters"] == sum(math.prod(shape) for shape in facts["tensors"].values())
    assert facts["config"]["data"]["path"] == "", "a checkpoint holds no path"
    out = netrain("inspect").out
    assert "mlp, " in out
    assert "x: numeric, scale standardize, impute " in out
    assert "indicator yes" in out


def test_load_predicts_frames_of_every_kind(netrain: Program, config: WriteConfig) -> None:
    netrain("train", config(epochs=2), "--run-dir", "r")
    new = small_table(50, seed=3)
    new.write_csv("new.csv")
    loaded = package.load("r")
    expected = loaded.predict(new)
    netrain("predict", "new.csv", "-c", "r", "-o", "p.parquet")
    assert pl.read_parquet("p.parquet").equals(expected)
    for frame in (pd.read_csv("new.csv"), new.to_dict(as_series=False)):
        assert loaded.predict(frame).equals(expected)


def test_predict_streams_any_number_of_rows_from_stdin(netrain: Program, config: WriteConfig) -> None:
    netrain("train", config(epochs=1), "--run-dir", "r")
    small_table(5000, seed=4).write_csv("new.csv")
    with open("new.csv", "rb") as stream:
        piped = subprocess.run(
            [sys.executable, "-m", "netrain", "predict", "-", "-c", "r"], stdin=stream, capture_output=True, check=True
        )
    assert piped.stdout.decode() == netrain("predict", "new.csv", "-c", "r").out
    assert len(piped.stdout.splitlines()) == 5001
    assert b"5,000 rows predicted" in piped.stderr


def test_predict_says_what_it_has_not_seen_and_lists_all_that_is_missing(netrain: Program, config: WriteConfig) -> None:
    netrain("train", config(epochs=1), "--run-dir", "r")
    small_table(20).with_columns(city=pl.lit("nowhere")).write_csv("strange.csv")
    assert "`city` holds 20 cells" in netrain("predict", "strange.csv", "-c", "r").err
    small_table(20).select("z", "colour").write_csv("short.csv")
    refused = netrain("predict", "short.csv", "-c", "r")
    assert refused.code == 3
    assert "2 columns are missing: `x`, `city`" in refused.err


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_every_shipped_config_trains(netrain: Program, path: Path) -> None:
    trained = netrain("train", path, "--json", "-s", "training.epochs=2")
    assert trained.code == 0, trained.err
    assert json.loads(trained.out)["metrics"]["test"]


def test_a_run_is_never_overwritten(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    path = config(epochs=1)
    for _ in range(2):
        netrain("train", path)
    assert sorted(p.name for p in (tmp_path / "runs").iterdir()) == ["small-1", "small-2"]
    assert netrain("train", path, "--run-dir", "runs/small-1").code == 2


def test_usage_errors_exit_2(netrain: Program) -> None:
    for arguments in (("trane",), ("train",), ("train", "none.yaml"), ("resume", "none"), ("evaluate",), ("--nope",)):
        told = netrain(*arguments)
        assert told.code == 2, told
        assert told.err.startswith("error: ")
        assert "Traceback" not in told.err
    assert netrain("evaluate", "none.safetensors").code == 4


def test_help_and_version_import_neither_numpy_nor_polars() -> None:
    code = """
import sys
from netrain.cli import main
sys.argv = ["netrain", sys.argv[1]]
try:
    main()
except SystemExit as ended:
    assert not ended.code
assert not {"numpy", "polars", "plotly"} & sys.modules.keys()
"""
    for argument in ("--help", "--version"):
        subprocess.run([sys.executable, "-c", code, argument], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("target", ["label", "value"])
def test_a_table_and_its_target_are_all_it_takes(netrain: Program, tmp_path: Path, target: str) -> None:
    small_table().drop("value" if target == "label" else "label").write_csv("rows.v1.csv.gz", compression="gzip")
    told = netrain("train", "rows.v1.csv.gz", "--target", target, "--preset", "fast", "-s", "training.epochs=3")
    assert told.code == 0, told.err
    config = read_config(tmp_path / "runs/rows-1/config.yaml").config
    assert (config.preset, config.training.epochs, config.data.target) == ("fast", 3, (target,))
    assert config.data.path == str(tmp_path / "rows.v1.csv.gz")
    assert netrain("evaluate", "runs/rows-1", "-q").code == 0


def test_mistakes_beside_a_table_name_the_argument(netrain: Program) -> None:
    small_table().write_csv("t.csv")
    for arguments, code, message in [
        (("t.csv",), 2, "`--target COLUMN` names it"),
        (("t.csv", "--target", "lable"), 3, "did you mean `label`"),
        (("none.csv", "--target", "label"), 3, "no such table"),
        (("t.csv", "--target", "label", "-s", "metric=rmse"), 2, "command line: `rmse` is not a metric"),
        (("t.csv", "--target", "label", "--target", "value"), 2, "the targets are classes and numbers"),
    ]:
        told = netrain("train", *arguments)
        assert told.code == code, told
        assert message in told.err


def test_a_path_typed_on_the_command_line_is_seen_from_here(netrain: Program, config: WriteConfig) -> None:
    path = config(epochs=1)
    Path("elsewhere").mkdir()
    path.rename("elsewhere/small.yaml")
    assert netrain("train", "elsewhere/small.yaml", "-q", "-s", "data.path=table.csv").code == 0


def test_what_would_be_silently_wrong_is_refused(netrain: Program, config: WriteConfig) -> None:
    path = config(epochs=2)
    rows = small_table().with_columns(part=pl.Series(["train", "test"] * 100), weight=pl.lit(0.0))
    rows.write_csv("table.csv")
    by_part = "data.split={name: column, column: part}"
    one_class = rows.with_columns(
        part=pl.when(pl.col("label") == "no").then(pl.lit("valid")).otherwise(pl.lit("train")), weight=pl.lit(1.0)
    ).with_columns(label=pl.when(pl.int_range(200) % 2 == 0).then(pl.lit("no")).otherwise(pl.col("label")))
    for settings, code, message in [
        ((by_part, "training.stop=patience"), 2, "nothing can be watched"),
        (("data.weight=weight",), 2, "every row to train on has the weight 0"),
        (("data.class_weight=balanced", "data.target=value"), 2, "`data.class_weight` is for one target of classes"),
    ]:
        words = [word for setting in settings for word in ("-s", setting)]
        told = netrain("train", path, *words)
        assert (told.code, message in told.err) == (code, True), told
    one_class.filter(~((pl.col("part") == "valid") & (pl.col("label") == "yes"))).write_csv("table.csv")
    told = netrain("train", path, "-s", by_part, "-s", "metric=roc_auc")
    assert told.code == 3, told
    assert "`roc_auc` is not defined for these" in told.err
    assert not Path("runs").exists()


def test_a_class_without_training_rows_is_told(netrain: Program, config: WriteConfig) -> None:
    path = config(epochs=1)
    rows = small_table()
    rows.with_columns(label=pl.Series([*rows["label"][:-5], *["rare"] * 5])).write_csv("table.csv")
    told = netrain("train", path, "-s", "data.split=in_order")
    assert told.code == 0
    assert "no row to train on: class `rare` of `label`" in told.err


def test_a_run_is_held_by_one_process_at_a_time(netrain: Program, config: WriteConfig, tmp_path: Path) -> None:
    path = config(epochs=100_000)
    process = subprocess.Popen(
        [sys.executable, "-m", "netrain", "train", path, "--run-dir", "r"], stderr=subprocess.DEVNULL
    )
    while not (tmp_path / "r/checkpoints/last.safetensors").exists():
        time.sleep(0.005)
        assert process.poll() is None
    told = netrain("resume", "r", "-s", "training.epochs=5")
    assert told.code == 6
    assert f"another process works in this run: process {process.pid} on " in told.err
    process.kill()
    process.wait()
    assert netrain("resume", "r", "-s", "training.epochs=5", "-q").code == 0, "a dead holder holds nothing"


def test_predictions_never_replace_their_table(netrain: Program, config: WriteConfig) -> None:
    netrain("train", config(epochs=1), "--run-dir", "r", "-q")
    before = Path("table.csv").read_bytes()
    Path("link.csv").symlink_to("table.csv")
    for output in ("table.csv", "./table.csv", "link.csv"):
        assert netrain("predict", "table.csv", "-c", "r", "-o", output).code == 2
    assert netrain("predict", "table.csv", "-c", "r", "--keep", "z,z").code == 2
    assert Path("table.csv").read_bytes() == before


def test_a_reader_that_leaves_and_a_full_disk_are_no_bugs(netrain: Program, config: WriteConfig) -> None:
    netrain("train", config(epochs=1), "--run-dir", "r", "-q")
    small_table(20_000).write_csv("many.csv")
    for target, code, message in (("| true", 0, ""), ("> /dev/full", 5, "stdout: cannot be written: No space left")):
        command = f"{sys.executable} -m netrain predict many.csv -c r -q {target}; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        assert message in done.stderr
        assert "Traceback" not in done.stderr


def test_a_few_cells_that_turn_a_column_to_text_are_told(netrain: Program, config: WriteConfig) -> None:
    path = config(epochs=1)
    rows = small_table().with_columns(pl.col("z", "value").cast(pl.String))
    rows = rows.with_columns(z=pl.Series(["warm", *rows["z"][1:]]), value=pl.Series([*rows["value"][:-1], "n.a."]))
    rows.write_csv("table.csv")
    assert "`z` is read as text, as 1 cell is no number: `warm`" in netrain("train", path).err
    settings = ("-s", "data.target=value", "-s", "data.columns={label: drop}")
    told = netrain("train", path, *settings)
    assert told.code == 3
    assert "table.csv:201: the target `value` has 1 cell that is no number, first `n.a.`" in told.err
    mended = ("-s", "data.missing=['', n.a.]", "-s", "data.missing_target=drop")
    assert netrain("train", path, *settings, *mended, "-q").code == 0
