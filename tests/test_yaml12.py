"""The strict YAML that configs are written in."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netrain import yaml12
from netrain.errors import ConfigError

SCALARS = [
    ("1e-3", 0.001),
    ("-.5", -0.5),
    ("5.", 5.0),
    ("12", 12),
    ("012", 12),
    ("0o17", 15),
    ("0x1F", 31),
    ("+7", 7),
    ("true", True),
    ("False", False),
    ("NO", "NO"),
    ("off", "off"),
    ("yes", "yes"),
    ("1:30", "1:30"),
    ("2024-01-02", "2024-01-02"),
    ("1_000", "1_000"),
    ("~", None),
    ("null", None),
    ("", None),
    ("'1'", "1"),
    ('"true"', "true"),
    (".inf", math.inf),
    ("a b", "a b"),
]


@pytest.mark.parametrize(("text", "expected"), SCALARS)
def test_scalars_are_those_of_yaml_1_2(text: str, expected: object) -> None:
    value = yaml12.load(f"a: {text}", "f").data["a"]
    assert value == expected
    assert type(value) is type(expected)


def test_every_key_and_value_has_its_place() -> None:
    document = yaml12.load("a: 1\nb:\n  - x\n  - {c: 2}\n", "f")
    assert document.data == {"a": 1, "b": ["x", {"c": 2}]}
    assert document.keys[("b", 1, "c")] == (3, 5)
    assert document.values[("b", 1, "c")] == (3, 8)
    assert document.values[("b", 0)] == (2, 4)


REFUSED = {
    "a tab": ("a:\n\t- x", "f:2:1: not YAML", "indent with spaces"),
    "a duplicate key": ("a: 1\nb: 2\na: 3", "f:3:1: `a` is already set on line 1", "   3 | a: 3\n       ^"),
    "an alias": ("a: &x 1\nb: *x", "f:1:4: anchors and aliases are not read", "f:2:4"),
    "a tag": ("a: !!python/object:os.system {}", "f:1:4: tags are not read", "python/object"),
    "nothing": ("", "f: the config is empty", ""),
    "only a comment": ("# nothing\n", "f: the config is empty", ""),
    "a list": ("[1]", "f: a config is a mapping", ""),
    "a word": ("word", "f: a config is a mapping", ""),
    "two documents": ("a: 1\n---\nb: 2", "f:2:1: a second document", ""),
    "deep nesting": ("a: " + "[" * 40 + "]" * 40, "nested deeper than 32", ""),
    "deep nesting cut short": ("[" * 100_000, "f:1:", ""),
    "a huge number": ("a: " + "1" * 5000, "f:1:4: a number of more than 100 digits", ""),
    "a control character": ("a: \0", "cannot stand in YAML", ""),
    "a key that is a list": ("? [a]\n: 3", "f:1:3: a key is one word", ""),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_what_is_not_strict_yaml_is_refused_at_its_place(case: tuple[str, str, str]) -> None:
    text, *told = case
    with pytest.raises(ConfigError) as caught:
        yaml12.load(text, "f")
    for part in told:
        assert part in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        yaml12.load("a: 1\na: 2\nb: !x 3\n", "f")
    assert len(caught.value.problems) == 2


def test_the_excerpt_of_a_long_line_is_cut_around_the_place() -> None:
    with pytest.raises(ConfigError) as caught:
        yaml12.load(f"a: {'x' * 5000}\nb: [{'1, ' * 2000}!t 2]", "f")
    assert max(map(len, str(caught.value).splitlines())) < 200


plain = st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False, allow_infinity=False)
text = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\u2028\u2029\x85")
)
data = st.recursive(
    plain | text, lambda below: st.lists(below, max_size=4) | st.dictionaries(text, below, max_size=4), max_leaves=20
)


@given(st.dictionaries(text, data, min_size=1, max_size=4))
def test_what_is_dumped_reads_back_equal(original: dict[str, object]) -> None:
    assert yaml12.load(yaml12.dump(original), "f").data == original
