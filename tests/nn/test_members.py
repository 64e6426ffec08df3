import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter
from unions import UNIONS, members

from netrain.spec import Spec

MEMBERS = [
    pytest.param(key, member, id=f"{key}-{member.model_fields['name'].default}")
    for key, union in UNIONS.items()
    for member in members(union)
]
# older than papers, or a plain combination of others; `binary_cross_entropy` is `cross_entropy` of two classes
WITHOUT_SOURCE = {"squared_error", "binary_cross_entropy", "constant", "linear", "mlp"}
CONFIGS = sorted(Path(__file__).parents[2].glob("configs/*.yaml"))


def choices(tree: Any) -> Iterator[tuple[str, str]]:
    """Every `key: name` and `key: {name: name}` of a config."""
    if isinstance(tree, list):
        for value in tree:
            yield from choices(value)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            name = value.get("name") if isinstance(value, dict) else value
            if isinstance(name, str):
                yield key, name
            yield from choices(value)


@pytest.mark.parametrize(("key", "member"), MEMBERS)
def test_its_name_is_all_it_takes(key, member):
    name = member.model_fields["name"].default
    assert TypeAdapter(UNIONS[key]).validate_python(name) == member()


@pytest.mark.parametrize(("key", "member"), MEMBERS)
def test_its_docstring_names_its_source(key, member):
    assert member.__doc__, f"{key}: {member.__name__}"
    sourced = re.search(r"\([A-Z][^()]*, \d{4}\)", member.__doc__) is not None
    assert sourced != (member().name in WITHOUT_SOURCE)


@pytest.mark.parametrize(("key", "member"), MEMBERS)
def test_an_example_config_uses_it(key, member):
    used = {choice for path in CONFIGS for choice in choices(yaml.safe_load(path.read_text(encoding="utf-8")))}
    assert (key, member().name) in used


def test_what_has_a_name_is_in_a_union():
    listed = {member for union in UNIONS.values() for member in members(union)}
    named = {c for c in Spec.__subclasses__() if c.__module__.startswith("netrain.nn.") and "name" in c.model_fields}
    assert named == listed
