"""Help from the specs: `explain`, `schema` and `config` say what the config itself knows."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from small import Program

from netrain.commands.explain import specs
from netrain.config import Config, parse_config
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
def test_every_key_is_explained_with_its_default(netrain: Program, key: str) -> None:
    told = netrain("explain", key)
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(key)
    assert "default" in told.out or "required" in told.out


def test_choices_are_told_with_what_they_are_and_their_keys(netrain: Program) -> None:
    out = netrain("explain", "training.schedule").out
    for member in get_args(get_args(Schedule)[0]):
        assert f"\n{member.model_fields['name'].default}: {member.__doc__.splitlines()[0]}" in out
    assert "warmup: a number, at least 0, below 1, default 0.0; share of the steps" in out
    assert "one of none, layer, batch" in netrain("explain", "model.norm").out
    assert "seed: " in netrain("explain").out


def test_a_key_that_is_none_is_told_with_the_nearest(netrain: Program) -> None:
    told = netrain("explain", "training.scedule")
    assert told.code == 2
    assert (
        told.err == "error: `scedule` is not a key of training\n  hint: did you mean `schedule` or `decay_schedule`?\n"
    )


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
