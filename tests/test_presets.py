"""Presets: valid for every table, filled anew for the one that was read, and below all that the file says."""

from pathlib import Path

import pytest
from small import small_table

from netrain.config import Config, parse_config, read_config, table_config
from netrain.experiment import Experiment
from netrain.prepare import prepare, read_tables
from netrain.presets import RECIPES, Facts, batch_size, fill

SILENT = "data: {path: t.csv, target: y}\n"
DATA = {"data": {"path": "t.csv", "target": "y"}}
SIZES = [Facts(n, d, classes) for n in (1, 500, 10**8) for d in (1, 5000) for classes in (0, 2, 9)]


def prepared(path: Path, target: str, *overrides: str, preset: str = "default") -> Experiment:
    source = table_config(path, [target], preset, overrides)
    return prepare(source, read_tables(source))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    small_table(300).drop_nulls().write_csv(path)
    return path


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("facts", SIZES, ids=str)
def test_a_preset_is_a_config_whatever_the_table(name: str, facts: Facts) -> None:
    config = Config.model_validate(fill(DATA | {"preset": name}, facts))
    assert config.preset == name
    assert config.model.name == RECIPES[name](facts)["model"]["name"]


@pytest.mark.parametrize("name", RECIPES)
def test_a_config_that_was_written_whole_is_not_filled_anew(name: str, tmp_path: Path) -> None:
    small = Config.model_validate(fill(DATA | {"preset": name}, Facts(rows=100)))
    (tmp_path / "c.yaml").write_text(small.to_yaml())
    assert read_config(tmp_path / "c.yaml").config == small


def test_batches_grow_with_the_table_and_never_shrink() -> None:
    sizes = [batch_size(rows) for rows in (1, 100, 2_000, 10_000, 30_000, 100_000, 10**7)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[3] < sizes[-1]


def test_a_number_gets_less_of_a_curve_where_there_are_many() -> None:
    embeddings = [RECIPES["default"](Facts(columns=n))["model"]["numeric_embedding"] for n in (20, 100, 1000)]
    assert embeddings[0]["size"] > embeddings[1]["size"]
    assert embeddings[2]["name"] == "none"


def test_many_classes_are_learned_otherwise_than_two_and_values() -> None:
    values, two, many = (RECIPES["default"](Facts(classes=n)) for n in (0, 2, 3))
    assert values == two != many


def test_the_run_is_filled_for_the_table_that_was_read(path: Path) -> None:
    experiment = prepared(path, "label")
    rows = len(experiment.parts["train"].rows)
    assert experiment.config.training.batch_size == batch_size(rows)
    assert experiment.config.training.batch_size != parse_config(SILENT, "c").config.training.batch_size


def test_what_the_user_says_wins_over_what_the_table_asks_for(path: Path) -> None:
    config = prepared(path, "value", "training.batch_size=17", "model.ensemble=3", "training.schedule=constant").config
    assert config.training.batch_size == 17
    assert config.model.members == 3
    assert config.training.schedule.name == "constant"
    assert config.model.model_dump()["hidden"] == (128, 128)


def test_another_model_than_the_presets_is_not_trained_by_its_recipe(path: Path) -> None:
    config = prepared(path, "value", "model.name=mlp").config
    plain = parse_config(SILENT + "model: mlp", "c").config.training
    assert config.model.name == "mlp"
    assert config.training.optimizer == plain.optimizer
    assert config.training.schedule == plain.schedule


def test_a_bare_name_is_the_choice_itself(path: Path) -> None:
    bare, whole = (prepared(path, "value", f"model={model}").config.model for model in ("tabm", "{name: tabm}"))
    assert bare == whole


def test_without_a_preset_nothing_is_filled(path: Path) -> None:
    config = prepared(path, "label", "model.name=mlp", preset="none").config
    assert config.training == parse_config(SILENT + "model: mlp", "c").config.training


@pytest.mark.parametrize(
    ("split", "bag"),
    [
        ("random", 5),
        ("{valid: 0.3}", 5),
        ("{name: group, column: city}", 5),
        ("kfold", 5),
        ("in_order", 1),
        ("{name: time, column: x}", 1),
        ("{name: kfold, by: time, column: x}", 1),
        ("{name: column, column: colour}", 1),
    ],
)
def test_the_best_is_a_bag_where_rows_are_split_by_lot(split: str, bag: int) -> None:
    config = parse_config(f"preset: best\ndata: {{path: t.csv, target: y, split: {split}}}\n", "c").config
    assert config.training.bag == bag


def test_the_best_takes_fewer_networks_for_more_rows() -> None:
    bags = [fill(DATA | {"preset": "best"}, Facts(rows=rows))["training"]["bag"] for rows in (100, 20_000, 10**6)]
    assert bags == sorted(bags, reverse=True)
    assert bags[0] > bags[-1] == 1


def test_a_bag_that_the_table_is_too_large_for_keeps_its_validation_rows(path: Path) -> None:
    alone = prepared(path, "label", "training.bag=1", preset="best")
    assert len(alone.parts["valid"].rows)
    bagged = prepared(path, "label", preset="best")
    assert len(bagged.parts["train"].rows) == len(alone.parts["train"].rows) + len(alone.parts["valid"].rows)
    assert bagged.config.training.batch_size == alone.config.training.batch_size
