"""Every shipped config, changed in one place: the change counts as it is written, or is refused where it stands."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from small import Program, small_table

from netrain import yaml12
from netrain.config import parse_config
from netrain.errors import ConfigError

CONFIGS = sorted((Path(__file__).parent.parent / "configs").glob("*.yaml"))

VALUES = ["text", "'7'", "7", "-1", "0", "0.5", "1e400", "9" * 25, ".nan", "[1]", "[]", "{}", "{a: 1}", "null", "true"]


@dataclass(frozen=True)
class Mutant:
    """A text, what was done to it, and the lines on which that stands, from 1."""

    text: str
    kind: str
    lines: frozenset[int]


def misspelled(word: str) -> dict[str, str]:
    """A word with a slip of the finger, by what it is."""
    middle = len(word) // 2
    slips = {
        "a letter left out": word[:middle] + word[middle + 1 :],
        "two letters swapped": word[: middle - 1] + word[middle] + word[middle - 1] + word[middle + 1 :],
        "a letter doubled": word[:middle] + word[middle] * 2 + word[middle + 1 :],
        "in capitals": word.upper(),
    }
    return {what: slip for what, slip in slips.items() if slip not in ("", word)}


def nodes(node: yaml.Node) -> Iterator[tuple[yaml.MappingNode | None, yaml.Node, yaml.Node | None]]:
    """The mapping above, the node, and its value where it is a key."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield node, key, value
            yield None, value, None
            yield from nodes(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield None, item, None
            yield from nodes(item)


def replaced(text: str, node: yaml.Node, new: str, kind: str, *also: int) -> Mutant:
    """The text with another word in place of a node."""
    start, end = node.start_mark, node.end_mark
    old = text[start.index : end.index]
    whole = text[: start.index] + new + old[len(old.rstrip()) :] + text[end.index :]
    return Mutant(whole, kind, frozenset((start.line + 1, *also)))


def inserted(text: str, mapping: yaml.MappingNode, at: yaml.Node, pair: str, kind: str) -> Mutant:
    """The text with another key in front of one."""
    start = at.start_mark
    between = ", " if mapping.flow_style else "\n" + " " * start.column
    new = text[: start.index] + pair + between + text[start.index :]
    return Mutant(new, kind, frozenset((start.line + 1, start.line + (1 if mapping.flow_style else 2))))


def mutants(text: str) -> Iterator[Mutant]:
    """Every key and every value changed in every way."""
    root = yaml.compose(text)
    assert isinstance(root, yaml.MappingNode)
    above = {id(value): key.start_mark.line + 1 for _, key, value in nodes(root) if value is not None}
    seen: set[int] = set()
    for mapping, node, _ in nodes(root):
        if mapping is not None:
            for what, slip in misspelled(node.value).items():
                yield replaced(text, node, slip, f"key {what}")
            yield inserted(text, mapping, node, f"{node.value}: 1", "key twice")
            if id(mapping) not in seen:
                seen.add(id(mapping))
                yield inserted(text, mapping, node, "zzz: 1", "key of no meaning")
            continue
        line = above.get(id(node), node.start_mark.line + 1)
        for new in VALUES:
            yield replaced(text, node, new, f"value {new[:6]}", line)
        if isinstance(node, yaml.ScalarNode) and node.value.isidentifier():
            for what, slip in misspelled(node.value).items():
                yield replaced(text, node, slip, f"value {what}", line)
    yield from moved(yaml12.load(text, "c.yaml").data)


def mappings(data: Any, path: yaml12.Path = ()) -> Iterator[yaml12.Path]:
    if isinstance(data, dict):
        yield path
        for key, value in data.items():
            yield from mappings(value, (*path, key))
    elif isinstance(data, list):
        for number, item in enumerate(data):
            yield from mappings(item, (*path, number))


def at(data: Any, path: yaml12.Path) -> Any:
    for part in path:
        data = data[part]
    return data


def moved(data: dict[str, Any]) -> Iterator[Mutant]:
    """Each key with its value at another level."""
    paths = list(mappings(data))
    for number, source in enumerate(paths):
        for key in at(data, source):
            target = paths[(number + 1 + len(key)) % len(paths)]
            if target == source or target[: len(source) + 1] == (*source, key) or key in at(data, target):
                continue
            changed = yaml12.load(yaml12.dump(data), "c.yaml").data
            at(changed, target)[key] = at(changed, source).pop(key)
            text = yaml12.dump(changed)
            line = yaml12.load(text, "c.yaml").keys[(*target, key)][0] + 1
            yield Mutant(text, "key moved", frozenset((line,)))


def means(written: Any, read: Any) -> bool:
    """Whether what was read is what was written: a choice may be its name, a list of one may stand without brackets."""
    if isinstance(read, dict):
        if isinstance(written, str):
            return bool(read.get("name") == written)
        return isinstance(written, dict) and all(key in read and means(v, read[key]) for key, v in written.items())
    if isinstance(read, list | tuple):
        items = written if isinstance(written, list) else [written]
        return len(items) == len(read) and all(map(means, items, read))
    if isinstance(written, list):
        return len(written) == 1 and means(written[0], read)
    if isinstance(read, bool) or isinstance(written, bool):
        return written is read
    if isinstance(read, float):
        return isinstance(written, int | float) and float(written) == read
    return type(written) is type(read) and bool(written == read)


def judged(mutant: Mutant) -> str:
    """`refused` or `valid`; else what is wrong with how it was taken."""
    try:
        source = parse_config(mutant.text, "c.yaml")
    except ConfigError as error:
        told = str(error)
        places = {int(line) for line in re.findall(r"^c\.yaml:(\d+):\d+:", told, re.MULTILINE)}
        places |= {int(line) for line in re.findall(r"already set on line (\d+)", told)}
        if mutant.kind == "key twice":
            return "refused" if mutant.lines <= places else "refused without both lines"
        return "refused" if places & mutant.lines or named(mutant, told) else f"refused elsewhere: {told}"
    read = source.config.model_dump()
    return "valid" if means(source.document.data, read) else "taken for something else"


def named(mutant: Mutant, told: str) -> bool:
    """Whether the message of two keys that do not go together names the one that was changed."""
    lines = mutant.text.splitlines()
    keys = {key for line in mutant.lines for key in re.findall(r"(\w+):", lines[line - 1])}
    return bool(keys & set(re.findall(r"`(\w+)(?:: [^`]*)?`", told.splitlines()[0])))


@pytest.mark.parametrize("path", CONFIGS, ids=lambda p: p.stem)
def test_a_change_counts_as_it_is_written_or_is_refused_where_it_stands(
    path: Path, record_property: Callable[[str, object], None]
) -> None:
    text = "".join(re.sub(r"\s+#.*|^#.*", "", line) + "\n" for line in path.read_text(encoding="utf-8").splitlines())
    assert judged(Mutant(text, "", frozenset())) == "valid"
    counts: Counter[str] = Counter()
    wrong: list[str] = []
    for mutant in mutants(text):
        verdict = judged(mutant)
        counts[verdict if verdict in ("refused", "valid") else "wrong"] += 1
        if verdict not in ("refused", "valid"):
            shown = [mutant.text.splitlines()[line - 1] for line in sorted(mutant.lines)]
            wrong.append(f"{mutant.kind}: {verdict}\n    " + "\n    ".join(shown))
    for verdict, count in counts.items():
        record_property(verdict, count)
    print(path.name, dict(counts))
    assert counts["refused"] > counts["valid"] > 0
    assert not wrong, "\n".join(wrong)


WITH_TABLE = """\
data:
  path: table.csv
  target: status
  weight: hours
  split: {name: group, column: city}
  columns: {colour: categorical, value: drop}
  class_weight: {name: given, weights: {healthy: 2.0}}
model: {name: mlp, hidden: [4]}
metric: accuracy
training:
  epochs: 1
  freeze: [hidden]
  stop: {name: patience, metric: log_loss}
"""
NAMES = ("status", "hours", "city", "colour", "value", "healthy", "accuracy", "hidden", "log_loss")


@pytest.mark.parametrize("name", NAMES)
def test_a_misspelled_name_of_the_table_is_refused_with_the_right_one(netrain: Program, name: str) -> None:
    table = small_table()
    labels = pl.when(pl.col("label") == "yes").then(pl.lit("healthy")).otherwise(pl.lit("unwell"))
    table = table.with_columns(labels.alias("status"), hours=1.0 + pl.col("z").abs()).drop("label")
    table.write_csv("table.csv")
    Path("c.yaml").write_text(WITH_TABLE)
    assert netrain("train", "c.yaml", "-q").err == ""
    before, _, after = WITH_TABLE.rpartition(name)
    for slip in misspelled(name).values():
        Path("c.yaml").write_text(before + slip + after)
        told = netrain("train", "c.yaml", "-q")
        assert told.code in (2, 3), told
        assert f"did you mean `{name}`" in told.err
        assert slip in told.err
