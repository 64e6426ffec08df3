"""`netrain explain KEY`: what a key of the config means, its choices, ranges and defaults, from the specs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo

from netrain.example import default_text, example, nested
from netrain.keys import Way, choice_name, described, find, first_line, keys_of, shape, specs
from netrain.spec import Spec

WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "text": "text",
    "keys": "a mapping of keys",
    "value": "a value",
}


def explain(key: str) -> dict[str, Any]:
    """{key, of: [{of_choices, type, description, ...}]}, the facts of a key as JSON data; of none: {key, keys}."""
    ways = find(key)
    if not ways[0][0]:
        return {"key": "", "keys": keys_of(ways[0][1][0])}
    found: dict[str, Any] = {
        "key": key,
        "of": [
            {"of_choices": names, "example": example(way, chosen(ways)), **described(way[-1].field)}
            for names, way in told_apart(ways)
        ],
    }
    return found | ({"metrics": metrics()} if ways[0][0][-1].key == "metric" else {})


def lines(key: str) -> Iterator[str]:
    """The same for people: on one key, such as `training.schedule.warmup`; on all of them for an empty one."""
    ways = find(key)
    for names, way in told_apart(ways) if ways[0][0] else ():
        field = way[-1].field
        of = f" of {', '.join(names)}" if names else ""
        yield f"{key}{of}: {field.description or ''}".rstrip(": ")
        yield from (f"  {fact}" for fact in facts(field))
        if words := example(way, chosen(ways)):
            yield f"  {words}"
    if ways[0][0] and ways[0][0][-1].key == "metric":
        yield from (f"  of {of}: {', '.join(names)}" for of, names in metrics().items())
    below = list(dict.fromkeys(spec for _, specs in ways for spec in specs))
    if len(below) == 1:
        name = choice_name(below[0])
        if ways[0][0]:
            yield ""
        if name:
            yield f"{name}: {first_line(below[0])}"
        yield from (f"  {line}" if name else line for line in keys(below[0]))
    else:
        for spec in below:
            yield ""
            yield f"{choice_name(spec)}: {first_line(spec)}"
            yield from (f"  {line}" for line in keys(spec))


def chosen(ways: list[tuple[Way, list[type[Spec]]]]) -> type[Spec] | None:
    """The choice that a key names at its end, where it does."""
    way, below = ways[0]
    one = len(ways) == 1 and len(below) == 1 and len(list(specs(way[-1].field.annotation))) > 1
    return below[0] if one else None


def metrics() -> dict[str, list[str]]:
    """The names of the metrics by what the target is."""
    import numpy as np

    from netrain.metrics import ClassScores, LabelScores, QuantileScores, Scores, ValueScores

    none, one = np.zeros(0, np.int32), np.zeros((0, 1))
    scores: dict[str, Scores] = {
        "two classes": ClassScores(none, np.zeros((0, 2))),
        "more classes": ClassScores(none, np.zeros((0, 12))),
        "several targets of two labels": LabelScores(np.zeros((0, 2)), np.zeros((0, 2))),
        "values": ValueScores(one, one),
        "quantiles": QuantileScores(one, np.zeros((0, 3)), (0.05, 0.5, 0.95)),
    }
    return {of: ["loss", *some.score()] for of, some in scores.items()}


def told_apart(ways: list[tuple[Way, list[type[Spec]]]]) -> list[tuple[list[str], Way]]:
    """The choices that have a key, those alike together, and a way to it, through a default choice where one has it."""
    alike: list[tuple[dict[str, Any], list[Way]]] = []
    for way, _ in ways:
        facts = described(way[-1].field)
        same = next((group for other, group in alike if other == facts), None)
        if same is None:
            alike.append((facts, [way]))
        else:
            same.append(way)
    names = [dict.fromkeys(name for way in group if (name := choice_name(way[-1].of))) for _, group in alike]
    return [(list(of), min(group, key=nested)) for of, (_, group) in zip(names, alike, strict=True)]


def keys(spec: type[Spec]) -> list[str]:
    """A line for each key of a spec."""
    return [
        f"{name}: {', '.join(facts(field))}" + (f"; {field.description}" if field.description else "")
        for name, field in spec.model_fields.items()
        if name != "name"
    ]


def facts(field: FieldInfo) -> list[str]:
    """What a key holds, in which range, and its default."""
    of = shape(field.annotation, field.metadata)
    found = [kind(of)]
    if field.is_required():
        return [*found, "required"]
    return [*found, "each with a default" if of["type"] == "keys" else f"default {default_text(field.default)}"]


def kind(of: dict[str, Any]) -> str:
    """A shape in words."""
    match of["type"]:
        case "choice":
            names = [choice["name"] if isinstance(choice, dict) else str(choice) for choice in of["choices"]]
            return "one of " + ", ".join(names)
        case "list":
            return f"a list, each {kind(of['items'])}"
        case "mapping":
            return f"a mapping, each {kind(of['values'])}"
    limits = [f"{word.replace('_', ' ')} {limit:,}" for word, limit in of.get("range", {}).items()]
    return ", ".join([WORDS[of["type"]], *limits])
