"""How it learned: the epochs."""

from __future__ import annotations

from typing import Any

from netrain.page.chart import Trace, axis, chart, grid, line, log_axis, name_axis
from netrain.page.fields import Numbers
from netrain.page.given import Learning, Report, Units
from netrain.page.markup import Markup
from netrain.page.words import paragraph, section
from netrain.wording import counted

HEIGHT = 280
RATE = "learning rate"  # which may end at next to nothing, where a logarithm would show little else


def learned(report: Report) -> Markup:
    """The curves of training, and why it ended."""
    figures = report.figures.learning if report.figures else None
    return section("learning", "How it learned", ended(report), curves(figures) if figures else "")


def ended(report: Report) -> Markup:
    """Why training stopped, and which epoch is kept."""
    told = []
    if report.bag and (networks := [of for of in report.bag if of.epochs and of.best_epoch]):
        each = "; ".join(f"{of.run}: {counted(of.epochs or 0, 'epoch')}, kept is {of.best_epoch:,}" for of in networks)
        return paragraph(f"Each network was trained on its own, and keeps its best epoch. {each}.")
    if report.epochs:
        reason = report.stopped.reason if report.stopped else ""
        told.append(f"Stopped after {counted(report.epochs, 'epoch')}" + (f": {reason}." if reason else "."))
    if report.best_epoch and (report.rows or {}).get("valid"):
        by = f", which has the best {report.metric} on the validation rows" if report.metric else ""
        told.append(f"The weights are those of epoch {report.best_epoch:,}{by}.")
    return paragraph(" ".join(told)) if told else Markup()


def curves(of: Learning) -> Markup:
    """A chart for each figure that was logged."""
    metrics = dict.fromkeys([*of.valid, *of.train])
    charts = [measured(of, name) for name in sorted(metrics, key=lambda name: name != "loss")]
    charts.append(single(of, "Learning rate", RATE, of.learning_rate))
    charts.append(norms(of))
    charts.append(dead(of.units) if of.units else None)
    return grid(*charts)


def measured(of: Learning, name: str) -> Markup | None:
    """A figure of training and validation rows."""
    lines = [
        line(of.epochs, values, part, style, mode="lines" if len(of.epochs) > 1 else "markers")
        for style, (part, parts) in enumerate((("valid", of.valid), ("train", of.train)))
        if (values := parts.get(name)) and any(v is not None for v in values)
    ]
    if not lines:
        return None
    known = [v for trace in lines for v in trace["y"]]
    title = "Loss" if name == "loss" else name
    return drawn(of, title, lines, name, known)


def single(of: Learning, title: str, name: str, values: Numbers | None) -> Markup | None:
    """A figure that has one line."""
    if not values or not any(v is not None for v in values):
        return None
    return drawn(of, title, [line(of.epochs, values, name)], name, values)


def norms(of: Learning) -> Markup | None:
    """How long the gradient and the update of a step are."""
    both = (("gradient", of.gradient_norm), ("update", of.update_norm))
    lines = [line(of.epochs, v, title, i) for i, (title, v) in enumerate(both) if v and any(v)]
    if not lines:
        return None
    known = [v for trace in lines for v in trace["y"]]
    return drawn(of, "Gradient and update", lines, "norm (mean of the steps)", known)


def drawn(of: Learning, title: str, lines: list[Trace], y: str, values: Numbers) -> Markup:
    """Lines over the epochs, the best one marked."""
    more: dict[str, Any] = {"hovermode": "x unified"}
    if of.best_epoch and len(of.epochs) > 1:
        at = {"x": of.best_epoch, "yref": "paper", "xref": "x"}
        rule = {"color": "--ink", "width": 1, "dash": "dot"}
        more["shapes"] = [
            {"type": "line", "x0": at["x"], "x1": at["x"], "yref": "paper", "y0": 0, "y1": 1, "line": rule}
        ]
        early = of.best_epoch < (of.epochs[0] + of.epochs[-1]) / 2
        words = {"text": f"best: {of.best_epoch}", "showarrow": False, "y": 1, "yanchor": "bottom"}
        more |= {"margin": {"l": 48, "r": 14, "t": 24, "b": 44}, "legend": {"y": 1.1}}
        more["annotations"] = [at | words | {"xanchor": "left" if early else "right"}]
    axis_y = axis(y) if y == RATE else log_axis(y, values)
    note = "logarithmic" if axis_y.get("type") == "log" else ""
    return chart(title, lines, axis("epoch"), axis_y, height=HEIGHT, note=note, showlegend=len(lines) > 1, **more)


def dead(units: list[Units]) -> Markup:
    """How many units of each layer say the same for every row."""
    names = [f"{of.layer}" for of in units]
    text = [f"{of.dead:,} of {of.units:,}" for of in units]
    shares = [of.dead / of.units if of.units else 0.0 for of in units]
    bars = {
        "type": "bar", "orientation": "h", "x": shares, "y": list(range(len(units))), "text": text,
        "textposition": "outside", "cliponaxis": False, "marker": {"color": "--orange"}, "hoverinfo": "text",
    }  # fmt: skip
    return chart(
        "Dead units",
        [bars],
        axis("share of the layer's units", tickformat=".0%", range=[0, 1]),
        name_axis(names, autorange="reversed"),
        height=max(170, 90 + 30 * len(units)),
        note="the same output for every row",
        showlegend=False,
    )
