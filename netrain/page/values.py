"""A target that is a number: what is predicted beside what is true, and the errors."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from netrain.page.chart import Trace, axis, band, chart, diagonal, grid, line, places, share_axis, turned, whiskers
from netrain.page.fields import Numbers
from netrain.page.given import Report
from netrain.page.given_values import Band, Density, Errors, Level, Points, Values
from netrain.page.markup import Markup, join, name
from netrain.page.words import paragraph, part, section
from netrain.shown.summary import figure

ERROR = "error (predicted less true)"


def values(report: Report) -> Markup:
    """All about each target column."""
    every = (report.figures and report.figures.values) or []
    if len(every) == 1:
        return section("values", "Right and wrong", of_target(every[0]))
    return section("values", "Right and wrong", *(part(name(of.target), of_target(of)) for of in every))


def of_target(of: Values) -> Markup:
    """The charts of one target."""
    columns = [bands(b, f"Errors by {b.column}", b.column) for b in of.by_column or []]
    return join(
        told(of),
        grid(
            scatter(of.points) if of.points else density(of.density) if of.density else None,
            histogram(of.errors) if of.errors else None,
            bands(of.by_prediction, "Errors by prediction", "predicted") if of.by_prediction else None,
            coverage(of.quantiles) if of.quantiles else None,
        ),
        part("Errors along the strongest columns", grid(*columns)) if any(columns) else "",
    )


def told(of: Values) -> Markup:
    """The spread of the errors in words."""
    quantiles = of.errors.quantiles if of.errors else {}
    low, first, third, high = (quantiles.get(q) for q in ("0.05", "0.25", "0.75", "0.95"))
    lines = []
    if first is not None and third is not None:
        lines.append(f"Half of the errors are between {figure(first)} and {figure(third)}")
        if low is not None and high is not None:
            lines.append(f", nine of ten between {figure(low)} and {figure(high)}")
        lines.append(". ")
    if of.interval:
        aim, met = of.interval.level, of.interval.coverage
        lines.append(f"The predicted intervals hold {met:.1%} of the rows; {aim:.0%} was asked for")
        lines.append("." if of.interval.width is None else f"; half are narrower than {figure(of.interval.width)}.")
    return paragraph("".join(lines)) if lines else Markup()


def scatter(of: Points) -> Markup | None:
    """Rows by what is true and what is predicted."""
    known = [v for v in (*of.true, *of.predicted) if v is not None]
    if not known:
        return None
    few = len(of.true) <= 300
    dots: Trace = {
        "type": "scatter", "mode": "markers", "x": of.true, "y": of.predicted, "name": "a row",
        "marker": {"color": "--blue", "size": 6 if few else 4, "opacity": 0.75 if few else 0.4},
        "hovertemplate": "true %{x:.4g}<br>predicted %{y:.4g}<extra></extra>",
    }  # fmt: skip
    traces = [diagonal(min(known), max(known), "right"), dots]
    return chart("Predicted against true", traces, axis("true"), axis("predicted"), height=380, hovermode="closest",
                 note=f"{len(of.true):,} rows", showlegend=False)  # fmt: skip


def density(of: Density) -> Markup | None:
    """The same where single rows are kept out."""
    if len(of.true_edges) < 2 or len(of.predicted_edges) < 2:
        return None
    # [true][predicted], drawn with what is predicted upwards; the colour follows the root, so that few rows show
    roots = [[row[j] ** 0.5 if j < len(row) and row[j] > 0 else None for row in of.counts]
             for j in range(len(of.predicted_edges) - 1)]  # fmt: skip
    counts = [[row[j] if j < len(row) else 0 for row in of.counts] for j in range(len(of.predicted_edges) - 1)]
    heat: Trace = {
        "type": "heatmap", "x": middles(of.true_edges), "y": middles(of.predicted_edges), "z": roots,
        "customdata": counts, "showscale": False, "colorscale": [[0, "--low"], [1, "--blue"]], "zmin": 0,
        "hovertemplate": "true %{x:.4g}<br>predicted %{y:.4g}<br>%{customdata:,} rows<extra></extra>",
    }  # fmt: skip
    low = min(of.true_edges[0], of.predicted_edges[0])
    high = max(of.true_edges[-1], of.predicted_edges[-1])
    traces = [heat, diagonal(low, high, "right")]
    return chart("Predicted against true", traces, axis("true"), axis("predicted"), height=380, showlegend=False,
                 note="darker: more rows")  # fmt: skip


def middles(edges: list[float]) -> list[float]:
    """Of bins."""
    return [(a + b) / 2 for a, b in pairwise(edges)]


def histogram(of: Errors) -> Markup | None:
    """How many rows have which error."""
    if len(of.edges) < 2:
        return None
    widths = [b - a for a, b in pairwise(of.edges)]
    bars: Trace = {
        "type": "bar", "x": middles(of.edges), "y": of.counts, "width": widths, "name": "rows",
        "marker": {"color": "--blue", "line": {"color": "--paper", "width": 0.5}},
        "hovertemplate": "%{x:.4g}: %{y:,} rows<extra></extra>",
    }  # fmt: skip
    marks = [("median", of.median, "dot")]
    shapes: list[dict[str, Any]] = [upright(0.0, "--ink", "solid")]
    shapes += [upright(v, "--red", dash) for _, v, dash in marks if v is not None]
    note = " · ".join(
        f"{word} {figure(v)}" for word, v in (("mean", of.mean), ("median (dotted)", of.median)) if v is not None
    )
    return chart("Errors", [bars], axis(ERROR), axis("rows"), height=380, note=note, shapes=shapes, bargap=0,
                 showlegend=False)  # fmt: skip


def upright(x: float, colour: str, dash: str) -> dict[str, Any]:
    """A line from the bottom to the top of a chart."""
    rule = {"color": colour, "width": 1.5, "dash": dash}
    return {"type": "line", "x0": x, "x1": x, "yref": "paper", "y0": 0, "y1": 1, "line": rule}


def bands(of: Band, title: str, along: str) -> Markup | None:
    """The errors' 10%, 50% and 90% along something."""
    if not of.x:
        return None
    x, axis_x = places(of.x, of.kind, along)
    rows = {"customdata": [f"{n:,.0f} rows" for n in of.rows]} if of.rows else {}
    hover = "%{y:.4g}" + (", %{customdata}" if of.rows else "")
    if "ticktext" in axis_x:
        middle = line(x, of.middle, "median", hovertemplate=hover) | rows | {"mode": "markers"}
        middle["error_y"] = whiskers(of.middle, of.low, of.high)
        traces, note = [middle], "bar: 8 of 10 rows"
    else:
        middle = line(x, of.middle, "median", hovertemplate=hover) | rows
        traces, note = [*band(x, of.low, of.high, "8 of 10 rows"), middle], "band: 8 of 10 rows"
    if "ticktext" in axis_x:
        height = 110 + 26 * len(x)
        return chart(title, [turned(t) for t in traces], axis(ERROR, zeroline=True), axis_x, height=height, note=note,
                     shapes=[upright(0.0, "--ink", "dot")], showlegend=False)  # fmt: skip
    zero = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": 0, "y1": 0, "line": {"color": "--ink", "width": 1}}
    return chart(title, traces, axis_x, axis(ERROR), height=300, note=note, shapes=[zero], showlegend=False)


def coverage(of: list[Level]) -> Markup:
    """The share of rows below each predicted quantile, which should be its level."""
    x = [q.level for q in of]
    y: Numbers = [q.share_below for q in of]
    dots = line(x, y, "rows below", mode="lines+markers", hovertemplate="quantile %{x}: %{y:.1%} of rows below")
    dots["error_y"] = whiskers(y, [q.low for q in of], [q.high for q in of])
    traces = [diagonal(0, 1, "as it should be"), dots]
    return chart("Quantiles", traces, share_axis("quantile asked for"), share_axis("rows below it"), height=300,
                 note="bars: 95% intervals")  # fmt: skip
