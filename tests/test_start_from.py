"""Training that starts from another run's weights, with parts frozen."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from small import Program, small_table

import netrain as package

WriteConfig = Callable[..., Path]


def weights(run: str) -> dict[str, np.ndarray]:
    return {name: view.copy() for name, view in package.load(run).network.flat.named.items()}


@pytest.fixture
def first(netrain: Program, config: WriteConfig) -> Path:
    path = config(epochs=4)
    assert netrain("train", path, "--run-dir", "first", "-q").code == 0
    return path


def test_the_same_target_starts_where_the_other_run_ended(netrain: Program, first: Path) -> None:
    told = netrain(
        "train", first, "--run-dir", "next", "-s", "training.start_from=first", "-s", "training.epochs=1",
        "-s", "training.optimizer={name: sgd, learning_rate: 1e-12, momentum: 0.0}",
    )  # fmt: skip
    assert told.code == 0
    assert "parameters start from first" in told.err
    assert "new:" not in told.err
    for name, before in weights("first").items():
        np.testing.assert_allclose(weights("next")[name], before, atol=1e-6)


def test_what_is_frozen_stays_bit_for_bit(netrain: Program, first: Path) -> None:
    settings = ("-s", "training.start_from=first", "-s", "training.freeze=[hidden.0, embedding]")
    recipe = ("-s", "training.optimizer={name: adamw, weight_decay: 0.1}", "-s", "training.l1=0.01")
    assert netrain("train", first, "--run-dir", "next", *settings, *recipe, "-q").code == 0
    before, after = weights("first"), weights("next")
    for name in before:
        frozen = name.startswith(("hidden.0.", "embedding."))
        assert (before[name] == after[name]).all() == frozen, name


@pytest.mark.usefixtures("first")
def test_another_target_gets_a_new_last_layer_and_the_model_of_the_checkpoint(netrain: Program) -> None:
    Path("other.yaml").write_text(
        "data: {path: table.csv, target: value, columns: {label: drop}}\n"
        "training: {start_from: first, epochs: 2, stop: never}\n"
    )
    told = netrain("train", "other.yaml", "--run-dir", "next")
    assert told.code == 0, told.err
    assert "new: `out.w` is 8 x 2 there, 8 x 1 here" in told.err
    assert package.load("next").config.model == package.load("first").config.model


def test_new_rows_are_transformed_as_the_old_ones_were(netrain: Program, first: Path) -> None:
    small_table(150, seed=5).with_columns(pl.col("x") * 100).write_csv("table.csv")
    assert netrain("train", first, "--run-dir", "next", "-s", "training.start_from=first", "-q").code == 0
    assert package.load("next").preprocessor == package.load("first").preprocessor


def test_a_run_from_another_resumes_without_it(netrain: Program, first: Path, tmp_path: Path) -> None:
    settings = ("-s", "training.start_from=first", "-s", "training.freeze=[hidden.0.linear]")
    netrain("train", first, "--run-dir", "six", *settings, "-s", "training.epochs=6", "-q")
    netrain("train", first, "--run-dir", "three", *settings, "-s", "training.epochs=3", "-q")
    for path in (tmp_path / "first/checkpoints").iterdir():
        path.unlink()
    assert netrain("resume", "three", "--set", "training.epochs=6", "-q").code == 0
    best = "checkpoints/best.safetensors"
    assert (tmp_path / "three" / best).read_bytes() == (tmp_path / "six" / best).read_bytes()


def test_mistakes_name_their_place(netrain: Program, first: Path) -> None:
    for setting, message in {
        "training.start_from=nowhere": "there is no checkpoint or run at",
        "training.freeze=[hiden]": "`hiden` is no part of this network",
        "training.freeze=[hidden, out, embedding]": "every parameter is frozen",
    }.items():
        told = netrain("train", first, "-s", setting)
        assert told.code == 2, told
        assert message in told.err
