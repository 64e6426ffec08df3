"""The data: its columns, the target in each part, and what the doctor found."""

from __future__ import annotations

from netrain.page.advice import found
from netrain.page.chart import Trace, axis, chart, grid, name_axis
from netrain.page.given import Column, Distribution, Report, Target
from netrain.page.markup import Child, Markup, clipped, name, tag
from netrain.page.values import middles
from netrain.page.verdict import number
from netrain.page.words import Cell, folded, paragraph, part, section, table
from netrain.shown.summary import figure

COLUMNS = 25  # in the table, before all are asked for
SPARKED = 500  # columns with a small distribution; beyond, the page would grow for what nobody looks at
WIDE, HIGH = 100, 22  # of a small distribution, in pixels
PARTS = ("train", "valid", "test")
PATTERNS = {"train": "", "valid": "/", "test": "x"}


def columns(report: Report) -> Markup:
    """The split, the target, the columns, the findings."""
    figures = report.figures
    split = figures.split if figures else None
    of = figures.columns if figures else None
    return section(
        "data",
        "The data",
        paragraph(f"Split {split.told or split.name}.") if split and (split.told or split.name) else "",
        grid(*(target(t) for t in (figures.target or [])[:10])) if figures and figures.target else "",
        part(f"Columns ({len(of):,})", every(of, report)) if of else "",
        part("What the doctor found", found(report.findings)) if report.findings else "",
        folded(f"notes of the run ({len(report.notes)})", tag("ul", *(tag("li", note) for note in report.notes)))
        if report.notes
        else "",
    )


def every(of: list[Column], report: Report) -> Markup:
    """The table of all columns."""
    measured = report.figures.importance if report.figures else None
    gains = {c.column: c.gain for c in measured.columns} if measured else {}
    rows: list[list[Child | Cell]] = []
    for i, column in enumerate(of):
        row: list[Child | Cell] = [
            name(column.name, 40),
            column.kind,
            spark(column.distribution) if i < SPARKED else "",
        ]
        row.append(Cell("-" if column.missing is None else f"{column.missing:.1%}", column.missing))
        row.append(Cell("-" if column.inputs is None else f"{column.inputs:,}", column.inputs))
        if gains:
            row.append(number(gains.get(column.name)))
        rows.append([*row, tag("span", clipped(column.told, 160), class_="told")])
    heads = [
        "column",
        "kind",
        "distribution",
        "missing",
        "inputs",
        *(["importance"] if gains else []),
        "what becomes of it",
    ]
    return table(heads, rows, first=COLUMNS, noun="columns", tell="columns of the table")


def spark(of: Distribution | None) -> Markup:
    """A distribution as small bars; its range or its commonest levels stand in the title."""
    if of is None or not of.counts:
        return Markup()
    counts = [*of.counts, *([of.other] if of.other else [])][:40]
    most, n = max(max(counts), 1e-9), len(counts)
    gap = 1 if of.levels is not None and n < WIDE / 3 else 0
    ends = [round(i * WIDE / n) for i in range(n + 1)]
    bars = "".join(
        f"M{left} {HIGH}v-{max(1, round(HIGH * count / most))}h{max(1, right - left - gap)}V{HIGH}"
        for count, left, right in zip(counts, ends[:-1], ends[1:], strict=True)
        if count > 0
    )
    return tag(
        "svg",
        tag("title", in_words(of)),
        tag("path", d=bars),
        class_="spark",
        width=str(WIDE),
        height=str(HIGH),
        role="img",
    )


def in_words(of: Distribution) -> str:
    """What a small distribution says."""
    if of.levels:
        told = [f"{clipped(level, 20)} {count:,.0f}" for level, count in zip(of.levels[:5], of.counts, strict=False)]
        return ", ".join(told) + (", ..." if len(of.levels) > 5 or of.other else "")
    return f"{figure(of.edges[0])} to {figure(of.edges[-1])}" if of.edges else ""


def target(of: Target) -> Markup | None:
    """How the target is distributed in each part, as shares."""
    parts = [(part_name, d) for part_name in PARTS if (d := getattr(of, part_name)) and sum(d.counts) > 0]
    if not parts:
        return None
    first = parts[0][1]
    traces: list[Trace] = []
    for i, (part_name, d) in enumerate(parts):
        total = sum(d.counts) + (d.other or 0)
        x = middles(d.edges) if d.edges else list(range(len(d.counts) + bool(d.other)))
        y = [c / total for c in [*d.counts, *([d.other] if d.other else [])]]
        colour = ("--blue", "--orange", "--green")[i]
        if d.edges:
            drawn = {"type": "scatter", "mode": "lines", "line": {"shape": "hvh", "color": colour, "width": 2,
                     "dash": ("solid", "dash", "dot")[i]}}  # fmt: skip
        else:
            drawn = {"type": "bar", "marker": {"color": colour, "pattern": {"shape": PATTERNS[part_name]}}}
        traces.append(drawn | {"x": x, "y": y, "name": part_name, "hovertemplate": "%{y:.1%}"})
    levels = [*(first.levels or []), *(["other"] if first.other else [])]
    x_axis = axis(of.name) if first.edges else name_axis(levels, of.name)
    return chart(
        f"Target: {of.name}", traces, x_axis, axis("share of the part's rows", tickformat=".0%", rangemode="tozero"),
        height=300, hovermode="x unified", showlegend=len(traces) > 1,
    )  # fmt: skip
