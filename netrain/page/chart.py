"""Charts as JSON that plotly.js draws; colours are named, so that the page's theme chooses them.

plotly reads markup in whatever text it draws, so every text that comes from a table goes through `label`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from html import escape
from math import isfinite
from typing import Any

from netrain.page.fields import Numbers
from netrain.page.markup import Markup, clipped, join, tag

Trace = dict[str, Any]
Axis = dict[str, Any]

COLOURS = ("--blue", "--orange", "--green", "--red", "--purple", "--sky")  # told apart by the colour-blind, too
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")  # and without any colour
UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})  # in a script, U+2028 is escaped as ASCII
DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]?[\d:.]*")
LABEL, NARROW = 34, 16  # characters of a name at an axis, and on a phone


def label(text: str, most: int = LABEL) -> str:
    """A text from strangers as plotly draws it to the letter."""
    return escape(clipped(text, most), quote=False)


def axis(title: str = "", **more: Any) -> Axis:
    """An axis of numbers."""
    return {"title": {"text": label(title, 60)}, "automargin": True} | more


def share_axis(title: str, **more: Any) -> Axis:
    """An axis of shares from 0 to 1."""
    return axis(title, tickformat=".0%", range=[-0.01, 1.01]) | more


def log_axis(title: str, values: Numbers, **more: Any) -> Axis:
    """An axis of numbers, logarithmic where all are above 0 and the largest is more than 20 times the smallest."""
    known = [v for v in values if v is not None]
    if known and min(known) > 0 and max(known) > 20 * min(known):
        return axis(title, type="log", exponentformat="e", dtick=1 if max(known) > 50 * min(known) else None) | more
    return axis(title) | more


def name_axis(names: Sequence[str], title: str = "", most: int = LABEL, **more: Any) -> Axis:
    """An axis of names, the n-th at n: names alike stay two, and none is taken for a number or a date."""
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": [label(n, most) for n in names]}
    if any(len(n) > NARROW for n in names):
        ticks["shorttext"] = [label(n, NARROW) for n in names]
    return axis(title, zeroline=False, showgrid=False) | ticks | more


def dates(values: Sequence[Any]) -> bool:
    """Whether what stands along an axis are dates as ISO 8601 writes them."""
    return bool(values) and all(isinstance(v, str) and DATE.fullmatch(v) for v in values)


def places(values: Sequence[Any], kind: str, title: str) -> tuple[list[Any], Axis]:
    """Where the values of a column stand on an axis, and the axis: of numbers, of dates, else of names."""
    if all(isinstance(v, int | float) and not isinstance(v, bool) for v in values):
        return list(values), axis(title)
    if kind == "datetime" and dates(values):
        return list(values), axis(title, type="date")
    names = ["missing" if v is None else str(v) for v in values]
    return list(range(len(names))), name_axis(names, title, autorange="reversed", showgrid=True)


def turned(trace: Trace) -> Trace:
    """The same lying down: names are read at the left, however many and long they are."""
    pairs = {"x": "y", "y": "x", "error_y": "error_x", "yaxis": "xaxis", "hovertemplate": "hovertemplate"}
    lying = {pairs.get(key, key): value for key, value in trace.items()}
    if lying.get("xaxis") == "y2":
        lying["xaxis"] = "x2"
    if "hovertemplate" in lying:
        lying["hovertemplate"] = lying["hovertemplate"].replace("%{y", "%{x")
    return lying | ({"orientation": "h"} if lying["type"] == "bar" else {})


def line(x: Sequence[Any], y: Sequence[Any], title: str = "", style: int = 0, **more: Any) -> Trace:
    """Points joined by a line."""
    drawn = {"color": COLOURS[style % len(COLOURS)], "dash": DASHES[(style + style // 6) % 6], "width": 2}
    mode = "lines" if len(x) > 1 else "markers"
    return {
        "type": "scatter",
        "mode": mode,
        "x": list(x),
        "y": list(y),
        "name": label(title, 40),
        "line": drawn,
        "marker": {"color": drawn["color"], "size": 8},
    } | more


def diagonal(low: float, high: float, title: str) -> Trace:
    """Where x is y, as a faint line."""
    faint = {"line": {"color": "--faint", "dash": "dash", "width": 1}, "hoverinfo": "skip", "mode": "lines"}
    return line([low, high], [low, high], title) | faint


def band(x: Sequence[Any], low: Numbers, high: Numbers, title: str) -> list[Trace]:
    """The room between two lines."""
    edge = {"line": {"width": 0, "color": "--band"}, "hoverinfo": "skip", "showlegend": False, "mode": "lines"}
    filled = edge | {"fill": "tonexty", "fillcolor": "--band", "showlegend": True}
    return [line(x, low, title) | edge, line(x, high, title) | filled]


def whiskers(values: Numbers, low: Numbers, high: Numbers, colour: str = "--blue") -> dict[str, Any]:
    """Intervals around values; none where an end is not known."""

    def arms(pairs: zip[tuple[float | None, float | None]]) -> list[float]:
        return [0.0 if a is None or b is None else max(0.0, b - a) for a, b in pairs]

    up, down = arms(zip(values, high, strict=False)), arms(zip(low, values, strict=False))
    return {"type": "data", "array": up, "arrayminus": down, "color": colour, "thickness": 1.5, "width": 4}


def chart(
    title: str,
    traces: Sequence[Trace],
    x: Axis,
    y: Axis,
    *,
    height: int = 300,
    note: Markup | str = "",
    views: Sequence[tuple[str, dict[str, Any]]] = (),
    wide: bool = False,
    **layout: Any,
) -> Markup:
    """A figure with its caption; `views` are other values for its first trace, chosen by name."""
    spec = {"data": list(traces), "layout": {"xaxis": x, "yaxis": y} | layout}
    if views:
        spec["views"] = [{"name": name, "update": {key: [value] for key, value in of.items()}} for name, of in views]
    return tag(
        "figure",
        tag("figcaption", tag("span", title, class_="title"), tag("span", note, class_="note") if note else ""),
        tag("div", class_="plot", style=f"height:{height}px", role="img", aria_label=clipped(title, 200)),
        data(spec),
        class_="chart wide" if wide else "chart",
    )


def grid(*charts: Markup | None) -> Markup:
    """Charts side by side, as many as there is room for."""
    there = [c for c in charts if c]
    return tag("div", *there, class_="grid" if len(there) > 1 else "grid one") if there else Markup()


def data(value: Any) -> Markup:
    """JSON for the page's own scripts."""
    text = json.dumps(short(value), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return join(Markup('<script type="application/json">'), Markup(text.translate(UNSAFE)), Markup("</script>"))


def short(value: Any) -> Any:
    """The same with six significant digits and without what is not finite."""
    if isinstance(value, float):
        return (
            (int(value) if value.is_integer() and abs(value) < 1e9 else float(f"{value:.6g}"))
            if isfinite(value)
            else None
        )
    if isinstance(value, dict):
        return {key: short(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [short(part) for part in value]
    return value
