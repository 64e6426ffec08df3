"""`init`: a config with evidence that trains as it stands, to the weights of training without one."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from small import small_table

from netrain.commands.init import SCHEMA, init, save
from netrain.commands.train import train
from netrain.config import Config, parse_config, table_config
from netrain.errors import UsageError
from netrain.runs.bundle import load_bundle
from netrain.single import examined, resolve
from netrain.yaml12 import inline, load


def table(folder: Path) -> Path:
    path = folder / "my table.csv"
    n = 200
    extra = pl.DataFrame(
        {
            "id": [f"row {i}" for i in range(n)],
            "day": [f"{i % 28 + 1:02}.{i % 12 + 1:02}.2021" for i in range(n)],
            "ok": ["yes" if i % 3 else "no" for i in range(n)],
            "none": [None] * n,
            "same": [5] * n,
            "weird: #name": [i % 5 + 0.5 for i in range(n)],
        }
    )
    pl.concat([small_table(n).drop("value"), extra], how="horizontal").write_csv(path)
    return path


def comments(text: str) -> dict[str, str]:
    """The comment of each line that has one, by its key."""
    found = re.findall(r"^\s*(\S.*?): .*?\s+# (.*)$", text, re.MULTILINE)
    return {key.strip("'\""): said for key, said in found}


def test_each_column_carries_its_evidence(tmp_path: Path) -> None:
    said = comments(init(table(tmp_path), ["label"], "fast", [], tmp_path))
    assert re.fullmatch(r"6\.0% missing, 188 values from -\d\.\d+ to \d\.\d+", said["x"])
    assert said["colour"] == "33.0% missing, 2 values: an input each"
    assert said["city"] == "30 values in 200 rows: embedding"
    assert said["id"] == "another text in each of 200 rows: dropped"
    assert said["day"] == "from 2021-01-01 00:00:00 to 2021-12-28 00:00:00"
    assert said["ok"] == "only no, yes"
    assert said["none"] == "missing in every row: dropped"
    assert said["same"] == "the same in every row: 5: dropped"
    assert said["target"].startswith("2 classes: ")


def test_the_config_trains_to_the_weights_of_training_without_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rich.console import Console

    monkeypatch.chdir(tmp_path)
    overrides = ["training.epochs=3", "seed=4"]
    config = tmp_path / "sub" / "made.yaml"
    config.parent.mkdir()
    config.write_text(init(table(tmp_path), ["label"], "fast", overrides, config.parent))
    console = Console(quiet=True)
    ran, _ = train(config, [], "", [], None, talk=lambda: console, quiet=True)
    without, _ = train(tmp_path / "my table.csv", ["label"], "fast", overrides, None, talk=lambda: console, quiet=True)
    values = [load_bundle(run.best).network.flat.values for run in (ran, without)]
    assert np.array_equal(*values)


def test_choices_other_than_the_defaults_keep_their_names(tmp_path: Path) -> None:
    text = init(table(tmp_path), ["label"], "fast", ["data.class_weight=balanced", "data.numeric.scale=log"], tmp_path)
    data = parse_config(text, str(tmp_path / "c.yaml")).config.data
    assert data.class_weight.name == "balanced"
    assert data.numeric.scale.name == data.columns["x"].model_dump()["scale"]["name"] == "log"


@pytest.mark.parametrize("target", [["value"], ["x", "z"]])
def test_targets_of_numbers_read_back(target: list[str], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    small_table().drop_nulls().write_csv(path)
    text = init(path, target, "default", ["loss=huber", "data.decimal=."], tmp_path)
    config = parse_config(text, str(tmp_path / "c.yaml")).config
    assert isinstance(config, Config)
    assert config.data.target == tuple(target)
    assert (config.task, config.loss.name) == ("regression", "huber")


def test_a_warning_stands_above_its_column(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    frame = small_table().drop("value")
    frame.with_columns(pl.col("label").alias("copy")).write_csv(path)
    lines = init(path, ["label"], "fast", [], tmp_path).splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("    copy:"))
    assert lines[at - 2].strip() == "# warning: `copy` alone gives `label` away"
    assert lines[at - 1].strip() == "#   mend: --set data.columns.copy=drop"


def test_nothing_is_replaced_unless_so_asked(tmp_path: Path) -> None:
    output, data = tmp_path / "c.yaml", tmp_path / "t.csv"
    output.write_text("mine")
    data.write_text("x,y")
    (tmp_path / SCHEMA).write_text("mine too")
    with pytest.raises(UsageError, match="is there already"):
        save("text", {}, output, data, force=False)
    assert output.read_text() == "mine"
    save("text", {}, tmp_path / "d.yaml", data, force=False)
    assert (tmp_path / SCHEMA).read_text() == "mine too"
    save("text", {}, output, data, force=True)
    assert output.read_text() == "text"
    assert (tmp_path / SCHEMA).read_text() == "{}\n"
    for name in ("t.csv", SCHEMA):
        with pytest.raises(UsageError):
            save("text", {}, tmp_path / name, data, force=True)
    assert data.read_text() == "x,y"


SETTINGS = [
    "data.class_weight=balanced",
    "data.class_weight={name: given, weights: {yes: 2}}",
    "data.columns.z={name: numeric, scale: robust, impute: {name: constant, value: 7}}",
    "data.columns.z={name: numeric, scale: {name: quantile, points: 50}, indicator: false}",
    "data.columns.city={name: categorical, encode: one_hot, min_rows: 2}",
    "data.split={name: group, column: city, valid: 0.2}",
    "data.split=kfold",
    "data.missing_target=drop",
    "data.duplicates=drop",
    "data.weight=x2",
    "preset=none",
    "model=linear",
    "model={name: resnet, blocks: 1}",
    "model.activation={name: leaky_relu, slope: 0.2}",
    "model.init=orthogonal",
    "loss={name: cross_entropy, label_smoothing: 0.1}",
    "metric=accuracy",
    "training.optimizer={name: sgd, learning_rate: 0.1, momentum: 0.5}",
    "training.schedule={name: step, factor: 0.5}",
    "training.stop=[{name: patience, epochs: 3}, {name: time, seconds: 60}]",
    "training.clip=norm",
    "training.average=ema",
    "training.noise=0.1",
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_whatever_was_set_is_in_the_config(setting: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    small_table().drop("value").with_columns(x2=pl.lit(1.5)).write_csv(path)
    wanted = examined(*resolve(table_config(path, ["label"], "fast", [setting]))).experiment.config
    config = parse_config(init(path, ["label"], "fast", [setting], tmp_path), str(tmp_path / "c.yaml")).config
    assert config.model == wanted.model
    assert config.training == wanted.training
    assert config.metric == wanted.metric
    alike = {"path": "", "columns": {}}
    assert config.data.model_copy(update=alike) == wanted.data.model_copy(update=alike)
    assert wanted.data.columns.items() <= config.data.columns.items()
    assert config.loss == wanted.loss


@pytest.mark.parametrize("value", ["a: b", "#x", "", "null", "1e3", "é", "a\nb", [1, 2.5, "x, y"], {"k": [True, None]}])
def test_a_value_on_one_line_reads_back(value: object) -> None:
    assert "\n" not in inline(value)
    assert load(f"v: {inline(value)}", "f").data == {"v": value}
