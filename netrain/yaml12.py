"""YAML 1.2 as a config needs it: no aliases, no tags, no duplicate keys, and a place for every value."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from netrain.errors import ConfigError, Problem
from netrain.hints import as_arguments
from netrain.wording import PARTS

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
    given: dict[Path, Document] = field(default_factory=dict)  # the argument of the command line that set a path
    head: str = ""  # of an argument: what stands before its value, which is the text after VALUE;
    # its `keys` hold the parts of its key by their number, from 1

    def problem(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> Problem:
        """A problem at the value of a path, or at its key; at the nearest enclosing one that was written."""
        if found := self.argument(path):
            given, argument = found
            inside = (*WHOLE, *path[len(given) :]) if path[: len(given)] == given else WHOLE
            if key and path == given[: len(path)]:
                inside = (len(path),)  # the part of the key
            return argument.problem(inside, message, as_arguments(hint), key=key and inside in argument.keys)
        at = self.place(path, key=key)
        return Problem(message, self.file, hint) if at is None else self.problem_at(at, message, hint)

    def argument(self, path: Path) -> tuple[Path, Document] | None:
        """The argument that says most of a path, and what it sets, where the file does not say more."""
        depth = max((n for n in range(len(path) + 1) if path[:n] in self.keys), default=0)
        best = None
        for given, argument in self.given.items():
            shared = next((i for i, (a, b) in enumerate(zip(given, path, strict=False)) if a != b), None)
            shared = min(len(given), len(path)) if shared is None else shared
            beside = shared == depth and shared >= max(len(path) - 1, 1)  # what it says may be wrong for lack of a path
            if shared == len(given) or shared > depth or beside:
                best, depth = (given, argument), shared
        return best

    def place(self, path: Path, *, key: bool = False) -> Place | None:
        """Where the value of a path, or its key, is written; else the nearest enclosing key; else None."""
        if path in self.values and not (key and path in self.keys):  # an item of a list has no key
            return self.values[path]
        return next((self.keys[path[:n]] for n in range(len(path), 0, -1) if path[:n] in self.keys), None)

    def error(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> ConfigError:
        """The same as an error to raise."""
        return ConfigError.of([self.problem(path, message, hint, key=key)])

    def problem_at(self, at: Place, message: str, hint: str = "") -> Problem:
        """A problem at a place, with its line and a caret under the word."""
        line, column = at
        if self.head:
            source = self.head + self.text[len(VALUE) :]
            column = min(column + len(self.head) - len(VALUE), len(source) - 1)
            shown = excerpt("", source, column, PART if column < len(self.head) else WORD)
            return Problem(message, self.file, hint, shown)
        lines = self.text.splitlines()
        shown = excerpt(f"{line + 1:>4} | ", lines[line], column) if line < len(lines) else ""
        return Problem(message, f"{self.file}:{line + 1}:{column + 1}", hint, shown)


INDENTED = "keys that belong together stand in one column: compare this line with the one above"
UNINDENTED = ("mapping values are not allowed", "'<block mapping start>'", "expected <block end>")
VALUE = "value: "  # what an argument's value is read behind
WHOLE: Path = ("value",)
COMMAND_LINE = "command line"
OPENS = ("[", "{", '"', "'")  # what begins more than a word


def load(text: str, file: str, head: str = "") -> Document:
    """Parse the text of a config. Raises ConfigError with the place of what is not strict YAML 1.2."""
    document = Document(file, text, {}, head=head)
    try:
        return _Composer(document).compose(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = (mark.line, mark.column) if mark else (0, 0)
        problem = str(error.problem).replace(", but found '\\x00'", ", but this is the end")
        hint = "text that starts with this character stands in quotes" if "cannot start any token" in problem else ""
        hint = "indent with spaces" if "'\\t'" in problem else hint
        hint = INDENTED if any(words in problem for words in UNINDENTED) else hint
        raise ConfigError.of([document.problem_at(at, f"not YAML: {problem}", hint)]) from None
    except yaml.reader.ReaderError as error:
        message = f"character {error.position + 1} cannot stand in YAML: {error.reason}"
        raise ConfigError(message, where=file) from None


def argument(head: str, text: str) -> Document:
    """An argument of the command line whose value, behind its head, is read as in a config file.

    Raises ConfigError that shows it.
    """
    try:
        document = load(VALUE + text, COMMAND_LINE, head)
    except ConfigError as error:
        raise ConfigError.of([replace(error.problems[0], hint=quoting(head, text))]) from None
    value = document.data["value"]
    plain = not text.lstrip().startswith(OPENS)
    if len(document.data) > 1 or (plain and text.strip() and value != scalar(text.strip()) and value == value):
        message = "this is not one value: a `#` begins a comment, a `|` a text of several lines"
        raise ConfigError.of([document.problem_at((0, len(VALUE)), message, quoting(head, text))])
    document.keys[WHOLE] = (0, len(VALUE))  # the value stands for what is not written in it
    return document


def word(head: str, text: str) -> Document:
    """An argument whose value is text, whatever it looks like."""
    return Document(COMMAND_LINE, VALUE + text, {"value": text}, values={WHOLE: (0, len(VALUE))}, head=head)


def quoting(head: str, text: str) -> str:
    """How an argument is written whose value YAML reads as something else than text."""
    if text.lstrip().startswith(("[", "{")):
        return "every bracket that is opened is closed, and text in brackets may need quotes"
    option, _, key = head.partition(" ")
    return f"quote it: `{option} {shlex.quote(key + json.dumps(text, ensure_ascii=False))}`"


def dump(data: dict[str, Any]) -> str:
    """YAML that `load` reads back to equal data."""
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110))


def inline(value: Any) -> str:
    """One value on one line, which reads back to an equal one."""
    text = yaml.dump(
        [value], Dumper=_LineDumper, sort_keys=False, allow_unicode=True, default_flow_style=True, width=2**31
    )
    return str(text).strip()[1:-1]


WORD = re.compile(r"[^\s:,\]}#]+")
PART = re.compile(rf"{PARTS}|[^.=]+")  # of the key of an argument


def excerpt(number: str, source: str, column: int, word_of: re.Pattern[str] = WORD) -> str:
    """A line behind its number, and carets under the word at a column."""
    source = source.replace("\t", " ").replace("\n", " ")
    word = word_of.match(source, column)
    caret = "^" * min(len(word.group()) if word else 1, SHOWN)
    start = max(0, column - SHOWN // 2) if len(source) > SHOWN else 0  # a long line: around the place
    return f"{number:7}{source[start : start + SHOWN]}\n{'':7}{' ' * (column - start)}{caret}"


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

    def __init__(self, document: Document) -> None:
        self.document = document
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
        self.problems.append(self.document.problem_at(place(event), message, hint))

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
