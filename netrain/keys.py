"""The tree of the config's keys, as its specs declare it: types, choices, ranges, defaults, descriptions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from netrain.aliases import CHOICES, KEYS
from netrain.config import Config
from netrain.errors import UsageError, did_you_mean
from netrain.spec import Spec
from netrain.suggestions import members
from netrain.wording import PARTS, distance, nearest, unquoted

PART = re.compile(rf"{PARTS}|[^.]+")  # of a key in dots
BOUNDS = {"gt": "above", "ge": "at_least", "lt": "below", "le": "at_most"}
TYPES: dict[Any, str] = {int: "integer", float: "number", bool: "boolean", str: "text"}


@dataclass(frozen=True)
class Step:
    """A key on the way to another, and the spec that has it."""

    key: str
    field: FieldInfo
    of: type[Spec]
    entry: str = ""  # the user's own name below the key, where it is a mapping


Way = tuple[Step, ...]


@cache
def every_key() -> dict[str, FieldInfo]:
    """Each key in dots, through all choices, with its field; where choices share a path, the first one's."""
    found: dict[str, FieldInfo] = {}
    for key, field in _below(Config, ""):
        found.setdefault(key, field)
    return found


def settable() -> dict[str, FieldInfo]:
    """The keys that can be set alone: those of no item of a list, and of no entry of a mapping."""
    many = [f"{key}." for key, field in every_key().items() if get_origin(field.annotation) in (tuple, dict)]
    return {key: field for key, field in every_key().items() if not key.startswith(tuple(many))}


def _below(spec: type[Spec], path: str) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in spec.model_fields.items():
        if name != "name":
            here = f"{path}.{name}".lstrip(".")
            yield here, field
            for below in specs(field.annotation):
                yield from _below(below, here)


def find(key: str) -> list[tuple[Way, list[type[Spec]]]]:
    """Each way to a key with the specs below its end. Raises UsageError for a key that is none.

    The name of a choice, a place in a list, and the user's own name in a mapping may stand on the way.
    """
    ways: list[tuple[Way, list[type[Spec]]]] = [((), [Config])]
    path = [unquoted(part) for part in PART.findall(key)]
    for depth, part in enumerate(path):
        holders = [spec for _, below in ways for spec in below]
        onward = [
            ((*way, Step(part, spec.model_fields[part], spec)), list(specs(spec.model_fields[part].annotation)))
            for way, below in ways
            for spec in below
            if part in spec.model_fields and part != "name"
        ]
        onward = onward or [(way, [spec]) for way, below in ways for spec in below if choice_name(spec) == part]
        known = dict.fromkeys(name for spec in holders for name in spec.model_fields if name != "name")
        if not onward and all(distance(part, name) > 1 for name in known):
            within = {get_origin(way[-1].field.annotation) for way, _ in ways if way}
            if dict in within:
                onward = [((*way[:-1], replace(way[-1], entry=part)), below) for way, below in ways]
            elif tuple in within and part.isdigit():
                onward = ways
        if not onward:
            where = ".".join(path[:depth]) or "the config"
            known |= dict.fromkeys(filter(None, map(choice_name, holders)))
            raise UsageError(f"`{part}` is not a key of {where}", hint=way_out(path[-1], known, whole=len(path) == 1))
        ways = onward
    return ways


def way_out(word: str, known: Iterable[str], *, whole: bool = False) -> str:
    """The hint for a word that is no key here: the nearest ones, those of that name elsewhere, or all.

    `whole`: nothing stands above the word, so it may also be that of another tool, or a choice.
    """
    known = list(known)
    plain = word.casefold().replace("-", "_")
    if whole and (meant := CHOICES.get(plain) or KEYS.get(plain)):
        return f"did you mean `{meant}`?"
    if whole and (of := [key for key, field in every_key().items() if word in choices_within(field)]):
        return "did you mean " + " or ".join(f"`{key}.{word}`" for key in of[:3]) + "?"
    last: dict[str, list[str]] = {}
    for key in every_key():
        last.setdefault(key.rpartition(".")[2], []).append(key)
    if not nearest(word, known) and (near := nearest(word, last, most=1)):
        return "did you mean " + " or ".join(f"`{key}`" for key in last[near[0]][:3]) + "?"
    return did_you_mean(word, known)


def choices_of(field: FieldInfo | None) -> list[str]:
    """The words that a key takes, where it takes only some."""
    if field is None:
        return []
    of = shape(field.annotation)
    return ["true", "false"] if of["type"] == "boolean" else names_of(of.get("items") or of)


def choices_within(field: FieldInfo) -> list[str]:
    """The same, and the words that the entries of a mapping take."""
    return names_of(shape(field.annotation).get("values", {})) or choices_of(field)


def names_of(of: dict[str, Any]) -> list[str]:
    """The choices of a shape by name."""
    return [choice["name"] if isinstance(choice, dict) else str(choice) for choice in of.get("choices", [])]


def described(field: FieldInfo) -> dict[str, Any]:
    """{type, description, required, default, range, choices, keys, items, values}; those that there are."""
    of = shape(field.annotation, field.metadata)
    facts: dict[str, Any] = {"description": field.description or "", "required": field.is_required()}
    return of | facts | ({} if field.is_required() else {"default": plain(field.default)})


def keys_of(spec: type[Spec]) -> dict[str, Any]:
    """Each key of a spec with what it is."""
    return {name: described(field) for name, field in spec.model_fields.items() if name != "name"}


def shape(annotation: Any, metadata: Any = ()) -> dict[str, Any]:
    """What a value may be: `type`, and its range, choices, keys or the shape of what is in it."""
    while get_origin(annotation) is Annotated:
        annotation, *more = get_args(annotation)
        metadata = [*metadata, *more]
    if get_origin(annotation) is Literal:
        return {"type": "choice", "choices": list(get_args(annotation))}
    if get_origin(annotation) is tuple:
        return {"type": "list", "items": shape(get_args(annotation)[0])}
    if get_origin(annotation) is dict:
        return {"type": "mapping", "values": shape(get_args(annotation)[1])}
    found = list(specs(annotation))
    if found and all(map(choice_name, found)):
        return {"type": "choice", "choices": [choice(spec) for spec in found]}
    if found:
        return {"type": "keys", "keys": keys_of(found[0])}
    kind = TYPES.get(next(iter(members(annotation)), None), "value")
    limits = bounds(metadata)
    return {"type": kind, "range": limits} if limits else {"type": kind}


def choice(spec: type[Spec]) -> dict[str, Any]:
    """A choice by its name."""
    return {"name": choice_name(spec), "description": first_line(spec), "keys": keys_of(spec)}


def bounds(metadata: Any) -> dict[str, float]:
    """What limits a number."""
    found: dict[str, float] = {}
    for bound in metadata:
        if isinstance(bound, FieldInfo):
            found |= bounds(bound.metadata)
        limits = {word: getattr(bound, name, None) for name, word in BOUNDS.items()}
        found |= {word: limit for word, limit in limits.items() if limit is not None}
    return found


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


def plain(value: Any) -> Any:
    """A default as JSON has it."""
    if isinstance(value, Spec):
        return value.model_dump(mode="json")
    if isinstance(value, tuple):
        return [plain(element) for element in value]
    return value
