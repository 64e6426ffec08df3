"""What the network uses: how much each column is worth, and how the prediction follows it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from netrain.page.chart import (
    COLOURS,
    DASHES,
    Axis,
    Trace,
    axis,
    chart,
    grid,
    line,
    name_axis,
    places,
    turned,
    whiskers,
)
from netrain.page.given import Dependence, Importance, Report
from netrain.page.markup import Markup
from netrain.page.words import paragraph, part, section

STRONGEST = 25  # columns in the chart; the table of the data has all


def uses(report: Report) -> Markup:
    """Importance and dependence."""
    figures = report.figures
    if figures is None:
        return Markup()
    of, along = figures.importance, figures.dependence or []
    classes = report.task == "classification"
    y = "mean probability" if classes else "mean prediction"
    return section(
        "uses",
        "What it uses",
        grid(importance(of)) if of and of.columns else "",
        part(
            "How the prediction follows the strongest columns",
            paragraph("The mean over rows in which this column alone is set to each value. Bars: where the rows are.",
                      class_="small"),
            grid(*(dependence(d, y) for d in along)),
        )
        if along
        else "",
    )  # fmt: skip


def importance(of: Importance) -> Markup:
    """What is lost of the metric where a column is shuffled among the rows, for the strongest columns."""
    shown = of.columns[:STRONGEST]
    gains = [c.gain for c in shown]
    dots: Trace = {
        "type": "scatter", "mode": "markers", "x": gains, "y": list(range(len(shown))), "name": "loss",
        "marker": {"color": "--blue", "size": 9}, "hovertemplate": "%{y}: %{x:.4g}<extra></extra>",
        "error_x": whiskers(gains, [c.low for c in shown], [c.high for c in shown]),
    }  # fmt: skip
    rows = f"{of.rows:,} rows" if of.rows else "the rows"
    note = f"each column shuffled among {rows}; bars: intervals"
    if len(of.columns) > len(shown):
        note += f"; the {len(shown)} strongest of {len(of.columns):,}, all below in the data"
    x = axis(f"{of.metric or 'the metric'} worse by")
    y = name_axis([c.column for c in shown], autorange="reversed", showgrid=True)
    height = 110 + 24 * len(shown)
    return chart("Importance of columns", [dots], x, y, height=height, note=note, wide=True, showlegend=False)


def dependence(of: Dependence, y_title: str) -> Markup | None:
    """The mean prediction along a column, over the share of rows at each of its values."""
    if not of.x or not of.y:
        return None
    x, axis_x = places(of.x, of.kind, of.column)
    named, several = "ticktext" in axis_x, len(of.y) > 1
    names = [*of.of, *("" for _ in of.y)]
    lines = [line(x, y, names[i], i, hovertemplate="%{y:.4g}") for i, y in enumerate(of.y)]
    for i, drawn in enumerate(lines if named else []):
        drawn["mode"] = "markers"
        drawn["marker"] = {"color": COLOURS[i % len(COLOURS)], "size": 9, "symbol": i % len(DASHES)}
    most = max((s for s in of.share or [] if s is not None), default=0.0)
    if most > 0:
        lines.insert(0, shares(of, x, axis_x))
    axis_y = axis(f"{y_title} of {names[0]}" if names[0] and not several else y_title)
    above: dict[str, Any] = {"side": "right", "range": [0, 4 * most or 1], "visible": False}
    if named:
        lying = [turned(drawn) for drawn in lines]
        height = 130 + 26 * len(x) + 20 * several
        return chart(of.column, lying, axis_y, axis_x, height=height, showlegend=several, hovermode="y unified",
                     xaxis2=above | {"overlaying": "x", "side": "top"})  # fmt: skip
    return chart(of.column, lines, axis_x, axis_y, height=290, showlegend=several, hovermode="x unified",
                 yaxis2=above | {"overlaying": "y"})  # fmt: skip


def shares(of: Dependence, x: list[Any], axis_x: Axis) -> Trace:
    """Where the rows are, as faint bars."""
    bars: Trace = {
        "type": "bar", "x": x, "y": of.share, "yaxis": "y2", "name": "rows", "showlegend": False,
        "marker": {"color": "--band"}, "hovertemplate": "%{y:.1%} of rows", "cliponaxis": False,
    }  # fmt: skip
    if "ticktext" not in axis_x and "type" not in axis_x and len(x) > 1:
        gaps = [b - a for a, b in pairwise(x)]
        near = [min(pair) for pair in zip([gaps[0], *gaps], [*gaps, gaps[-1]], strict=True)]
        bars["width"] = [max(0.8 * gap, (x[-1] - x[0]) / 200) for gap in near]
    return bars
