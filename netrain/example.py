"""The words that set a key on the command line, as an example of it."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any, get_origin

from netrain import yaml12
from netrain.keys import Way, choice_name, described, keys_of
from netrain.spec import Spec

SAMPLES = {"data.path": "table.csv", "data.target": "COLUMN", "training.start_from": "runs/iris-1"}
NAME = {"data.columns": "COLUMN", "data.class_weight.weights": "CLASS"}  # of what a mapping holds
BESIDE = {("kfold", "column"): {"by": "group"}}  # what else a key of a choice needs
WORD = re.compile(r"[\w./%+-]+")


def example(way: Way) -> str:
    """`--set training.epochs=200`; where the key is no default choice's, the choice is set with it."""
    path = [step.key for step in way]
    value = SAMPLES.get(".".join(path), sample(described(way[-1].field)))
    if value is None:
        return ""
    start = len(way) - nested(way)
    for i in range(len(way) - 1, start - 1, -1):
        value = within(way, i, value)
    key = ".".join(path[:start])
    return f"--set {shlex.quote(f'{key}={flow(value)}')}"


def nested(way: Way) -> int:
    """How many steps at its end stand in the value of another, as what is above them is no default."""
    return len(way) - next((i for i in range(1, len(way)) if not plainly(way, i)), len(way))


def plainly(way: Way, i: int) -> bool:
    """Whether the spec of a step stands there where the config is silent, in no list and no mapping."""
    above = way[i - 1].field
    return get_origin(above.annotation) not in (tuple, dict) and (
        above.is_required() or type(above.default) is way[i].of
    )


def within(way: Way, i: int, value: Any) -> Any:
    """The value of the key above a step, in which `value` is the step's own."""
    spec, above = way[i].of, way[i - 1]
    named = {"name": choice_name(spec)} if choice_name(spec) else {}
    required = {key: sample(of) for key, of in keys_of(spec).items() if of["required"]}
    inner = named | required | BESIDE.get((choice_name(spec), way[i].key), {}) | {way[i].key: value}
    if get_origin(above.field.annotation) is dict:
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
    if not isinstance(one, dict):
        return one
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
