"""The README says what is so: its commands run, its configs load, its tables are complete."""

import re
import shlex
from pathlib import Path
from typing import get_args

import polars as pl
import pytest
from small import Program

import netrain as package
from netrain.config import AnyLoss, parse_config
from netrain.nn.activations import Activation
from netrain.nn.models import Model
from netrain.nn.optimizers import Optimizer
from netrain.nn.schedules import Schedule
from netrain.training.recipe import Clip
from netrain.training.stopping import StopRule

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```", README, re.M | re.S)


def blocks(language: str) -> list[str]:
    return [text for kind, text in BLOCKS if kind == language]


def test_both_set_up_commands_stand_on_a_line_of_their_own() -> None:
    lines = README.splitlines()
    assert "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/netrain train configs/iris.yaml" in lines
    assert "python3 -m venv .venv && .venv/bin/pip install -q '.[dev]' && .venv/bin/pytest" in lines


def test_commands_run(netrain: Program, tmp_path: Path) -> None:
    for folder in ("configs", "data"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    commands = [line for block in blocks("sh") for line in block.splitlines()]
    assert len(commands) >= 4
    for command in commands:
        words = shlex.split(command, comments=True)
        told = netrain(*words[1:])
        assert told.code == 0, (command, told.err)
    frame = pl.read_csv("data/iris.csv")
    [code] = blocks("python")
    names = {"frame": frame, "netrain": package}
    exec(code, names)
    assert names["predictions"].equals(pl.read_csv("predictions.csv", schema=names["predictions"].schema))


@pytest.mark.parametrize("text", blocks("yaml"))
def test_configs_load(text: str) -> None:
    assert parse_config(text, "README.md").config.data.target == ("outcome",)


UNIONS = {
    "model": Model,
    "model.activation": Activation,
    "loss": AnyLoss,
    "training.optimizer": Optimizer,
    "training.schedule": Schedule,
    "training.stop": StopRule,
    "training.clip": Clip,
}


@pytest.mark.parametrize("key", UNIONS)
def test_every_choice_is_listed(key: str) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{key}` |"))
    names = {member.model_fields["name"].default for member in get_args(get_args(UNIONS[key])[0])} - {"auto"}
    assert names <= set(re.findall(r"`(\w+)`", row))
