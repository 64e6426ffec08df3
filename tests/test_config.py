"""The config at the door: what it refuses, where it says so, and what it fills in."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netrain.config import Config, parse_config, read_config, split_key
from netrain.errors import ConfigError, UsageError
from netrain.presets import RECIPES, UNREAD
from netrain.wording import dotted, nearest

CONFIGS = sorted((Path(__file__).parent.parent / "configs").glob("*.yaml"))
MINIMAL = "data: {path: a.csv, target: y}\n"


def told(text: str, *overrides: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "c.yaml", overrides)
    return str(caught.value)


def test_an_unknown_key_is_told_with_its_line_and_the_nearest_key() -> None:
    text = MINIMAL + "model: mlp\ntraining:\n  optimizer:\n    name: sgd\n    momentun: 0.9\n"
    assert told(text) == textwrap.dedent("""\
        c.yaml:6:5: `training.optimizer.momentun` is not a key
           6 |     momentun: 0.9
                   ^^^^^^^^
          hint: did you mean `momentum`?""")


REFUSED = [
    ("seed: -1", "c.yaml:2:7: `seed` must be at least 0: `-1`"),
    ("seed: yes", "`seed` must be a whole number: `yes`"),
    ("seed: 1.5", "`seed` must be a whole number: `1.5`"),
    ("seed: true", "`seed` must be a whole number: `true`"),
    ("training: {epochs: ten}", "c.yaml:2:20: `training.epochs` must be a whole number: `ten`"),
    ("training: {epochs: 0}", "`training.epochs` must be at least 1: `0`"),
    ("training: {optimizer: {learning_rate: -1}}", "`training.optimizer.learning_rate` must be above 0"),
    ("training: {optimizer: {learning_rate: .nan}}", "must be a finite number"),
    ("training: {optimizer: {learning_rate: .inf}}", "must be a finite number"),
    ("training: {optimizer: {learning_rate: '0.1'}}", "must be a number: `0.1`"),
    ("training: {optimizer: adamm}", "c.yaml:2:23: `adamm` is not a choice for `training.optimizer`"),
    ("training: {stop: [never, nevr]}", "c.yaml:2:26: `nevr` is not a choice for `training.stop.1`"),
    ("training: {stop: {name: target}}", "`training.stop.value` is missing"),
    ("model: {name: mlp, dropout: 1.0}", "`model.dropout` must be below 1: `1.0`"),
    ("loss: {name: quantile, quantiles: [0.5, 0.1, 0.5]}", "two quantiles are the same"),
    ("model: {name: mlp, hidden: []}", "`model.hidden` must be a list of at least 1"),
    ("model: {name: mlp, hidden: 64}", "`model.hidden` must be a list: `64`"),
    ("model: {name: mlp, activation: rellu}", "did you mean `relu`"),
    ("loss: squared_err", "did you mean `squared_error`?"),
    ("task: classify", "did you mean `classification`?"),
    ("preset: quick", "`quick` is not a choice for `preset`"),
    ("dat: 1", "did you mean `data`?"),
    (
        "training: {optimizer: {name: sgd, nesterov: true, momentum: 0.0}}",
        "`nesterov: true` needs a `momentum` above 0",
    ),
]


@pytest.mark.parametrize(("line", "message"), REFUSED)
def test_a_wrong_value_is_refused_at_its_place(line: str, message: str) -> None:
    assert message in told(MINIMAL + line)


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    message = told("seed: x\ndata: {path: a.csv}\nmodle: 3\n")
    assert message.index("`seed`") < message.index("`data.target` is missing") < message.index("`modle`")


def test_targets_and_weight_are_different_columns() -> None:
    assert "`y` stands twice" in told("data: {path: a, target: [y, y]}")
    assert "cannot be both `weight` and `target`" in told("data: {path: a, target: y, weight: y}")


def test_parts_that_leave_nothing_to_train_on_are_refused() -> None:
    assert "must leave rows to train on" in told("data: {path: a, target: y, split: {valid: 0.6, test: 0.4}}")


def test_patience_without_validation_is_refused_with_the_way_out() -> None:
    text = "data: {path: a, target: y, split: {valid: 0}}\nmodel: linear\n"
    assert "nothing can be watched by `training.stop: patience`" in told(text)
    assert parse_config(text, "c", ["training.stop=never"]).config.training.stop[0].name == "never"


def test_a_choice_may_be_written_as_its_name_or_without_it() -> None:
    by_name = parse_config(MINIMAL + "model: {name: mlp, activation: tanh}\ntraining: {schedule: constant}", "c").config
    assert by_name.training.schedule.name == "constant"
    without = parse_config(MINIMAL + "training: {optimizer: {learning_rate: 1e-4}}\nmodel: mlp", "c").config
    assert without.training.optimizer.name == "adamw"
    assert without.training.optimizer.learning_rate == 1e-4


def test_a_silent_file_gets_the_default_preset_and_a_file_with_a_model_none() -> None:
    silent = parse_config(MINIMAL, "c").config
    assert silent.preset == "default"
    assert list(silent.model.model_dump()["hidden"]) == RECIPES["default"](UNREAD)["model"]["hidden"]
    assert parse_config(MINIMAL + "model: mlp", "c").config.preset == "none"


def test_the_file_wins_over_the_preset_key_by_key_and_another_choice_replaces_it_whole() -> None:
    config = parse_config(MINIMAL + "preset: fast\ntraining: {epochs: 3, optimizer: sgd}", "c").config
    assert (config.training.epochs, config.training.batch_size) == (
        3,
        RECIPES["fast"](UNREAD)["training"]["batch_size"],
    )
    assert config.training.optimizer.model_dump()["momentum"] == 0.9


def test_set_wins_over_the_file_and_its_errors_name_the_argument() -> None:
    text = MINIMAL + "training: {epochs: 3, schedule: cosine}\n"
    config = parse_config(text, "c", ["training.epochs=7", "training.schedule.warmup=0.1", "data.target=z"]).config
    assert (config.training.epochs, config.training.schedule.warmup, config.data.target) == (7, 0.1, ("z",))
    assert told(text, "training.epochs=ten") == textwrap.dedent("""\
        command line: `training.epochs` must be a whole number: `ten`
               --set training.epochs=ten
                                     ^^^""")
    with pytest.raises(UsageError, match="is not KEY=VALUE"):
        parse_config(text, "c", ["training.epochs"])


def test_setting_another_choice_by_name_replaces_what_the_file_says_of_the_old_one() -> None:
    text = MINIMAL.replace("y}", "y, split: {valid: 0.2, test: 0.1, stratify: false}, columns: {name: drop, x: drop}}")
    split = parse_config(text, "c", ["data.split.folds=3", "data.split.name=kfold"]).config.data.split
    assert (split.name, split.folds, split.valid) == ("kfold", 3, 0.15)
    assert parse_config(text, "c", ["data.split.name=random"]).config.data.split.valid == 0.2
    columns = parse_config(text, "c", ["data.columns.name=numeric"]).config.data.columns
    assert {name: column.name for name, column in columns.items()} == {"name": "numeric", "x": "drop"}


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_a_complete_config_reads_back_equal(path: Path) -> None:
    config = read_config(path).config
    assert parse_config(config.to_yaml(), "again").config == config


def test_no_spec_lets_pydantic_coerce_a_number_or_a_flag() -> None:
    """Text where a number belongs, 1 for true, 0.5 for a count: all refused, in every spec there is."""
    schema = str(Config.__pydantic_core_schema__)
    for kind in ("int", "float", "bool"):
        for part in schema.split(f"'type': '{kind}'")[1:]:
            assert "'strict': True" in part[: part.index("}")], f"a loose {kind}: use the numbers of spec.py"


UNREADABLE = {
    "missing": (None, "no such file"),
    "empty": (b"", "the config is empty"),
    "huge": (b"#" * 1_000_001, "larger than 1 MB"),
    "not UTF-8": (b"a: 1\nb: \xff\n", "2: not UTF-8 text"),
}


@pytest.mark.parametrize("case", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_config_is_refused(tmp_path: Path, case: tuple[bytes | None, str]) -> None:
    content, message = case
    path = tmp_path / "c.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=message):
        read_config(path)


def test_a_directory_is_no_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="a directory"):
        read_config(tmp_path)


def test_loading_a_config_imports_neither_numpy_nor_polars() -> None:
    code = f"""
