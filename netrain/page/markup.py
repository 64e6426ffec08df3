"""HTML, safe by construction: what is not markup already is escaped, and so are characters that cannot be seen."""

from __future__ import annotations

from html import escape

from netrain.wording import escaped

VOID = ("br", "input", "meta", "col")


class Markup(str):
    """Text that is HTML already; made by `tag` and `join` alone."""

    __slots__ = ()


Child = str | None


def plain(text: str, *, lines: bool = False) -> str:
    """Text from strangers, on one line unless `lines`: controls and bidirectional marks are shown, not obeyed."""
    if text.isprintable():
        return text
    kept = "\n\t" if lines else ""
    return "".join(c if c.isprintable() or c in kept else " " if c.isspace() else escaped(c) for c in text)


def clipped(text: str, most: int) -> str:
    """Plain, and cut to so many characters."""
    line = plain(text[: most + 1])
    return line if len(line) <= most else line[: most - 1] + "…"


def inert(child: Child) -> str:
    """A child as HTML."""
    return child if isinstance(child, Markup) else escape(plain(child or ""))


def join(*children: Child) -> Markup:
    """Side by side."""
    return Markup("".join(map(inert, children)))


def tag(element: str, /, *children: Child, **attributes: str | bool | None) -> Markup:
    """An element; `class_` and `data_v` are written `class` and `data-v`, None and False left out."""
    told = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escape(plain(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Markup(f"<{element}{told}>" if element in VOID else f"<{element}{told}>{join(*children)}</{element}>")


def name(text: str, most: int = 80) -> Markup:
    """A name from a table: isolated, so that no direction of writing leaks, and cut with the whole as its title."""
    short = clipped(text, most)
    return tag("bdi", short, title=None if short == plain(text) else plain(text[:1000]))


def preformatted(text: str) -> Markup:
    """Lines as they stand."""
    return tag("pre", tag("code", Markup(escape(plain(text, lines=True)))))
