"""The words that set a key on the command line, as an example of it."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any, get_origin

from netrain import yaml12
from netrain.keys import Way, choice_name, described, keys_of, specs
from netrain.spec import Spec
from netrain.wording import dotted

SAMPLES = {"data.path": "table.csv", "data.target": "COLUMN", "training.start_from": "runs/iris-1"}
NAME = {"data.columns": "COLUMN", "data.class_weight.weights": "CLASS"}  # of what a mapping holds
BESIDE = {("kfold", "column"): {"by": "group"}}  # what else a key of a choice needs
WORD = re.compile(r"[\w./%+-]+")


def example(way: Way, chosen: type[Spec] | None = None) -> str:
    """`--set training.epochs=200`; where the key is no default choice's, the choice is set with it.

    `chosen`: the choice to set, where it is one of several.
    """
    of = described(way[-1].field)
    value = SAMPLES.get(".".join(step.key for step in way), sample(of))
    if chosen is not None:
        value = named({"name": choice_name(chosen), "keys": keys_of(chosen)})
    elif way[-1].entry and of["type"] == "mapping":
        value = sample(of["values"])
    if value is None:
        return ""
    if chosen is not None and of["type"] == "mapping" and not way[-1].entry:
        value = {NAME.get(".".join(step.key for step in way), "NAME"): value}
    start = len(way) - nested(way)
    for i in range(len(way) - 1, start - 1, -1):
        value = within(way, i, value)
    key = dotted([part for step in way[:start] for part in (step.key, step.entry) if part])
    return f"--set {shlex.quote(f'{key}={flow(value)}')}"


def nested(way: Way) -> int:
    """How many steps at its end stand in the value of another, as what is above them is no default."""
    return len(way) - next((i for i in range(1, len(way)) if not plainly(way, i)), len(way))


def plainly(way: Way, i: int) -> bool:
    """Whether the spec of a step stands there where the config is silent, in no list and no mapping.

    In an entry of a mapping, whether the key tells which spec it is.
    """
    above = way[i - 1].field
    if way[i - 1].entry:
        return sum(way[i].key in spec.model_fields for spec in specs(above.annotation)) == 1
    return get_origin(above.annotation) not in (tuple, dict) and (
        above.is_required() or type(above.default) is way[i].of
    )


def within(way: Way, i: int, value: Any) -> Any:
    """The value of the key above a step, in which `value` is the step's own."""
    spec, above = way[i].of, way[i - 1]
    named = {"name": choice_name(spec)} if choice_name(spec) else {}
    required = {key: sample(of) for key, of in keys_of(spec).items() if of["required"]}
    inner = named | required | BESIDE.get((choice_name(spec), way[i].key), {}) | {way[i].key: value}
    if get_origin(above.field.annotation) is dict and not above.entry:
        return {NAME.get(".".join(step.key for step in way[:i]), "NAME"): inner}
    return [inner] if get_origin(above.field.annotation) is tuple else inner


def sample(of: dict[str, Any]) -> Any:
    """A value of a shape: its default, another choice than that, or the first that is in range."""
    default = of.get("default")
    match of["type"]:
        case "boolean":
            return not default
        case "choice":
            return choice(of["choices"], default)
        case "list":
            return default or [sample(of["items"])]
        case "mapping":
            return {"NAME": sample(of["values"])}
        case "keys":
            return None
        case "text":
            return default or "TEXT"
    limits = of.get("range", {})
    return limits.get("at_least", limits.get("above", 0) + 1) if default is None else default


def choice(choices: list[Any], default: Any) -> Any:
    """One that is not the default."""
    usual = default.get("name") if isinstance(default, dict) else default
    others = [one for one in choices if (one["name"] if isinstance(one, dict) else one) not in (usual, "given")]
    one = (others or choices)[0]
    return named(one) if isinstance(one, dict) else one


def named(one: dict[str, Any]) -> Any:
    """A choice by its name, with what it needs."""
    required = {key: sample(of) for key, of in one["keys"].items() if of["required"]}
    return {"name": one["name"], **required} if required else one["name"]


def flow(value: Any) -> str:
    """A value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    bare = isinstance(value, str) and WORD.fullmatch(value) and yaml12.scalar(value) == value
    return str(value) if bare else json.dumps(value, ensure_ascii=False)


def default_text(value: Any) -> str:
    """A default in a few words: a choice by its name alone."""
    if isinstance(value, Spec):
        return choice_name(type(value)) or "{}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(default_text, value))}]"
    return flow(value)
