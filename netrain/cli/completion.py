"""What the shell offers while a word is typed: keys of the config, presets, runs."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path


def settings(incomplete: str) -> list[str]:
    """`KEY=` for each key that begins so; where there is one, and behind its `=`, with what it may be set to."""
    from netrain.keys import choices_of, settable

    key, equals, begun = incomplete.partition("=")
    fields = settable()
    found = [path for path in fields if path.startswith(key)]
    if equals:
        return [f"{key}={choice}" for choice in choices_of(fields.get(key)) if choice.startswith(begun)]
    if len(found) != 1:
        return [f"{path}=" for path in found]
    [path] = found  # a second offer keeps the shell from ending the word
    return [f"{path}=", *(f"{path}={choice}" for choice in choices_of(fields[path]) or ["VALUE"])]


def keys(incomplete: str) -> list[str]:
    """Each key of the config that begins so."""
    from netrain.keys import every_key

    return [path for path in every_key() if path.startswith(incomplete)]


def runs(incomplete: str) -> list[str]:
    """Each run that begins so: those below `runs`, and folders that hold a config; and the words that stand for one."""
    found = [*Path().glob("runs/*/config.yaml"), *Path().glob(f"{glob_literal(incomplete)}*/config.yaml")]
    names = sorted({str(path.parent) for path in found})
    names += ["latest", "best"] if names else []
    return [name for name in names if name.startswith(incomplete)]


def glob_literal(text: str) -> str:
    """A path as `glob` reads it, which takes none but relative ones."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text.lstrip("/"))


def in_bash(complete: Callable[[], object], environment: MutableMapping[str, str]) -> None:
    """Complete for bash, which cuts words at `=` and completes what stands behind it, as `complete` does for others."""
    typed = join_words(environment)
    head = typed[: typed.rfind("=") + 1]
    offered = StringIO()
    try:
        with redirect_stdout(offered):
            complete()
    finally:
        for line in offered.getvalue().splitlines():
            begun = [text for text in (head, head.partition("=")[2]) if text and line.startswith(text)]
            print(line.removeprefix(begun[0]) if begun else line)


def join_words(environment: MutableMapping[str, str]) -> str:
    """Join the words of the command line that were cut at `=`; the one to complete, where it is one of them."""
    words = environment.get("COMP_WORDS", "").split("\n")
    if "=" not in words:
        return ""
    place, joined, typed = int(environment["COMP_CWORD"]), [words[0]], ""
    for number, word in enumerate(words[1:], start=1):
        cut = word == "=" or words[number - 1] == "="
        joined[-1:] = [joined[-1] + word] if cut else [joined[-1], word]
        if number == place:
            environment["COMP_CWORD"] = str(len(joined) - 1)
            typed = joined[-1] if cut else ""
    environment["COMP_WORDS"] = "\n".join(joined)
    return typed
