"""The verdict: how good it is, beside the answers that take no network."""

from __future__ import annotations

from netrain.finding import TRAINED_ON
from netrain.metrics import higher_is_better
from netrain.page.chart import COLOURS, Trace, axis, chart, grid, name_axis, whiskers
from netrain.page.fields import Metrics
from netrain.page.given import Report
from netrain.page.markup import Child, Markup, join, name, tag
from netrain.page.words import Cell, paragraph, part, section, table
from netrain.shown.summary import ERRORS, SEEN, duration, figure, ordered, share, span

SYMBOLS = ("circle", "diamond", "square", "triangle-up", "circle-open", "square-open")
METRICS = 8  # in the table, before all are asked for
BASELINES = {"baseline": "trivial", "linear": "linear model"}


def verdict(report: Report) -> Markup:
    """One sentence, the figures that bear it, a chart and a table of them."""
    part_name = report.part
    return section(
        "verdict",
        "Verdict",
        paragraph(headline(report, part_name), class_="headline"),
        *(paragraph(line) for line in sentences(report, part_name)),
        paragraph(SEEN[part_name][:1].upper() + SEEN[part_name][1:] + ".", class_="warn")
        if part_name in SEEN and not report.folds
        else "",
        *(
            paragraph(f"{found.message[:1].upper()}{found.message[1:]}.", class_="warn")
            for found in report.findings or []
            if found.kind == TRAINED_ON
        ),
        facts(report),
        grid(comparison(report, part_name), folds_chart(report)),
        part("Every metric", metrics_table(report, part_name)) if report.metrics else "",
        part("The folds", folds_table(report)),
    )


def headline(report: Report, part_name: str) -> str:
    """`Right in 93 of 100 test rows`."""
    main, rows = report.main or "", rows_of(report, part_name)
    value = report.of("metrics", part_name).get(main)
    where = f"{part_name} rows" if part_name in ("test", "valid", "train") else "rows"
    if value is None:
        return f"{main or 'The main metric'} is not known for the {where}"
    if report.folds:
        spread = report.of("spread", part_name).get(main)
        return f"{said(main)} {figure(value)}, spread {figure(spread)}, over {len(report.folds)} folds"
    if main == "accuracy" and rows:
        return f"Right in {share(value, rows)} {where}"
    return f"{said(main)} {figure(value)}" + (f" on {rows:,} {where}" if rows else "")


def said(metric: str) -> str:
    """A metric at the start of a sentence."""
    words = ERRORS.get(metric, metric)
    return words[:1].upper() + words[1:]


def rows_of(report: Report, part_name: str) -> int:
    """How many rows the verdict is about."""
    return (report.rows or {}).get(part_name, 0)


def sentences(report: Report, part_name: str) -> list[str]:
    """How it compares with the two baselines, and how sure that is."""
    main = report.main or ""
    value, interval = report.of("metrics", part_name).get(main), report.interval(part_name, main)
    if value is None:
        return []
    trivial = report.of("baseline", part_name).get(main)
    linear = report.of("linear", part_name).get(main)
    words = report.trivial or "the trivial answer"
    told = []
    if trivial is not None:
        told.append(difference(main, value, trivial, interval, words))
    if linear is not None:
        told.append(difference(main, value, linear, interval, "a linear model"))
    lines = ["; ".join(told).capitalize() + "."] if told else []
    if interval:
        lines.append(f"Rows drawn anew would put {main} between {figure(interval[0])} and {figure(interval[1])}, "
                     "19 times of 20.")  # fmt: skip
    return lines


def difference(main: str, value: float, other: float, interval: tuple[float, float] | None, than: str) -> str:
    """`12 points better than always answering the commonest class (81.0%)`."""
    better = (value > other) == higher_is_better(main)
    shares = main == "accuracy"
    shown = f"{other:.1%}" if shares else figure(other)
    if value == other:
        return f"as good as {than} ({shown})"
    if interval and interval[0] <= other <= interval[1]:
        return f"not clearly {'better' if better else 'worse'} than {than} ({shown})"
    if shares:
        points = abs(value - other) * 100
        much = f"{points:.0f} points" if points >= 9.5 else f"{points:.1f} points"
        return f"{much} {'better' if better else 'worse'} than {than} ({shown})"
    if not higher_is_better(main) and other > 0:
        return f"{abs(1 - value / other):.0%} {'less' if better else 'more'} than {than} ({shown})"
    return f"{figure(abs(value - other))} {'better' if better else 'worse'} than {than} ({shown})"


def facts(report: Report) -> Markup:
    """What was done, in figures."""
    rows = {k: v for k, v in (report.rows or {}).items() if v}
    best = report.best_epoch and (report.rows or {}).get("valid")
    told: list[tuple[str, Child]] = [
        ("task", join(report.task or "", " of ", name(report.target)) if report.target else report.task),
        ("rows", ", ".join(f"{count:,} {part_name}" for part_name, count in rows.items())),
        ("epochs", f"{report.epochs:,}" + (f", best {best_epochs(report)}" if best else "") if report.epochs else ""),
        ("weights", f"{report.parameters:,}" if report.parameters else ""),
        ("trained", duration(report.seconds) if report.seconds is not None else ""),
    ]
    pairs = [tag("div", tag("dt", key), tag("dd", value)) for key, value in told if value]
    return tag("dl", *pairs, class_="facts") if pairs else Markup()


