"""YAML 1.2 as a config needs it: no aliases, no tags, no duplicate keys, and a place for every value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from netrain.errors import ConfigError, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 32
SHOWN = 120  # characters of a line in an excerpt

Path = tuple[str | int, ...]
Place = tuple[int, int]  # line and column, from 0


@dataclass(frozen=True)
class Document:
    """A mapping with the places of its keys and values, and its text for excerpts."""

    file: str
    text: str
    data: dict[str, Any]
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    given: dict[Path, str] = field(default_factory=dict)  # arguments of the command line that set a path

    def problem(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> Problem:
        """A problem at the value of a path, or at its key; at the nearest enclosing one that was written."""
        for path_given, argument in self.given.items():
            if path[: len(path_given)] == path_given:
                return Problem(message, argument, hint)
        at = self.place(path, key=key)
        return Problem(message, self.file, hint) if at is None else problem_at(self.file, self.text, at, message, hint)

    def place(self, path: Path, *, key: bool = False) -> Place | None:
        """Where the value of a path, or its key, is written; else the nearest enclosing key; else None."""
        if not key and path in self.values:
            return self.values[path]
        return next((self.keys[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.keys), None)

    def error(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> ConfigError:
        """The same as an error to raise."""
        return ConfigError.of([self.problem(path, message, hint, key=key)])


def load(text: str, file: str) -> Document:
    """Parse the text of a config. Raises ConfigError with the place of what is not strict YAML 1.2."""
    try:
        return _Composer(text, file).compose(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line, mark.column) if mark else (0, 0)
        hint = "indent with spaces" if "'\\t'" in str(error.problem) else ""
        raise ConfigError.of([problem_at(file, text, at, f"not YAML: {error.problem}", hint)]) from None
    except yaml.reader.ReaderError as error:
        message = f"character {error.position + 1} cannot stand in YAML: {error.reason}"
        raise ConfigError(message, where=file) from None


def value(text: str, file: str) -> Any:
    """One value as a config file would read it, e.g. from the command line."""
    return load(f"value: {text}", file).data["value"]


def dump(data: dict[str, Any]) -> str:
    """YAML that `load` reads back to equal data."""
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110))


def inline(value: Any) -> str:
    """One value on one line, which reads back to an equal one."""
    text = yaml.dump(
        [value], Dumper=_LineDumper, sort_keys=False, allow_unicode=True, default_flow_style=True, width=2**31
    )
    return str(text).strip()[1:-1]


def problem_at(file: str, text: str, at: Place, message: str, hint: str = "") -> Problem:
    """A problem at a place, with its line and a caret under the word."""
    line, column = at
    lines = text.splitlines()
    excerpt = ""
    if line < len(lines):
        source = lines[line].replace("\t", " ")
        word = re.match(r"[^\s:,\]}#]+", source[column:])
        caret = "^" * min(len(word.group()) if word else 1, SHOWN)
        start = max(0, column - SHOWN // 2) if len(source) > SHOWN else 0  # a long line: around the place
        excerpt = f"{line + 1:>4} | {source[start : start + SHOWN]}\n{'':>4}   {' ' * (column - start)}{caret}"
    return Problem(message, f"{file}:{line + 1}:{column + 1}", hint, excerpt)


_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_WORDS: dict[str, Any] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)


def scalar(text: str) -> Any:
    """A plain scalar by YAML 1.2's core schema: `1e-3` is a number, `NO` is text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        if len(text) > 100:
            raise ValueError("a number of more than 100 digits")
        return int(text, 8 if text.startswith("0o") else 16 if text.startswith("0x") else 10)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _SPECIAL.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def place(event: yaml.Event) -> Place:
    """Where an event starts."""
    mark = event.start_mark
    return (mark.line, mark.column) if mark else (0, 0)


class _Composer:
    """Events to data, without recursion deeper than MAX_DEPTH."""

    def __init__(self, text: str, file: str) -> None:
        self.document = Document(file, text, {})
        self.problems: list[Problem] = []

    def compose(self, events: Iterator[yaml.Event]) -> Document:
        next(events)  # the stream starts
        first = next(events)
        if isinstance(first, yaml.StreamEndEvent):
            raise ConfigError("the config is empty", where=self.document.file)
        data = self._value(next(events), events, ())
        next(events)  # the document ends
        extra = next(events)
        if not isinstance(extra, yaml.StreamEndEvent):
            self._complain(extra, "a second document: a config is one")
        if not isinstance(data, dict):
            self.problems = self.problems or [Problem("a config is a mapping of keys", self.document.file)]
        if self.problems:
            raise ConfigError.of(self.problems)
        self.document.data.update(data)
        return self.document

    def _complain(self, event: yaml.Event, message: str, hint: str = "") -> None:
        document = self.document
        self.problems.append(problem_at(document.file, document.text, place(event), message, hint))

    def _value(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> Any:
        self.document.values[path] = place(event)
        if len(path) > MAX_DEPTH:
            self._complain(event, f"nested deeper than {MAX_DEPTH}")
            raise ConfigError.of(self.problems)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._complain(event, "anchors and aliases are not read", "write the value out where it is used")
        if tag := getattr(event, "tag", None):
            self._complain(event, f"tags are not read: `{tag}`")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return list(self._items(events, path))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        return None

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        if not event.implicit[0]:
            return event.value
        try:
            return scalar(event.value)
        except ValueError as error:
            self._complain(event, str(error))
            return None

    def _items(self, events: Iterator[yaml.Event], path: Path) -> Iterator[Any]:
        index = 0
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            yield self._value(event, events, (*path, index))
            index += 1

    def _mapping(self, events: Iterator[yaml.Event], path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self._complain(event, "a key is one word")
                raise ConfigError.of(self.problems)
            key = event.value
            here = (*path, key)
            if key in data:
                line = self.document.keys[here][0] + 1
                self._complain(event, f"`{key}` is already set on line {line}", "keep one of the two")
            self.document.keys[here] = place(event)
            data[key] = self._value(next(events), events, here)
        return data


class _Dumper(yaml.SafeDumper):
    """Quotes the text that YAML 1.2 would read back as something else."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  add_implicit_resolver fills it

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)  # lists stand indented below their key


class _LineDumper(_Dumper):
    """Escapes what would break a line."""

    def represent_text(self, text: str) -> yaml.Node:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_LineDumper.add_representer(str, _LineDumper.represent_text)

for _tag, _form, _starts in (
    ("int", _INTEGER, "-+0123456789"),
    ("float", _FLOAT, "-+.0123456789"),
    ("float", _SPECIAL, "-+."),
    ("bool", re.compile("true|True|TRUE|false|False|FALSE"), "tTfF"),
    ("null", re.compile("|~|null|Null|NULL"), ["~", "n", "N", ""]),
):
    _whole = re.compile(f"^(?:{_form.pattern})$")
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", _whole, list(_starts))
