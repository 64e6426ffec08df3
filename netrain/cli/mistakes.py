"""Mistakes on the command line, in our words, each with the way out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from netrain.aliases import KEYS, VALUES_OF, value_called
from netrain.errors import UsageError, did_you_mean
from netrain.files import is_config, is_table
from netrain.wording import nearest

PLAIN = re.compile(r"[\w./+-]+")  # a value that YAML takes for what it looks like


def mistake(error: typer.TyperException, arguments: Sequence[str]) -> UsageError:
    """The error for words that do not parse: what is wrong, what may have been meant, the command's usage."""
    facts = vars(error)
    ctx, option = facts.get("ctx"), facts.get("option_name")
    message = worded(error.format_message())
    hints: list[str] = []
    if option and message.startswith("no such option"):
        where = f"`{ctx.command_path}`" if ctx else "netrain"
        message = f"`{option}` is not an option of {where}"
        hints += meant(option, ctx, arguments, facts.get("possibilities") or ())
    elif message.startswith("unexpected: "):
        hints += unjoined(arguments)
    elif " is not one of " in message:
        word, *known = re.findall(r"`([^`]*)`", message.split(": ", 1)[1])
        hints += [did_you_mean(word, known)] if nearest(word, known) else []
    if not ctx:
        hints.append(f"`netrain {arguments[0]} --help` tells more")
    else:
        usage = " ".join(ctx.get_usage().removeprefix("Usage: ").split())
        hints.append(f"`{usage}`; `{ctx.command_path} --help` tells more")
    return UsageError(message, hint="\n".join(hints))


def worded(message: str) -> str:
    """A message of the library as ours are written."""
    message = re.sub(r"'([^']*)'", r"`\1`", message.rstrip("."))
    message = re.sub(r"^Got unexpected extra arguments?(?:\(s\))? \((.*)\)$", r"unexpected: `\1`", message)
    message = re.sub(r"^Missing \w+ (`.*`)$", r"\1 is missing", message)
    message = re.sub(r"^Invalid value for ", "", message.replace("Value error, ", ""))
    return message[:1].lower() + message[1:]


def meant(option: str, ctx: Any, arguments: Sequence[str], near: Sequence[str]) -> Iterator[str]:
    """What an option that there is not may stand for: a key of the config, a choice, or another option."""
    word = option.lstrip("-").replace("-", "_")
    params = ctx.command.params if ctx else ()
    for param in params:
        if param.opts[0].startswith("--") and word in [item.value for item in param.shell_complete(ctx, word)]:
            yield f"did you mean `{param.opts[0]} {word}`?"
            return
    if any("--set" in param.opts for param in params):
        key = key_called(word)
        if key and not nearest(option, near):
            value = value_of(option, arguments)
            setting = shlex.quote(f"{key}={written(word, key, value)}") if value else f"{key}=VALUE"
            yield f"it is a key of the config: `--set {setting}`"
            return
    if near:
        yield did_you_mean(option, near)


def key_called(word: str) -> str:
    """The key of the config whose last part is a word, or all but; the one nearest to the root."""
    from netrain.keys import every_key

    paths = sorted(every_key(), key=lambda path: (path.count("."), len(path)))
    last = {path.rpartition(".")[2]: path for path in reversed(paths)}
    if word not in last and word in KEYS:
        return KEYS[word]
    found = [word] if word in last else nearest(word, last, most=1)
    return last[found[0]] if found else ""


def written(word: str, key: str, value: str) -> str:
    """The value that was given with a word for a key, as `--set` takes it."""
    from netrain.example import flow
    from netrain.keys import choices_of, every_key, shape
    from netrain.suggestions import items
    from netrain.yaml12 import OPENS, scalar

    if word in VALUES_OF and not key.endswith(word):
        return VALUES_OF[word].format(value)
    field = every_key()[key]
    if called := value_called(value, choices_of(field)):
        return called[0]
    if value.startswith(OPENS):
        return value
    if shape(field.annotation)["type"] == "list" and not choices_of(field):
        return flow([scalar(item) for item in items(value)])
    return value if PLAIN.fullmatch(value) else flow(value)


def unjoined(arguments: Sequence[str]) -> Iterator[str]:
    """The hint for `--set KEY VALUE`, which wants a `=` between them."""
    for option, key, value in zip(arguments, arguments[1:], arguments[2:], strict=False):
        if option in ("--set", "-s") and "=" not in key and not value.startswith("-"):
            yield f"did you mean `{option} {shlex.quote(f'{key}={value}')}`?"


def value_of(option: str, arguments: Sequence[str]) -> str:
    """What was given with an option."""
    for here, after in zip(arguments, [*arguments[1:], ""], strict=True):
        if here.startswith(f"{option}="):
            return here.partition("=")[2]
        if here == option:
            return "" if after.startswith("-") else after
    return ""


def unknown_command(words: Sequence[str], commands: Sequence[str]) -> UsageError:
    """The error for a first word that is no command: a file wants one before it."""
    word, rest = Path(words[0]), shlex.join(words)
    if is_config(word):
        hint = f"did you mean `netrain train {rest}`?"
    elif is_table(word):
        target = "" if "--target" in words else " --target COLUMN"
        hint = f"did you mean `netrain train {rest}{target}`?"
    elif word.suffix == ".safetensors" or (word / "config.yaml").is_file():
        hint = f"did you mean `netrain evaluate {rest}`?"
    else:
        hint = did_you_mean(words[0], commands) + "\n`netrain --help` tells what each does"
    return UsageError(f"`{words[0]}` is not a command", hint=hint)