import sys
from netrain.config import read_config
read_config({str(CONFIGS[0])!r})
assert not {{"numpy", "polars", "rich", "plotly"}} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_quoted_part_of_a_key_is_one_name() -> None:
    settings = ['data.columns."a.b".name=numeric', "data.columns.'c=d'=drop", 'data.columns."a.b".scale=robust']
    columns = parse_config(MINIMAL, "c", settings).config.data.columns
    assert {name: column.name for name, column in columns.items()} == {"a.b": "numeric", "c=d": "drop"}
    assert columns["a.b"].model_dump()["scale"]["name"] == "robust"


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\"'"), min_size=1)


@given(st.lists(names, min_size=1, max_size=4))
def test_a_path_in_dots_reads_back_as_a_key(path: list[str]) -> None:
    keys, starts = split_key(f"{dotted(path)}=value")
    assert keys == path
    assert f"{dotted(path)}=value"[starts[-1] :] == "value"


def test_an_item_of_a_list_is_set_by_its_number() -> None:
    text = MINIMAL + "training: {stop: [{name: patience}, never]}\nmodel: {name: mlp, hidden: [3, 4]}\n"
    config = parse_config(text, "c", ["model.hidden.1=5", "training.stop.0.epochs=7"]).config
    assert (config.model.hidden, config.training.stop[0].epochs) == ((3, 5), 7)


ALIKE = {
    "momentun": ["momentum"],
    "rocauc": ["roc_auc"],
    "ROC-AUC": ["roc_auc"],
    "acuracy": ["accuracy"],
    "epcohs": ["epochs"],
    "classify": ["classification"],
    "gini": [],
    "quick": [],
    "rmse": [],
    "x": [],
}


@pytest.mark.parametrize("word", ALIKE)
def test_only_words_that_are_alike_are_suggested(word: str) -> None:
    known = ["momentum", "roc_auc", "accuracy", "epochs", "classification", "mae", "none", "z"]
    assert nearest(word, known) == ALIKE[word]
