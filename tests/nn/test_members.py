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
NAME_ALONE = [case for case in MEMBERS if not any(f.is_required() for f in case.values[1].model_fields.values())]
# nothing that a paper had to find
WITHOUT_SOURCE = {
    *(("schedule", "constant"), ("average", "none"), ("clip", "none"), ("numeric_embedding", "none")),
    *(("stop", name) for name in ("patience", "target", "time", "never")),
}
CONFIGS = sorted(Path(__file__).parents[2].glob("configs/*.yaml"))


def choices(tree: Any) -> Iterator[tuple[str, str]]:
    """Every `key: name` and `key: {name: name}` of a config."""
    if isinstance(tree, list):
        for value in tree:
            yield from choices(value)
    elif isinstance(tree, dict):
        for key, value in tree.items():
            for choice in value if isinstance(value, list) else [value]:
                name = choice.get("name") if isinstance(choice, dict) else choice
                if isinstance(name, str):
                    yield re.sub("^(last|dropout|decay)_", "", key), name  # `last_init` chooses from `init`
            yield from choices(value)


@pytest.mark.parametrize(("key", "member"), NAME_ALONE)
def test_its_name_is_all_it_takes(key, member):
    name = member.model_fields["name"].default
    assert TypeAdapter(UNIONS[key]).validate_python(name) == member()


@pytest.mark.parametrize(("key", "member"), MEMBERS)
def test_its_docstring_names_its_source(key, member):
    assert member.__doc__, f"{key}: {member.__name__}"
    sourced = re.search(r"\([A-Z][^()]*, \d{4}\)", member.__doc__) is not None
    assert sourced != ((key, member.model_fields["name"].default) in WITHOUT_SOURCE)


@pytest.mark.parametrize(("key", "member"), MEMBERS)
def test_an_example_config_uses_it(key, member):
    used = {choice for path in CONFIGS for choice in choices(yaml.safe_load(path.read_text(encoding="utf-8")))}
    assert (key, member.model_fields["name"].default) in used


def test_what_has_a_name_is_in_a_union():
    listed = {member for union in UNIONS.values() for member in members(union)}
    ours = ("netrain.nn.", "netrain.training.")
    named = {c for c in Spec.__subclasses__() if c.__module__.startswith(ours) and "name" in c.model_fields}
    assert named == listed
