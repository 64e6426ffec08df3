"""Where it fails: slices of the rows that fare worse than the rest, and the worst rows."""

from __future__ import annotations

from netrain.page.chart import Trace, axis, chart, grid, name_axis, whiskers
from netrain.page.given import Report, Slice, Worst
from netrain.page.markup import Child, Markup, join, name
from netrain.page.verdict import count, number
from netrain.page.words import Cell, paragraph, part, section, table
from netrain.shown.summary import figure

CELLS = 8  # columns of the table that the worst rows are shown with


def fails(report: Report) -> Markup:
    """Slices and rows."""
    figures = report.figures
    if figures is None:
        return Markup()
    calm = paragraph("In no slice that was tried do rows fare clearly worse than the rest.")
    return section(
        "fails",
        "Where it fails",
        (slices(figures.slices) if figures.slices else calm) if figures.slices is not None else "",
        part("The worst rows", rows(figures.worst, report)) if figures.worst else "",
    )


def slices(of: list[Slice]) -> Markup:
    """By how much each is worse than the rest, with the interval; and its figures."""
    excess = [None if s.value is None or s.rest is None else s.value - s.rest for s in of]
    names = [s.where for s in of]
    dots: Trace = {
        "type": "scatter", "mode": "markers", "x": excess, "y": list(range(len(of))), "name": "excess",
        "marker": {"color": "--red", "size": 9, "symbol": "diamond"}, "hovertemplate": "%{y}: %{x:.4g}<extra></extra>",
        "error_x": whiskers(excess, [s.low for s in of], [s.high for s in of], "--red"),
    }  # fmt: skip
    metric = next((s.metric for s in of if s.metric), "the error")
    drawn = chart(
        "Slices that fare worse",
        [dots],
        axis(f"{metric} above the rest's", rangemode="tozero"),
        name_axis(names, autorange="reversed", showgrid=True),
        height=120 + 28 * len(of),
        note="bars: intervals, wider for the number of slices tried",
        wide=True,
        showlegend=False,
    )
    told: list[list[Child | Cell]] = [
        [name(s.where), count(s.rows), s.metric, number(s.value), number(s.rest), number(x),
         Cell("-" if s.low is None or s.high is None else f"{figure(s.low)} .. {figure(s.high)}", s.low)]
        for s, x in zip(of, excess, strict=True)
    ]  # fmt: skip
    heads = ["slice", "rows", "metric", "value", "the rest", "worse by", "interval"]
    return join(grid(drawn), table(heads, told, noun="slices", tell="slices that fare worse"))


def rows(of: list[Worst], report: Report) -> Markup:
    """The rows with the largest errors, with the cells of the columns that matter most."""
    there = dict.fromkeys(column for row in of for column in row.cells)
    ranked = (
        [c.column for c in report.figures.importance.columns] if report.figures and report.figures.importance else []
    )
    place = {column: i for i, column in enumerate(ranked)}
    columns = sorted(there, key=lambda column: place.get(column, len(place)))[:CELLS]
    told: list[list[Child | Cell]] = [
        [Cell("-" if row.row is None else f"{row.row:,}", row.row), name(row.true, 40), name(row.predicted, 40),
         number(row.loss), *(name(row.cells.get(column, ""), 40) for column in columns)]
        for row in of
    ]  # fmt: skip
    heads = ["row", "true", "predicted", "loss", *columns]
    return table(heads, told, first=10, noun="rows", tell="the worst rows")
