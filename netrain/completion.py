"""What the shell offers while a word is typed: keys of the config, presets, runs."""

from __future__ import annotations

from pathlib import Path


def settings(incomplete: str) -> list[str]:
    """`KEY=` for each key that begins so; where there is one, and behind its `=`, with what it may be set to."""
    from netrain.keys import choices_of, every_key

    key, equals, begun = incomplete.partition("=")
    fields = every_key()
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
    """Each run that begins so: those below `runs`, and folders that hold a config."""
    found = [*Path().glob("runs/*/config.yaml"), *Path().glob(f"{glob_literal(incomplete)}*/config.yaml")]
    names = sorted({str(path.parent) for path in found})
    return [name for name in names if name.startswith(incomplete)]


def glob_literal(text: str) -> str:
    """A path as `glob` reads it, which takes none but relative ones."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in text.lstrip("/"))
