"""What pydantic found wrong in a config, in our words, each at its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from netrain.errors import Problem, did_you_mean
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
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
}


def complaints(error: ValidationError, root: type[BaseModel], document: Document) -> list[Problem]:
    """One problem for each thing to mend, in the order of the file."""
    details = error.errors(include_url=False)
    last = (len(document.text), 0)
    places = [document.place(written_path(detail["loc"], document.data)) or last for detail in details]
    order = sorted(range(len(details)), key=lambda i: places[i])
    return [_problem(details[i], root, document) for i in order]


def _problem(detail: ErrorDetails, root: type[BaseModel], document: Document) -> Problem:
    path = written_path(detail["loc"], document.data)
    name = dotted(path)
    kind, context, given = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "extra_forbidden":
        hint = did_you_mean(str(path[-1]), known_keys(root, detail["loc"][:-1]))
        return document.problem(path, f"`{name}` is not a key", hint, key=True)
    if kind == "missing":
        return document.problem(path, f"`{name}` is missing", f"add `{path[-1]}: ...`", key=True)
    if kind == "union_tag_not_found":
        return document.problem(path, f"`{name}` needs a `name`", key=True)
    if kind in ("union_tag_invalid", "literal_error"):
        tagged = kind == "union_tag_invalid"
        word = str(context["tag"]) if tagged else shown(given)
        known = [
            w.strip().strip("'")
            for w in context["expected_tags" if tagged else "expected"].replace(" or ", ", ").split(",")
        ]
        at = (*path, "name") if (*path, "name") in document.values else path
        return document.problem(at, f"`{word}` is not a choice for `{name}`", did_you_mean(word, known))
    if kind == "value_error":
        return document.problem(path, str(context["error"]), key=True)
    wanted = WANTED.get(kind)
    message = f"must be {wanted.format(**context)}" if wanted else detail["msg"].lower()
    return document.problem(path, f"`{name}` {message}: `{shown(given)}`")


def written_path(loc: tuple[int | str, ...], data: Any) -> Path:
    """The keys of a location, without the names of choices that pydantic puts between them."""
    path: list[int | str] = []
    node = data
    for position, part in enumerate(loc):
        if isinstance(node, dict) and part in node:
            node = node[str(part)]
        elif isinstance(node, list) and isinstance(part, int):
            node = node[part]
        elif position < len(loc) - 1 or (isinstance(node, dict) and node.get("name") == part):
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


def members(annotation: Any) -> Iterator[Any]:
    """The classes of a union, through Annotated."""
    if get_origin(annotation) is Annotated:
        yield from members(get_args(annotation)[0])
    elif isinstance(annotation, type):
        yield annotation
    elif get_origin(annotation) not in (tuple, dict):
        for member in get_args(annotation):
            yield from members(member)


def dotted(path: Path) -> str:
    """`training.stop.0` for messages."""
    return ".".join(str(part) for part in path)


def shown(value: Any) -> str:
    """A value as the user may have written it, cut to a readable length."""
    text = {True: "true", False: "false", None: "null"}.get(value) if isinstance(value, bool | None) else str(value)
    text = str(text)
    return text if len(text) <= 60 else text[:57] + "..."
