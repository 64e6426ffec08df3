"""Parts of a section: paragraphs, tables, folded text, lines to copy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from netrain.page.markup import Child, Markup, inert, join, tag

FIRST = 12  # rows of a table that show before all are asked for


def section(name: str, title: str, *children: Child) -> Markup:
    """A section; nothing where it has no content."""
    content = [c for c in children if c]
    return tag("section", tag("h2", title), *content, id=name) if content else Markup()


def part(title: Child, *children: Child) -> Markup:
    """A part of a section; nothing where it has no content."""
    content = [c for c in children if c]
    return join(tag("h3", title), *content) if content else Markup()


def paragraph(*children: Child, class_: str = "") -> Markup:
    """A paragraph."""
    return tag("p", *children, class_=class_ or None)


def folded(title: Child, *children: Child) -> Markup:
    """What shows when it is asked for."""
    return tag("details", tag("summary", title), *children)


def copied(line: str) -> Markup:
    """A line made to be copied."""
    return tag(
        "div", tag("code", line), tag("button", "copy", type="button", class_="copy"), class_="copied", translate="no"
    )


@dataclass(frozen=True)
class Cell:
    """A cell that is a number: shown to the right, and sorted by its value."""

    text: Child
    value: float | None

    def __str__(self) -> str:
        value = None if self.value is None else f"{self.value:.6g}"
        return tag("td", self.text, class_="number", data_v=value or "")


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[Child | Cell]],
    *,
    first: int = FIRST,
    noun: str = "rows",
    tell: str = "",
) -> Markup:
    """A table that scrolls by itself; sorted by a click on a head; searched where it is long, and then cut at first."""
    if not rows:
        return Markup()
    numeric = [any(isinstance(row[i], Cell) for row in rows) for i in range(len(heads))]
    sort = [
        tag("th", tag("button", head, type="button"), scope="col", class_="number" if number else None)
        for head, number in zip(heads, numeric, strict=True)
    ]
    body = [
        Markup("<tr>" + "".join(cell_of(c, number) for c, number in zip(row, numeric, strict=True)) + "</tr>")
        for row in rows
    ]
    long = len(rows) > first
    grid = tag(
        "div",
        tag("table", tag("thead", tag("tr", *sort)), tag("tbody", *body)),
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=tell or None,
    )
    if not long:
        return grid
    tools = tag(
        "div",
        tag("input", type="search", placeholder=f"search {len(rows):,} {noun}", aria_label="search the table"),
        tag("button", f"show all {len(rows):,}", type="button", class_="all"),
        tag("span", f"{first} of {len(rows):,} shown", class_="shown"),
        class_="tools",
    )
    return tag("div", tools, grid, class_="long", data_first=str(first))


def cell_of(cell: Child | Cell, number: bool) -> str:
    """A cell of a table as HTML."""
    if isinstance(cell, Cell):
        return str(cell)
    return f'<td class="number">{inert(cell)}</td>' if number else f"<td>{inert(cell)}</td>"
