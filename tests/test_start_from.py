"""Training that starts from another run's weights, with parts frozen."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from small import Program, small_table

import netrain as package
from netrain.page import page

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
    assert "not used" not in told.err
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


def test_an_input_of_the_checkpoint_cannot_be_the_target_nor_be_dropped(netrain: Program, config: WriteConfig) -> None:
    path = config(epochs=1)  # `value` is dropped, `z` is an input
    netrain("train", path, "--run-dir", "first", "-q")
    for setting, place in {
        "data.target=z": "--set data.target=z",
        "data.columns.z=drop": "--set data.columns.z=drop",
        "data.weight=z": "--set data.weight=z",
        "data.split={name: group, column: city}": "--set data.split",
    }.items():
        told = netrain("train", path, "-s", "training.start_from=first", "-s", setting)
        assert told.code == 2, told
        assert "is an input of first" in told.err
        assert place in told.err


@pytest.mark.usefixtures("first")
def test_fewer_classes_than_the_checkpoint_has_keep_its_outputs(netrain: Program, config: WriteConfig) -> None:
    table = small_table().with_columns(label=pl.Series([["yes", "no", "maybe"][i % 3] for i in range(200)]))
    path = config(epochs=1)
    table.write_csv("table.csv")
    netrain("train", path, "--run-dir", "three", "-q")
    small_table().write_csv("table.csv")
    told = netrain("train", path, "-s", "training.start_from=three", "-s", "loss=binary_cross_entropy")
    assert told.code == 2
    assert "is for two classes; the target has 3" in told.err
    assert netrain("train", path, "-s", "training.start_from=three", "--run-dir", "two", "-q").code == 0
    assert package.load("two").coding.labels == ("maybe", "no", "yes")


@pytest.mark.usefixtures("first")
def test_folds_start_from_a_checkpoint_and_go_on_with_its_model(netrain: Program, tmp_path: Path) -> None:
    text = "data: {path: table.csv, target: label, columns: {value: drop}, split: {name: kfold, folds: 3}}\n"
    Path("k.yaml").write_text(text + "training: {start_from: first, epochs: 2, stop: never}\n")
    assert netrain("train", "k.yaml", "--run-dir", "k", "-q").code == 0
    before = (tmp_path / "k/fold-2/checkpoints/best.safetensors").read_bytes()
    for path in sorted((tmp_path / "k/fold-2").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert netrain("resume", "k", "-q").code == 0
    assert (tmp_path / "k/fold-2/checkpoints/best.safetensors").read_bytes() == before
    assert package.load("k/fold-2").config.model == package.load("first").config.model


def test_columns_declared_beside_a_start_are_told_to_have_no_part(netrain: Program, first: Path) -> None:
    settings = ("training.start_from=first", 'data.columns."x"=numeric', "data.columns.city=categorical")
    told = netrain("train", first, *(word for s in settings for word in ("--set", s)), "--run-dir", "second")
    assert told.code == 0, told.err
    text = " ".join(told.err.split())
    assert "not used, as the preprocessing is that of first: `data.columns.x`, `data.columns.city`" in text


def seen(run: str, part: str = "e", by: str = "first") -> tuple[int, int]:
    """How many rows of a part, and how many of them a run was trained on."""
    letters, before = (json.loads(Path(name, "split.json").read_text())["rows"] for name in (run, by))
    return sum(a == part for a in letters), sum((a, b) == (part, "t") for a, b in zip(letters, before, strict=True))


START = ("-s", "training.start_from=first", "-s", "training.epochs=1")
PROMISE = "were trained on by the run that this one starts from: its figures on them promise too much"


def test_rows_to_judge_by_that_the_start_was_trained_on_are_warned_of(netrain: Program, first: Path) -> None:
    told = netrain("train", first, *START, "-s", "seed=1", "-s", "data.split.valid=0.2", "--run-dir", "next")
    assert told.code == 0, told.err
    (n, count), (of, more) = seen("next"), seen("next", "v")
    message = f"{count} of {n} test rows and {more} of {of} validation rows {PROMISE}"
    assert f"warning: {message}\n  mend: --set seed=0 --set data.split.valid=0.15\n" in told.err
    assert told.err.count(message) == 2, "before training, and beside the figures"
    report = json.loads(Path("next/report.json").read_text())
    assert report["findings"][0]["message"] == message
    assert message in page(report)
    scored = netrain("evaluate", "next")
    assert message in scored.out
    assert json.loads(netrain("evaluate", "next", "--json", "-q").out)["findings"][0]["message"] == message
    mended = netrain("train", first, *START, "-s", "seed=0", "-s", "data.split.valid=0.15", "--run-dir", "mended")
    assert "trained on by" not in mended.err
    assert not seen("mended")[1]


def test_the_warning_stays_with_a_run_that_is_gone_on_with(netrain: Program, first: Path) -> None:
    assert netrain("train", first, *START, "-s", "seed=1", "--run-dir", "next", "-q").code == 0
    shutil.rmtree("first")
    findings = json.loads(Path("next/report.json").read_text())["findings"]
    assert netrain("resume", "next", "-s", "training.epochs=3", "-q").code == 0
    assert json.loads(Path("next/report.json").read_text())["findings"] == findings
    assert findings[0]["kind"] == "trained_on"


def test_rows_that_the_start_of_the_start_was_trained_on_count(netrain: Program, first: Path) -> None:
    netrain("train", first, *START, "-s", "seed=1", "--run-dir", "second", "-q")
    again = ("-s", "training.start_from=second/checkpoints/last.safetensors", "-s", "seed=1", "-s", "training.epochs=1")
    told = netrain("train", first, *again, "--run-dir", "third")
    n, count = seen("third")
    assert f"{count} of {n} test rows and" in told.err
    assert not seen("third", by="second")[1]


def test_compare_names_the_run_whose_start_was_trained_on_the_rows(netrain: Program, first: Path) -> None:
    many = ("-s", "data.split.test=0.4", "-s", "training.epochs=1", "-q")
    netrain("train", first, *START, "-s", "seed=1", *many, "--run-dir", "second")
    netrain("train", first, "-s", "seed=2", *many, "--run-dir", "third")
    letters = [json.loads(Path(name, "split.json").read_text())["rows"] for name in ("first", "second", "third")]
    count = sum(of == ("t", "e", "e") for of in zip(*letters, strict=True))
    assert count > 0
    promise = "starts from was trained on"
    told = netrain("compare", "second", "third").out
    assert f"the run that `second` {promise} {count} of these rows: its figures here promise too much" in told
    assert told.count(promise) == 1
    notes = json.loads(netrain("compare", "second", "third", "--json").out)["notes"]
    assert any(promise in note for note in notes)
    assert promise not in netrain("compare", "first", "third").out
    assert promise not in netrain("compare", "first", "second").out  # what both test on, the first was not trained on


def test_no_way_out_is_told_where_the_rows_are_drawn_by_another_target(netrain: Program, first: Path) -> None:
    told = netrain("train", first, *START, "-s", "seed=1", "-s", "data.target=value", "--run-dir", "next")
    assert told.code == 0, told.err
    assert PROMISE in told.err
    assert "mend: --set seed" not in told.err


@pytest.mark.usefixtures("first")
def test_nothing_is_said_of_another_table_or_a_checkpoint_in_no_run(netrain: Program, first: Path) -> None:
    shutil.copy("first/checkpoints/best.safetensors", "alone.safetensors")
    told = netrain("train", first, "-s", "training.start_from=alone.safetensors", "-s", "seed=1", "--run-dir", "a")
    assert told.code == 0, told.err
    assert "trained on by" not in told.err
    small_table(201).write_csv("table.csv")
    told = netrain("train", first, *START, "-s", "seed=1", "--run-dir", "b")
    assert told.code == 0, told.err
    assert "trained on by" not in told.err


def test_each_network_of_a_bag_and_each_fold_is_warned_of(netrain: Program, first: Path) -> None:
    told = netrain("train", first, *START, "-s", "training.bag=2", "--run-dir", "bag")
    assert told.code == 0, told.err
    letters, before = (json.loads(Path(r, "split.json").read_text())["rows"] for r in ("bag", "first"))
    message = f"{before.count('t')} of {letters.count('t')} validation rows {PROMISE}"
    assert told.err.count(message) == 2, "before training, and beside the figures"
    kfold = ("-s", "data.split={name: kfold, folds: 2}")
    told = netrain("train", first, *START, *kfold, "--run-dir", "k")
    assert told.code == 0, told.err
    for fold in ("k/fold-1", "k/fold-2"):
        n, count = seen(fold)
        assert f"warning: {count} of {n} test rows and" in told.err
    assert "on rows not seen" not in told.err
    assert "mend: --set" not in told.err
    report = json.loads(Path("k/report.json").read_text())
    assert report["findings"][0]["message"].startswith(f"{before.count('t')} of 200 test rows and")
    alike = netrain(
        "train", first, "-s", "training.start_from=bag/bag-1", "-s", "training.epochs=1", "--run-dir", "one"
    )
    assert "  mend: --set training.bag=2 --set training.member=1\n" in alike.err
