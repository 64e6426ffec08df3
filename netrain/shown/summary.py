"""How a run went, in words and figures as people read them."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from netrain.finding import TRAINED_ON, arguments
from netrain.metrics import MAIN, higher_is_better
from netrain.plain import REPLACING

ADVICE = 3  # findings told
METRICS = 4  # in the table of a summary, the rest is in the report
COUNTED = 1000  # rows, up to which a share is told as so many of so many
GAP = " " * 3  # between two facts on a line
OF_QUANTILES = ("coverage", "pinball_loss")
ERRORS = {"rmse": "typical error (RMSE)", "mae": "mean error (MAE)"}
SEEN = {
    "valid": "there are no test rows; these chose the best epoch, so new rows may fare worse",
    "train": "there are no other rows; these were learned from, so new rows will fare worse",
}


def summary(report: Mapping[str, Any], run: str, console: Console) -> None:
    """The verdict, the figures that bear it, what was done, and what to do next."""
    part = next((name for name in ("test", "valid", "train") if of(report, "metrics", name)), None)
    console.print()
    if part is not None:
        console.print(Text(verdict(report, part), "bold"))
        if part in SEEN:
            console.print(Text(SEEN[part]))
        tell_overlap(report, console)
        console.print()
        tell_table(metrics_of(report, part), console, spare=("train", "gap", "95% interval", "linear"))
    console.print()
    for name, pieces in facts(report, run, console).items():
        for i, line in enumerate(flow(map(Text, pieces), console.width - 9)):
            console.print(Text.assemble((f"{'' if i else name:<9}", "dim"), line), soft_wrap=True)
    tell_advice(report.get("advice") or [], console)
    console.print()
    at = shlex.quote(literal(run, console))
    predict = f"netrain predict TABLE --checkpoint {at} --output predictions.csv"
    if cell_len(predict) > console.width:
        predict = f"netrain predict TABLE -c {at} -o predictions.csv"
    for command in (predict, f"netrain evaluate {at} --data TABLE"):
        console.print(Text(command), soft_wrap=True)  # never broken: made to be copied


def tell_overlap(report: Mapping[str, Any], console: Console) -> None:
    """That rows of the figures above were learned before, where it is so."""
    for finding in report.get("findings") or []:
        if finding["kind"] == TRAINED_ON:
            say(console, finding["message"])


def tell_advice(findings: Iterable[Mapping[str, Any]], console: Console) -> None:
    """The gravest findings of the doctor for training, each with what to try."""
    for number, finding in enumerate([*findings][:ADVICE]):
        if not number:
            console.print()
        words = [Text(word) for word in literal(finding["message"], console).split()]
        for i, line in enumerate(flow(words, console.width - 9, gap=" ")):
            console.print(Text.assemble((f"{'' if i else 'advice':<9}", "dim"), line), soft_wrap=True)
        if finding["set"]:  # never broken: made to be copied
            console.print(Text(" " * 9 + literal(arguments(finding["set"]), console)), soft_wrap=True)


def network_line(report: Mapping[str, Any], which: str, part: str, console: Console) -> None:
    """How one network of several went, in a line: `fold 2/5   test accuracy 0.9500   40 epochs, best 31`."""
    main, trained = report["main"], f"{report['epochs']} epochs, best {report['best_epoch']}"
    value = figure(of(report, "metrics", part).get(main))
    for line in flow(map(Text, (which, f"{part} {main} {value}", trained)), console.width):
        console.print(line, soft_wrap=True)


def folds_summary(report: Mapping[str, Any], run: str, console: Console) -> None:
    """Mean and spread over the folds, beside the trivial answer; where the predictions are."""
    main, means, spreads = report["main"], of(report, "metrics", "test"), of(report, "spread", "test")
    trivial, n = of(report, "baseline", "test").get(main), len(report["folds"])
    value = ERRORS.get(main, main)
    console.print()
    which = "test rows" if report.get("findings") else "rows not seen"
    told = f"{value} {figure(means.get(main))}, spread {figure(spreads.get(main))}, on {which}, over {n} folds"
    console.print(Text(told + f"; {trivially(report)}: {figure(trivial)}", "bold"))
    tell_overlap(report, console)
    console.print()
    names = ordered(means, main, report.get("metric", main))[:METRICS]
    rows = {"mean": means, "spread": spreads, "trivial": of(report, "baseline", "test")}
    rows |= {f"fold {i}": fold["test"] for i, fold in enumerate(report["folds"], 1)}
    columns = {"": list(rows)} | {name: [figure(row.get(name)) for row in rows.values()] for name in names}
    tell_table(columns, console, spare=reversed(names[1:]))
    console.print()
    say(console, f"run      {run}, a run for each fold in it")
    say(console, f"rows     {report['rows']['test']:,} predicted out of fold: {run}/out_of_fold.csv")


def say(console: Console, line: str) -> None:
    """One line of talk, whatever it names."""
    console.print(Text(literal(line, console)), soft_wrap=True)


def figures_table(figures: Mapping[str, Any], console: Console) -> None:
    """The metrics of an evaluation, each with its interval."""
    metrics, intervals = figures["metrics"], figures["intervals"]
    names = ordered(metrics, MAIN[figures["task"]])
    say(console, f"{figures['split']}, {figures['rows']:,} rows")
    columns = {
        "": names,
        "value": [figure(metrics[name]) for name in names],
        "95% interval": [span(intervals.get(name)) for name in names],
    }
    tell_table(columns, console, spare=("95% interval",))
    tell_overlap(figures, console)


def verdict(report: Mapping[str, Any], part: str) -> str:
    """One sentence: how good the main metric is, and whether that is better than not looking."""
    main, rows = report["main"], report["rows"][part]
    value, trivial = of(report, "metrics", part).get(main), of(report, "baseline", part).get(main)
    if value is None:
        return f"{main} is not defined for the {rows:,} {part} rows"
    if main == "accuracy":
        said = f"right in {share(value, rows)} {part} rows"
    else:
        said = f"{ERRORS.get(main, main)} {figure(value)} on {rows:,} {part} rows"
    if trivial is None:
        return said
    low, high = of(report, "intervals", part).get(main) or (value, value)
    if trivial == value or (trivial > value) == higher_is_better(main):
        than = ", no better than "
    else:
        than = ", not clearly better than " if low <= trivial <= high else "; "
    return f"{said}{than}{trivially(report)}: {share(trivial, rows) if main == 'accuracy' else figure(trivial)}"


def trivially(report: Mapping[str, Any]) -> str:
    """The trivial answer in words; a report of long ago has none."""
    words = report.get("trivial")
    return words if isinstance(words, str) else "the trivial answer"


def metrics_of(report: Mapping[str, Any], part: str) -> dict[str, list[str]]:
    """The columns of the table. `gap`: by how much training is better, which does not carry over to other rows."""
    main, values, train = report["main"], of(report, "metrics", part), of(report, "metrics", "train")
    names = ordered(values, main, report.get("metric", main))[:METRICS]
    trivial, intervals = of(report, "baseline", part), of(report, "intervals", part)
    columns = {
        "": names,
        part: [figure(values[name]) for name in names],
        "95% interval": [span(intervals.get(name)) for name in names],
        "trivial": [figure(trivial.get(name)) for name in names],
    }
    if linear := of(report, "linear", part):
        columns["linear"] = [figure(linear.get(name)) for name in names]
    if part != "train":
        columns["train"] = [figure(train.get(name)) for name in names]
        columns["gap"] = [gap(name, train.get(name), values[name]) for name in names]
    return columns


def facts(report: Mapping[str, Any], run: str, console: Console) -> dict[str, list[str]]:
    """What was done, and where it is."""
    page = Path(run) / "report.html"
    best = [f"best {report['best_epoch']}"] if report["rows"].get("valid") else []
    epochs = [f"{report['epochs']} epochs", *best]
    rows = [f"{count:,} {part}" for part, count in report["rows"].items()]
    if bag := report.get("bag"):
        told = ", ".join(str(member["best_epoch"]) for member in bag)
        epochs = [f"{len(bag)} networks of {report['epochs']} epochs", f"best {told}"]
        rows = [f"{report['rows']['train']:,} train, each validated out of fold", f"{report['rows']['test']:,} test"]
    return {
        "task": [f"{report['task']} of {literal(report['target'], console)}", f"{report['parameters']:,} weights"],
        "rows": rows,
        "trained": [
            *epochs,
            duration(report["seconds"]),
            literal(report["stopped"]["reason"], console),
        ],
        "run": [literal(run, console)],
    } | ({"report": [literal(str(page), console)]} if page.is_file() else {})


def of(report: Mapping[str, Any], key: str, part: str) -> Mapping[str, Any]:
    """Figures of a part, empty where it has no rows."""
    return (report.get(key) or {}).get(part) or {}


def ordered(names: Iterable[str], main: str, chosen: str = "") -> list[str]:
    """The main metric first, then the one that chose the best epoch, then what is of quantiles alone."""
    return sorted(names, key=lambda name: (name != main, name != chosen, name not in OF_QUANTILES))


def share(value: float, rows: int) -> str:
    """`21 of 22`, or `95.2% of 45,222` where counting says no more."""
    count = value * rows
    if rows <= COUNTED and abs(count - round(count)) < 1e-6:
        return f"{round(count)} of {rows}"
    return f"{value:.1%} of {rows:,}"


def span(interval: tuple[float, float] | None) -> str:
    """`0.7895 .. 1.000`."""
    return "-" if interval is None else f"{figure(interval[0])} .. {figure(interval[1])}"


def gap(name: str, train: float | None, value: float | None) -> str:
    """How much better training is, with its sign."""
    if train is None or value is None:
        return "-"
    worse = train - value if higher_is_better(name) else value - train
    return ("+" if worse > 0 else "") + figure(worse)


def tell_table(
    columns: Mapping[str, list[str]], console: Console, spare: Iterable[str] = (), words: Sequence[str] = ()
) -> None:
    """Columns side by side, names and `words` to the left, numbers to the right; `spare` ones go where it is narrow."""
    wide = {head: max(map(cell_len, (head, *cells))) for head, cells in columns.items()}
    for head in spare:
        if width_of(wide) > console.width:
            wide.pop(head, None)
    first, *others = wide
    for i in range(-1, len(columns[first])):
        name, *cells = (head if i < 0 else columns[head][i] for head in wide)
        line = name + " " * (wide[first] - cell_len(name))
        for head, cell in zip(others, cells, strict=True):
            blank = " " * (wide[head] - cell_len(cell))
            line += f"  {cell}{blank}" if head in words else f"  {blank}{cell}"
        console.print(Text(line.rstrip(), "dim" if i < 0 else ""), soft_wrap=True)


def width_of(wide: Mapping[str, int]) -> int:
    """How many columns of the terminal a table of so wide columns takes."""
    return sum(wide.values()) + 2 * (len(wide) - 1)


def flow(facts: Iterable[Text], width: int, gap: str = GAP) -> list[Text]:
    """Facts side by side while they fit, then on the next line."""
    lines: list[Text] = []
    for text in facts:
        if lines and lines[-1].cell_len + len(gap) + text.cell_len <= width:
            lines[-1].append(gap).append_text(text)
        else:
            lines.append(text)
    return lines


def figure(value: float | None) -> str:
    """Four significant digits, more before the point: 0.1234, 47,312, 1.234e+09; `-` for none."""
    if value is None:
        return "-"
    size = abs(value)
    if size >= 1e7 or 0 < size < 1e-4:
        return f"{value:.3e}"
    return f"{value:,.0f}" if size >= 999.95 else f"{value:#.4g}"


def duration(seconds: float) -> str:
    """In the two units that matter: 0.83 s, 12 s, 2 min 05 s, 1 h 02 min."""
    if seconds < 9.95:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


def literal(text: str, console: Console) -> str:
    """A line without what a terminal would obey, in characters that the console can write."""
    line = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)
    return line.encode(console.encoding, REPLACING).decode(console.encoding)


def clipped(text: str, width: int) -> str:
    """Cut to a width in columns of the terminal."""
    return text if cell_len(text) <= width else set_cell_size(text, max(0, width - 2)) + ".."
