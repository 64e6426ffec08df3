"""The page of `netrain compare --html`: one file that works without a network; nothing in it is believed as markup."""

from __future__ import annotations

from typing import Any

from netrain.commands.compare import curve_notes, notes, rows_told, sentence, table, value
from netrain.comparison import Comparison
from netrain.page.chart import axis, chart, grid, line, log_axis
from netrain.page.document import document, theme_button
from netrain.page.markup import Markup, clipped, join, name, tag
from netrain.page.words import paragraph, section
from netrain.page.words import table as rows_of
from netrain.runs.catalogue import number
from netrain.runs.run import Run

POINTS = 600  # of a curve, at most
HEIGHT = 320
SECTIONS = {"verdict": "Verdict", "figures": "Figures", "learning": "Learning", "config": "Configs"}


def compared_page(of: Comparison) -> str:
    """The whole of the file."""
    title = " and ".join(clipped(run, 40) for run in of.names) if len(of.names) == 2 else f"{len(of.names)} runs"
    links = [tag("a", told, href=f"#{key}") for key, told in SECTIONS.items()]
    body = join(
        tag("header", tag("h1", name(title, 120)), tag("p", "compared by netrain"), theme_button()),
        tag("nav", *links, aria_label="contents"),
        tag("main", verdict(of), figures(of), learned(of), configs(of)),
        tag("noscript", tag("p", "The charts need JavaScript; the tables and sentences do not.")),
    )
    return document(f"{title} compared", body)


def verdict(of: Comparison) -> Markup:
    """How far each run is behind the best one, and on which rows."""
    head = "headline" if len(of.differences) == 1 else ""
    sentences = [paragraph(tag("strong", sentence(of, each)), class_=head) for each in of.differences]
    return section("verdict", SECTIONS["verdict"], *sentences, *map(paragraph, (rows_told(of), *notes(of))))


def figures(of: Comparison) -> Markup:
    """The figures side by side."""
    rows = [[figure, *values] for figure, values in table(of).items()]
    return section("figures", "On the same rows", rows_of(["", *of.names], rows, first=len(rows)))


def learned(of: Comparison) -> Markup:
    """The curves of all runs over each other."""
    charts = [curves(of, figure) for figure in ("loss", of.main)]
    return section("learning", "How they learned", *map(paragraph, curve_notes(of)), grid(*charts))


def configs(of: Comparison) -> Markup:
    """The keys in which the complete configs differ."""
    rows = [[key, *(clipped(value(v), 200) for v in values)] for key, values in of.config.items()]
    same = paragraph("Their configs are the same.")
    return section("config", "In what their configs differ", rows_of(["key", *of.names], rows, noun="key") or same)


def curves(of: Comparison, figure: str) -> Markup | None:
    """A figure of each run by epoch: of its validation rows, or of its training rows where it has no others."""
    traces = []
    for style, rival in enumerate(of.rivals):
        part, x, y = course(rival.run, figure)
        if y:
            traces.append(line(x, y, rival.name if part == "valid" else f"{rival.name} ({part})", style))
    if not traces:
        return None
    axis_y = log_axis(figure, [v for trace in traces for v in trace["y"]])
    note = "logarithmic" if axis_y.get("type") == "log" else ""
    more: dict[str, Any] = {"hovermode": "x unified", "showlegend": True}
    return chart(f"{figure} on validation rows", traces, axis("epoch"), axis_y, height=HEIGHT, note=note, **more)


def course(run: Run, figure: str) -> tuple[str, list[int], list[float]]:
    """The part that a figure was logged of, its epochs, and its values where they are numbers."""
    epochs = list(run.logged())
    for part in ("valid", "train"):
        points = [(e["epoch"], v) for e in epochs if (v := logged(e, part, figure)) is not None]
        if points:
            kept = points[:: -(-len(points) // POINTS)]
            kept += points[-1:] if kept[-1] != points[-1] else []
            return part, [x for x, _ in kept], [y for _, y in kept]
    return "", [], []


def logged(epoch: dict[str, Any], part: str, figure: str) -> float | None:
    """A figure of an epoch."""
    of = epoch.get(part)
    return number(of.get(figure)) if isinstance(of, dict) else None
