"""What is said before the first epoch: what was decided, and why."""

from io import StringIO
from pathlib import Path

import polars as pl
import pytest
from rich.cells import cell_len
from rich.console import Console
from small import small_table

from netrain.commands.check import check
from netrain.shown.outline import outline, tell

PLAIN = ("model.name=mlp", "training.stop=patience", "training.optimizer.learning_rate=0.003", "training.epochs=40")


def lines(folder: Path, target: str, *sets: str, width: int = 200) -> list[str]:
    path = folder / "table.csv"
    heavy = pl.Series("heavy", [1.0 + i % 3 for i in range(200)])
    small_table().drop("value" if target == "label" else "label").with_columns(heavy).write_csv(path)
    sets = (*sets, *(["data.columns.heavy=drop"] if "data.weight=heavy" not in sets else []))
    console = Console(file=StringIO(), width=width)
    tell(outline(check(path, [target], "fast", sets).patient, str(path)), console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


def test_classes(tmp_path: Path) -> None:
    table, target, columns, split, model, training = lines(tmp_path, "label", "data.columns.z=drop", *PLAIN)
    assert table == "table     table.csv   200 rows   6 columns"
    assert target == "target    classification: `label` is text   2 classes: `yes` 56.0%, `no` 44.0%"
    assert (
        columns == "columns   1 number   1 category of an input a level   1 embedded category   left out: `z`, `heavy`"
    )
    assert split == "split     random, the target alike in each part   140 train   30 valid   30 test"
    assert model.startswith("model     mlp of hidden layers 64, 64   ")
    assert "preset fast   adamw at 0.003   cosine schedule" in training
    assert training.endswith("40 epochs at most   stops by patience")


def test_weights_are_told(tmp_path: Path) -> None:
    columns = lines(tmp_path, "label", "data.weight=heavy", *PLAIN)[2]
    assert columns.endswith("1 embedded category   each row weighs as `heavy` says, in all figures too")


def test_numbers_and_other_models(tmp_path: Path) -> None:
    _, target, _, split, model, training = lines(
        tmp_path, "value", "data.split.name=in_order", "model.name=resnet", "training.stop=never", "training.epochs=16"
    )
    assert target.startswith("target    regression: `value` holds 200 different numbers   from ")
    assert split == "split     in_order   140 train   30 valid   30 test"
    assert model.startswith("model     resnet of 2 blocks of 128 and 256 units   ")
    assert training.endswith("16 epochs")


@pytest.mark.parametrize("width", [40, 60, 80])
def test_it_fits_the_terminal(width: int, tmp_path: Path) -> None:
    assert max(map(cell_len, lines(tmp_path, "value", width=width))) <= width
