"""What may have been meant by a key or a value that a config cannot have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from netrain.aliases import KEYS
from netrain.errors import did_you_mean
from netrain.wording import dotted, folded, nearest
from netrain.yaml12 import Path, scalar

ANY = "COLUMN"  # a key that the user names


def instead_of_key(path: Path, root: type[BaseModel], known: Sequence[str]) -> str:
    """The hint for a key that does not exist at its path, where `known` do."""
    above, key = path[:-1], str(path[-1])
    there = dotted(above)
    same = [name for name in known if folded(name) == folded(key)]
    if same:
        return f"did you mean `{same[0]}`?"
    found = places(root).get(key, {})
    beside = [choice for parent, choice in found if choice and alike(parent, above)]
    if beside:
        return f"`{key}` is a key of " + " or ".join(f"`{there}: {choice}`" for choice in beside)
    parents = list(dict.fromkeys(dotted(parent) for parent, _ in sorted(found, key=lambda f: len(f[0]))))
    if parents and parents[0]:
        return f"`{key}` stands under " + " or ".join(f"`{parent}`" for parent in parents[:3])
    if parents:
        return f"`{key}` stands at the top, in no other key"
    if meant := KEYS.get(key.casefold()):
        parent, _, name = meant.rpartition(".")
        return f"did you mean `{name}`?" if parent == there else f"that is `{meant}` here"
    return did_you_mean(key, known) if nearest(key, known) else far(above, key, root) or did_you_mean(key, known)


def far(above: Path, key: str, root: type[BaseModel]) -> str:
    """The hint for a key that is spelled like one of another place."""
    all_places = places(root)
    near = nearest(key, (name for name in all_places if len(name) > 3), most=1)
    if not near:
        return ""
    beside = [choice for parent, choice in all_places[near[0]] if choice and alike(parent, above)]
    if beside:
        return f"did you mean `{near[0]}`, a key of " + " or ".join(f"`{dotted(above)}: {c}`" for c in beside) + "?"
    parent = dotted(min((parent for parent, _ in all_places[near[0]]), key=len))
    return f"did you mean `{near[0]}` under `{parent}`?" if parent else f"did you mean `{near[0]}`, at the top?"


def alike(pattern: Path, path: Path) -> bool:
    """Whether a path is of a pattern, numbers of lists left out."""
    named = [part for part in path if not isinstance(part, int)]
    return len(named) == len(pattern) and all(p in (ANY, n) for p, n in zip(pattern, named, strict=True))


Place = tuple[Path, str]  # the keys above a key, and the choice that has it


def places(root: type[BaseModel]) -> Mapping[str, dict[Place, None]]:
    """Where each key stands that a config may have."""
    found: dict[str, dict[Place, None]] = {}
    for parent, spec in holders(root, ()):
        name = spec.model_fields.get("name")
        for key in spec.model_fields:
            if key != "name":
                found.setdefault(key, {})[parent, str(name.default) if name else ""] = None
    return found


def holders(spec: type[BaseModel], path: Path) -> Iterator[tuple[Path, type[BaseModel]]]:
    """Every spec of a tree with its path."""
    yield path, spec
    for key, field in spec.model_fields.items():
        for more, below in elements(field.annotation):
            yield from holders(below, (*path, key, *more))


def elements(annotation: Any) -> Iterator[tuple[Path, type[BaseModel]]]:
    """The specs that an annotation admits, those of a mapping under ANY."""
    if get_origin(annotation) in (tuple, dict):
        is_mapping = get_origin(annotation) is dict
        for more, spec in elements(get_args(annotation)[is_mapping]):
            yield ((ANY, *more) if is_mapping else more), spec
        return
    for member in members(annotation):
        if issubclass(member, BaseModel):
            yield (), member


def members(annotation: Any) -> Iterator[Any]:
    """The classes of a union, through Annotated."""
    if get_origin(annotation) is Annotated:
        yield from members(get_args(annotation)[0])
    elif isinstance(annotation, type):
        yield annotation
    elif get_origin(annotation) not in (tuple, dict):
        for member in get_args(annotation):
            yield from members(member)


def instead_of_value(kind: str, path: Path, given: Any) -> str:
    """The hint for a value of another type than its key has."""
    key = dotted(path)
    if isinstance(given, list) and len(given) == 1 and not isinstance(given[0], list | dict):
        return f"`{key}: {given[0]}`, without brackets"
    if kind == "tuple_type":
        words = items(given) if isinstance(given, str) else [str(given)]
        plain = isinstance(given, str | int | float) and not isinstance(given, bool) and all(words)
        return f"`{key}: [{', '.join(words)}]`" if plain else ""
    if kind in ("int_type", "float_type") and isinstance(given, str):
        return number(key, given, whole=kind == "int_type")
    if kind == "int_type" and isinstance(given, float) and given.is_integer() and abs(given) < 1e15:
        return f"`{key}: {int(given)}`"
    if kind == "bool_type" and isinstance(given, str | int):
        meant = {"yes": "true", "y": "true", "on": "true", "1": "true", "true": "true"}
        meant |= {"no": "false", "n": "false", "off": "false", "0": "false", "false": "false"}
        return f"`{key}: {meant[str(given).lower()]}`" if str(given).lower() in meant else ""
    if kind == "string_type" and isinstance(given, int | float):
        word = str(given).lower() if isinstance(given, bool) else str(given)
        return f'`{key}: "{word}"`, in quotes'
    return ""


def items(text: str) -> list[str]:
    """The items of a list that is written without its brackets; between numbers a blank may stand for a comma."""
    words = text.strip("() ").replace(",", " ").split()
    numbers = all(isinstance(scalar(word), int | float) for word in words)
    return words if numbers else [word.strip() for word in text.strip("()").split(",")]


def number(key: str, given: str, *, whole: bool) -> str:
    """The hint for text that is nearly a number."""
    if given.strip().endswith("%") and not whole and isinstance(value := scalar(given.strip(" %")), int | float):
        return f"`{key}: {value / 100:g}`"
    for text in (given.strip(), given.replace("_", "").strip(), given.replace(",", ".").strip()):
        value = scalar(text) if len(text) <= 100 else text
        if isinstance(value, int) or (isinstance(value, float) and not whole):
            return f"`{key}: {text}`" if text != given.strip() else f"`{key}: {text}`, without quotes"
    return ""
