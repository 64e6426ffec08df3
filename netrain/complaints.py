"""What pydantic found wrong in a config, in our words, each at its place."""

from __future__ import annotations

import json
import re
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from netrain.errors import Problem, did_you_mean
from netrain.suggestions import ANY, instead_of_key, instead_of_value, members
from netrain.wording import dotted, nearest
from netrain.yaml12 import Document, Path

WANTED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping of keys",
    "model_attributes_type": "a choice by name",
    "finite_number": "a finite number",
    "greater_than": "above {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "below {lt}",
    "less_than_equal": "at most {le}",
    "too_short": "a list of at least {min_length:,} item",
    "too_long": "a list of at most {max_length:,} items",
}


def complaints(error: ValidationError, root: type[BaseModel], document: Document) -> list[Problem]:
    """One problem for each thing to mend, in the order of the file."""
    details = [detail for detail in error.errors(include_url=False) if not _follows(detail)]
    last = (len(document.text), 0)
    places = [document.place(written_path(detail["loc"], document.data)) or last for detail in details]
    order = sorted(range(len(details)), key=lambda i: places[i])
    return [_problem(details[i], root, document) for i in order]


def _follows(detail: ErrorDetails) -> bool:
    """Whether a list is too short only because none of its items is valid."""
    return detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]


def _problem(detail: ErrorDetails, root: type[BaseModel], document: Document) -> Problem:
    path = written_path(detail["loc"], document.data)
    name = dotted(path)
    kind, context, given = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "extra_forbidden":
        known = known_keys(root, detail["loc"][:-1])
        hint = dotted_column(path, root, document) or instead_of_key(path, root, known)
        return document.problem(path, f"`{name}` is not a key", hint, key=True)
    if kind == "missing":
        return document.problem(path, f"`{name}` is missing", to_add(path, "...", document), key=True)
    if kind == "union_tag_not_found":
        hint = dotted_column(path, root, document) or _named(path, given, root, detail["loc"], document)
        return document.problem(path, f"`{name}` needs a `name`", hint, key=True)
    if kind in ("union_tag_invalid", "literal_error"):
        return _not_a_choice(detail, path, document)
    if kind == "value_error":
        message = str(context["error"])
        return document.problem(_named_in(message, path, document), message)
    wanted = WANTED.get(kind)
    bounds = {name: f"{bound:g}" if isinstance(bound, float) else bound for name, bound in context.items()}
    message = f"must be {wanted.format(**bounds)}" if wanted else detail["msg"].lower()
    hint = instead_of_value(kind, path, given)
    if kind == "less_than" and context["lt"] == 1 and 1 < given <= 100:
        hint = f"a share, not percents: `{name}: {given / 100:g}`"
    return document.problem(path, f"`{name}` {message}: `{shown(given)}`", hint)


def _not_a_choice(detail: ErrorDetails, path: Path, document: Document) -> Problem:
    """The problem of a word that is none of those that may stand there."""
    context = detail["ctx"]
    tagged = detail["type"] == "union_tag_invalid"
    word = shown(context["tag"] if tagged else detail["input"])
    known = re.findall(r"'([^']*)'", context["expected_tags" if tagged else "expected"])
    at = (*path, "name") if (*path, "name") in document.values else path
    hint = did_you_mean(word, known)
    return document.problem(at, f"`{word}` is not a choice for `{dotted(path)}`", hint)


def to_add(path: Path, value: str, document: Document) -> str:
    """The hint for a key that is missing, as it is written where its neighbours stand."""
    if document.argument(path) or not document.text or len(path) < 2:
        return f"add `{dotted(path)}: {value}`"
    return f"add `{dotted(path[-1:])}: {value}` below `{dotted(path[:-1])}`"


def _named(path: Path, given: Any, root: type[BaseModel], loc: tuple[int | str, ...], document: Document) -> str:
    """The hint for a choice without its name: the one that has the keys given."""
    choices = choices_of(root, loc)
    if isinstance(given, dict) and (slips := [str(key) for key in given if nearest(str(key), ["name"])]):
        return f"did you mean `name` by `{slips[0]}`?"
    keys = {str(key) for key in given} if isinstance(given, dict) else set()
    fitting = [name for name, fields in choices.items() if keys and keys <= fields]
    if len(fitting) == 1:
        return to_add((*path, "name"), fitting[0], document) + f", which has `{min(keys)}`"
    return to_add((*path, "name"), "...", document) + ", one of " + ", ".join(f"`{n}`" for n in fitting or choices)


def _named_in(message: str, path: Path, document: Document) -> Path:
    """The path of the key that a message names, where it was written; else that of the whole."""
    named = [(*path, word) for word in re.findall(r"`(\w+)(?:: [^`]*)?`", message)]
    given = [p for p in named if p in document.given]
    return next(iter(given or [p for p in named if p in document.keys]), path)


def dotted_column(path: Path, root: type[BaseModel], document: Document) -> str:
    """The hint for an argument that sets a column whose name was cut at its dots."""
    found = document.argument(path)
    if found is None or path[:2] != ("data", "columns"):
        return ""
    given, argument = found
    parts = [str(part) for part in given[2:]]
    keys = set().union(*choices_of(root, ("data", "columns", ANY)).values())
    at = next((i for i, part in enumerate(parts) if part in keys), len(parts))
    kind = isinstance(argument.data["value"], str | dict)  # `data.columns.a.b=drop`
    if at < 2 or not argument.head or (at == len(parts) and not kind):
        return ""
    whole = dotted(("data", "columns", ".".join(parts[:at]), *parts[at:]))
    return f"a name that holds dots stands in quotes: `{whole}: {argument.text.partition(': ')[2]}`"


def written_path(loc: tuple[int | str, ...], data: Any) -> Path:
    """The keys of a location, without the names of choices that pydantic puts between them."""
    path: list[int | str] = []
    node = data
    for position, part in enumerate(loc):
        if isinstance(node, dict) and part in node:
            node = node[str(part)]
        elif isinstance(node, list) and isinstance(part, int):
            node = node[part]
        elif position < len(loc) - 1 or isinstance(part, int) or (isinstance(node, dict) and node.get("name") == part):
            continue  # the name of a choice, or the 0 of a list of one that was written without it
        path.append(part)
    return tuple(path)


def known_keys(root: type[BaseModel], loc: tuple[int | str, ...]) -> list[str]:
    """The keys of the spec at a location."""
    here: Any = root
    for part in loc:
        here = _step(here, part)
    return list(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []


def _step(here: Any, part: int | str) -> Any:
    if isinstance(here, type) and issubclass(here, BaseModel):
        field = here.model_fields.get(str(part))
        return field.annotation if field else None
    for member in members(here):
        field = member.model_fields.get("name") if isinstance(member, type) and issubclass(member, BaseModel) else None
        if field is not None and part in get_args(field.annotation):
            return member
    if get_origin(here) in (tuple, dict):
        return get_args(here)[0 if get_origin(here) is tuple else 1]
    return None


def choices_of(root: type[BaseModel], loc: tuple[int | str, ...]) -> dict[str, set[str]]:
    """The choices at a location, each with its keys."""
    here: Any = root
    for part in loc:
        here = _step(here, part)
    if get_origin(here) is tuple:
        here = get_args(here)[0]
    named = [m for m in members(here) if issubclass(m, BaseModel) and "name" in m.model_fields]
    return {str(m.model_fields["name"].default): set(m.model_fields) for m in named}


def shown(value: Any) -> str:
    """A value as the user may have written it, cut to a readable length."""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, bool | None | list | dict) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