def best_epochs(report: Report) -> str:
    """The epoch that is kept; of a bag, that of each network."""
    bag = [f"{of.best_epoch:,}" for of in report.bag or [] if of.best_epoch]
    return ", ".join(bag) or f"{report.best_epoch or 0:,}"


def comparison(report: Report, part_name: str) -> Markup | None:
    """The main metric of the network, with its interval, over those of the baselines and of the other parts."""
    main = report.main or ""
    bars: list[tuple[str, float, tuple[float, float] | None]] = []

    def add(title: str, figures: Metrics, interval: tuple[float, float] | None = None) -> None:
        if (value := figures.get(main)) is not None:
            bars.append((title, value, interval))

    add(f"network, {part_name}" if part_name else "network", report.of("metrics", part_name),
        report.interval(part_name, main))  # fmt: skip
    add("linear model", report.of("linear", part_name))
    add("trivial", report.of("baseline", part_name))
    for other in ("valid", "train"):
        if other != part_name:
            add(f"network, {other}", report.of("metrics", other))
    if not bars:
        return None
    traces: list[Trace] = []
    for i, (title, value, interval) in enumerate(bars):
        low, high = interval or (None, None)
        of = {
            "type": "scatter",
            "mode": "markers",
            "x": [value],
            "y": [i],
            "name": title,
            "marker": {"size": 13, "symbol": SYMBOLS[i % len(SYMBOLS)], "color": COLOURS[0] if not i else "--ink"},
            "hovertemplate": "%{x:.4g}",
        }
        traces.append(of | ({"error_x": whiskers([value], [low], [high])} if interval else {}))
    y = name_axis([title for title, _, _ in bars], autorange="reversed", showgrid=True)
    note = "bar: 95% interval" if any(interval for _, _, interval in bars) else ""
    better = "higher is better" if higher_is_better(main) else "lower is better"
    x = axis(f"{main} ({better})")
    return chart(
        "Beside the answers without a network", traces, x, y, height=110 + 34 * len(bars), note=note, showlegend=False
    )


def metrics_table(report: Report, part_name: str) -> Markup:
    """Every metric of the part, beside the baselines and the other parts."""
    values = report.of("metrics", part_name)
    names = ordered(values, report.main or "", report.metric or "")
    others = [p for p in ("valid", "train") if p != part_name and report.of("metrics", p)]
    known = [key for key in BASELINES if report.of(key, part_name)]
    spread = report.of("spread", part_name)
    heads = ["metric", part_name, *(["spread"] if spread else ["95% interval"])]
    rows: list[list[Child | Cell]] = []
    for metric in names:
        interval = report.interval(part_name, metric)
        row: list[Child | Cell] = [metric, number(values[metric])]
        row.append(number(spread.get(metric)) if spread else Cell(span(interval), interval and interval[0]))
        row += [number(report.of(key, part_name).get(metric)) for key in known]
        row += [number(report.of("metrics", other).get(metric)) for other in others]
        rows.append(row)
    heads += [BASELINES[key] for key in known] + others
    return table(heads, rows, first=METRICS, noun="metrics", tell="every metric")


def number(value: float | None) -> Cell:
    """A figure as a cell."""
    return Cell(figure(value), value)


def count(value: float | None) -> Cell:
    """A number of rows as a cell."""
    return Cell("-" if value is None else f"{value:,.0f}", value)


def folds_chart(report: Report) -> Markup | None:
    """The main metric of each fold, and the mean."""
    main = report.main or ""
    values = [(fold.test or {}).get(main) for fold in report.folds or []]
    mean = report.of("metrics", "test").get(main)
    if not any(v is not None for v in values):
        return None
    x = list(range(1, len(values) + 1))
    dots = {"type": "scatter", "mode": "markers", "x": x, "y": values, "name": "fold",
            "marker": {"size": 11, "color": "--blue"}}  # fmt: skip
    level = {"type": "scatter", "mode": "lines", "x": [0.5, len(x) + 0.5], "y": [mean, mean], "name": "mean",
             "line": {"color": "--ink", "dash": "dash", "width": 1}}  # fmt: skip
    return chart("Each fold's test rows", [dots, level], axis("fold", tickvals=x), axis(main), height=280)


def folds_table(report: Report) -> Markup:
    """The figures of each fold."""
    folds = report.folds or []
    names = ordered(folds[0].test or {} if folds else {}, report.main or "", report.metric or "")[:6]
    rows: list[list[Child | Cell]] = [
        [name(fold.run), count((fold.rows or {}).get("test")),
         *(number((fold.test or {}).get(metric)) for metric in names)]
        for fold in folds
    ]  # fmt: skip
    return table(["fold", "test rows", *names], rows, first=20, noun="folds")
