"""What the shell offers while a word is typed: keys of the config, presets, runs."""

from __future__ import annotations

from pathlib import Path


def settings(incomplete: str) -> list[str]:
    """`KEY=` for each key that begins so; behind the `=` the choices of that key."""
    from netrain.keys import choices_of, every_key

    key, equals, begun = incomplete.partition("=")
    fields = every_key()
    if not equals:
        return [f"{path}=" for path in fields if path.startswith(key)]
    return [f"{key}={choice}" for choice in choices_of(fields.get(key)) if choice.startswith(begun)]


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
