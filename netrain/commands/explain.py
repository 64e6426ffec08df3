"""`netrain explain KEY`: what a key of the config means, its choices, ranges and defaults, from the specs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from netrain.config import Config
from netrain.errors import UsageError, did_you_mean
from netrain.spec import Spec
from netrain.suggestions import members

BOUNDS = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}


def explain(key: str) -> list[str]:
    """Lines on one key, such as `training.schedule` or `training.schedule.warmup`; on all of them for an empty one."""
    holders: list[tuple[str, type[Spec]]] = [("", Config)]
    fields: list[tuple[str, FieldInfo]] = []
    path = [part for part in key.split(".") if part]
    for depth, part in enumerate(path):
        fields = [(name, spec.model_fields[part]) for name, spec in holders if part in spec.model_fields]
        if not fields:
            known = dict.fromkeys(field for _, spec in holders for field in spec.model_fields)
            where = ".".join(path[:depth]) or "the config"
            raise UsageError(f"`{part}` is not a key of {where}", hint=did_you_mean(part, known))
        holders = [(choice_name(spec), spec) for _, field in fields for spec in specs(field.annotation)]
    lines: list[str] = []
    for name, field in fields:
        of = f" of {name}" if name else ""
        lines.append(f"{key}{of}: {field.description or ''}".rstrip(": "))
        lines += [f"  {fact}" for fact in facts(field)]
    for name, spec in holders if fields == [] or len(holders) == 1 else []:
        lines += ["", *keys(spec)] if name or lines else keys(spec)
    if len(holders) > 1:
        lines += choices(holders)
    return lines


def choices(holders: list[tuple[str, type[Spec]]]) -> Iterator[str]:
    """Every choice with what it is, and its keys."""
    for name, spec in holders:
        yield ""
        yield f"{name}: {first_line(spec)}"
        yield from (f"  {line}" for line in keys(spec))


def keys(spec: type[Spec]) -> list[str]:
    """A line for each key of a spec."""
    return [
        f"{name}: {', '.join(facts(field))}" + (f"; {field.description}" if field.description else "")
        for name, field in spec.model_fields.items()
        if name != "name"
    ]


def facts(field: FieldInfo) -> list[str]:
    """What a key holds, in which range, and its default."""
    found = [kind(field.annotation)]
    for bound in field.metadata:
        limits = {name: getattr(bound, name, None) for name in BOUNDS}
        found += [f"{BOUNDS[name]} {limit:,}" for name, limit in limits.items() if limit is not None]
    found.append("required" if field.is_required() else f"default {shown(field.default)}")
    return found


def kind(annotation: Any) -> str:
    """The type of a value in words."""
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(map(str, get_args(annotation)))
    if get_origin(annotation) is tuple:
        return f"a list, each {kind(get_args(annotation)[0])}"
    if get_origin(annotation) is dict:
        return "a mapping"
    found = list(specs(annotation))
    if found:
        names = [choice_name(spec) for spec in found]
        return "one of " + ", ".join(names) if all(names) else "a mapping of keys"
    words: dict[Any, str] = {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
    return words.get(next(iter(members(annotation)), None), "a value")


def specs(annotation: Any) -> Iterator[type[Spec]]:
    """The specs that an annotation admits; those of a list or a mapping are their elements'."""
    if get_origin(annotation) in (tuple, dict):
        yield from specs(get_args(annotation)[0 if get_origin(annotation) is tuple else 1])
        return
    for member in members(annotation):
        if issubclass(member, Spec):
            yield member


def choice_name(spec: type[Spec]) -> str:
    """The name by which a choice is chosen; empty for what is no choice."""
    field = spec.model_fields.get("name")
    return str(field.default) if field else ""


def first_line(spec: type[Spec]) -> str:
    """What a spec says of itself."""
    return (spec.__doc__ or "").strip().splitlines()[0]


def shown(value: Any) -> str:
    """A default as a config would write it: a choice by its name, a list in brackets."""
    if isinstance(value, Spec):
        return str(getattr(value, "name", "{}"))
    if isinstance(value, tuple):
        return f"[{', '.join(map(shown, value))}]"
    return json.dumps(value, ensure_ascii=False)
