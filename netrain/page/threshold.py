"""The threshold chooser for two classes: what a threshold costs, and the cheapest one."""

from __future__ import annotations

from netrain.page.chart import Axis, axis, chart, data, line, share_axis
from netrain.page.fields import Numbers
from netrain.page.given_classes import Thresholds
from netrain.page.markup import Markup, name, tag
from netrain.page.words import paragraph

COSTS = (("fp", "a false alarm costs"), ("fn", "a miss costs"))


def chooser(of: Thresholds, positive: str) -> Markup:
    """A slider over the thresholds, with precision, recall, F1 and cost there; the page's script moves it."""
    counts = (of.tp, of.fp, of.fn, of.tn)
    if not of.threshold or any(len(c) != len(of.threshold) for c in counts):
        return Markup()
    middle = min(range(len(of.threshold)), key=lambda i: abs(of.threshold[i] - 0.5))
    last = str(len(of.threshold) - 1)
    slider = tag("input", type="range", class_="slide", min="0", max=last, value=str(middle), aria_label="threshold")
    costs = [
        tag("label", told, " ", tag("input", type="number", class_=key, value="1", min="0", step="any"))
        for key, told in COSTS
    ]
    return tag(
        "div",
        paragraph(
            "A row is taken for ", tag("strong", name(positive)), " where its probability is at least the threshold."
        ),
        tag("div", tag("label", "threshold ", tag("output", class_="at"), slider), class_="controls"),
        tag("div", *costs, tag("button", "cheapest", type="button", class_="cheapest"), class_="controls"),
        tag("dl", class_="facts told", aria_live="polite"),
        curves(of),
        data({"threshold": of.threshold, "tp": of.tp, "fp": of.fp, "fn": of.fn, "tn": of.tn}),
        class_="chooser",
    )


def curves(of: Thresholds) -> Markup:
    """Precision, recall, F1 and cost at each threshold; the cost is the last trace."""
    precision = ratios(of.tp, [t + f for t, f in zip(of.tp, of.fp, strict=True)])
    recall = ratios(of.tp, [t + f for t, f in zip(of.tp, of.fn, strict=True)])
    f1 = ratios([2 * t for t in of.tp], [2 * t + f + n for t, f, n in zip(of.tp, of.fp, of.fn, strict=True)])
    lines = [
        line(of.threshold, y, title, i, hovertemplate="%{y:.1%}")
        for i, (title, y) in enumerate((("precision", precision), ("recall", recall), ("F1", f1)))
    ]
    cost = [f + n for f, n in zip(of.fp, of.fn, strict=True)]
    faint = {"color": "--ink", "dash": "longdash", "width": 1.5}
    lines.append(line(of.threshold, cost, "cost (right)") | {"yaxis": "y2", "line": faint, "hovertemplate": "%{y:.4g}"})
    right: Axis = {"overlaying": "y", "side": "right", "showgrid": False, "zeroline": False, "rangemode": "tozero"}
    mark = {"type": "line", "x0": 0.5, "x1": 0.5, "yref": "paper", "y0": 0, "y1": 1}
    return chart(
        "By threshold",
        lines,
        axis("threshold", range=[0, 1]),
        share_axis("share"),
        height=300,
        wide=True,
        hovermode="x unified",
        yaxis2=axis("cost", tickmode="auto", nticks=6) | right,
        shapes=[mark | {"line": {"color": "--red", "width": 2}}],
    )


def ratios(parts: list[float], wholes: list[float]) -> Numbers:
    """Part by part; None where there is no whole."""
    return [a / b if b else None for a, b in zip(parts, wholes, strict=True)]
