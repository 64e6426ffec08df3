"""Help from the specs: `explain`, `schema` and `config` say what the config itself knows."""

import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from small import Program

from netrain.config import Config, parse_config
from netrain.keys import specs
from netrain.nn.schedules import Schedule

WriteConfig = Callable[..., Path]


def every_key(spec: type, path: str = "") -> dict[str, object]:
    """Each key of the config with its field, through all choices."""
    found: dict[str, object] = {}
    for name, field in spec.model_fields.items():
        if name == "name":
            continue
        here = f"{path}.{name}".lstrip(".")
        found[here] = field
        for below in specs(field.annotation):
            found |= every_key(below, here)
    return found


KEYS = every_key(Config)


@pytest.mark.parametrize("key", KEYS)
def test_every_key_is_explained_with_its_default(netrain: Program, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    told = netrain("explain", key)
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(key)
    assert "default" in told.out or "required" in told.out
    assert max(map(len, (line for line in told.out.splitlines() if "--set" not in line))) <= 60


@pytest.mark.parametrize("key", KEYS)
def test_the_example_of_a_key_sets_it(netrain: Program, key: str) -> None:
    examples = re.findall(r"^  (--set .*)$", netrain("explain", key).out, re.M)
    assert len(examples) >= (key not in ("data", "training", "report"))
    for example in examples:
        _, setting = shlex.split(example)
        assert re.search(rf"\b{key.rpartition('.')[2]}\b", setting)
        parse_config("data: {path: t.csv, target: y, split: {valid: 0.2}}", "t.yaml", [setting])


def test_the_json_holds_what_the_text_says(netrain: Program) -> None:
    tree = json.loads(netrain("explain", "--json").out)["keys"]
    assert tree.keys() == Config.model_fields.keys()
    epochs = tree["training"]["keys"]["epochs"]
    assert epochs["type"] == "integer"
    assert epochs["range"]["at_least"] == 1
    assert epochs["default"] == Config.model_fields["training"].default.epochs
    stops = tree["training"]["keys"]["stop"]["items"]["choices"]
    assert [choice["name"] for choice in stops] == ["patience", "target", "time", "never"]
    [one] = json.loads(netrain("explain", "training.epochs", "--json").out)["of"]
    assert one == epochs | {"of_choices": [], "example": f"--set training.epochs={epochs['default']}"}


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("training.stop.patience.epochs", "training.stop.patience.epochs of patience: epochs without"),
        ("training.stop.1.seconds", "training.stop.1.seconds of time: seconds of the run"),
        ("training.stop.patience", "patience: Stop when a validation figure has not improved"),
        ("data.columns.income.scale", "data.columns.income.scale of numeric: how the numbers are scaled"),
        ("data.columns.income.numeric.scale.robust", "robust: Median 0"),
        ("training.optimizer.learning_rate", "of adam, adamw, rmsprop"),
    ],
)
def test_choices_places_and_own_names_may_stand_on_the_way(netrain: Program, key: str, told: str) -> None:
    out = netrain("explain", key).out
    assert told in " ".join(out.split())


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("training.stop.patience.epoch", "`epochs`"),
        ("data.columns.scal", "`scale`"),
        ("training.stop.patince", "`patience`"),
        ("learning_rate", "`training.optimizer.learning_rate`"),
        ("data.path.more", "is not a key of data.path"),
    ],
)
def test_a_misspelt_key_on_the_way_is_told(netrain: Program, key: str, hint: str) -> None:
    told = netrain("explain", key)
    assert told.code == 2
    assert hint in told.err


def test_choices_are_told_with_what_they_are_and_their_keys(netrain: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    out = netrain("explain", "training.schedule").out
    for member in get_args(get_args(Schedule)[0]):
        assert f"\n{member.model_fields['name'].default}: {member.__doc__.splitlines()[0]}" in out
    assert "warmup: a number, at least 0, below 1, default 0.0; share of the steps" in out
    assert "one of none, layer, batch" in netrain("explain", "model.norm").out
    assert "seed: " in netrain("explain").out


def test_a_key_that_is_none_is_told_with_the_nearest(netrain: Program) -> None:
    told = netrain("explain", "training.scedule")
    assert told.code == 2
    assert told.err == "error: `scedule` is not a key of training\n  hint: did you mean `schedule`?\n"


def test_the_schema_describes_every_key(netrain: Program) -> None:
    schema = json.loads(netrain("schema").out)
    assert set(schema["properties"]) == set(Config.model_fields)
    words = json.dumps(schema)
    for key, field in KEYS.items():
        assert json.dumps(key.rpartition(".")[2]) in words
        if field.description:
            assert json.dumps(field.description)[1:-1] in words


def test_the_config_of_a_run_is_complete_and_reads_back(netrain: Program, config: WriteConfig) -> None:
    netrain("train", config(epochs=1), "--run-dir", "r", "-q")
    out = netrain("config", "r").out
    again = parse_config(out, "again").config
    assert again.to_yaml() == out
    assert again.training.epochs == 1
    assert netrain("config", "nowhere").code == 2
