"""The choices of a config's `data`: each says what it is, is built from little, and stands in an example."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import TypeAdapter

from netrain.data.columns import Column, Impute, Scale
from netrain.data.declared import ClassWeight
from netrain.data.split import Split
from netrain.spec import Spec

UNIONS = {"scale": Scale, "impute": Impute, "columns": Column, "class_weight": ClassWeight, "split": Split}
MEMBERS = [
    pytest.param(key, member, id=f"{key}-{member.model_fields['name'].default}")
    for key, union in UNIONS.items()
    for member in get_args(get_args(union)[0])
]
SOURCED = {"standardize", "robust", "quantile", "min_max", "log", "balanced", "kfold"}  # the rest is what its name says
TAKES = {  # beside its name, what it cannot do without
    "time": {"column": "c"},
    "group": {"column": "c"},
    "column": {"column": "c"},
    "files": {"test_path": "t.csv"},
}
CONFIGS = [yaml.safe_load(p.read_text()) for p in sorted(Path(__file__).parents[2].glob("configs/*.yaml"))]


def choices(tree: Any, key: str = "") -> Iterator[tuple[str, str]]:
    """Every choice that a config writes, by its key; the columns' by the word `columns`."""
    if isinstance(tree, dict):
        if isinstance(tree.get("name"), str):
            yield key, tree["name"]
        for below, value in tree.items():
            yield from choices(value, "columns" if key == "columns" and "name" not in tree else below)
    elif isinstance(tree, str):
        yield key, tree


USED = {choice for config in CONFIGS for choice in choices(config)}


@pytest.mark.parametrize(("key", "member"), MEMBERS)
def test_it_is_built_from_its_name_and_what_it_needs(key: str, member: type[Spec]) -> None:
    name = member.model_fields["name"].default
    needs = TAKES.get(name, {})
    built = TypeAdapter(UNIONS[key]).validate_python({"name": name, **needs} if needs else name)
    assert built == member(**needs)


@pytest.mark.parametrize(("key", "member"), MEMBERS)
def test_its_docstring_says_what_it_is_and_names_its_source(key: str, member: type[Spec]) -> None:
    doc = member.__doc__
    assert doc, key
    sourced = re.search(r"\([A-Z][^()]*, \d{4}\)", doc) is not None
    assert sourced == (member.model_fields["name"].default in SOURCED)


@pytest.mark.parametrize(("key", "member"), MEMBERS)
def test_an_example_config_uses_it(key: str, member: type[Spec]) -> None:
    assert (key, member.model_fields["name"].default) in USED
