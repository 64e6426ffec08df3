"""`netrain compare`: the figures of runs on the same rows, and in words which one is better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from netrain.comparison import LEVEL, MISSING, Comparison, Difference
from netrain.runs.catalogue import number
from netrain.shown.summary import clipped, duration, figure, literal, ordered, tell_table, width_of
from netrain.wording import counted
from netrain.yaml12 import inline

VALUE = 40  # columns of the terminal, for a value of a config
NOTHING = "-"  # for a key that a config does not have
OF_RUNS = ("epochs", "seconds", "parameters")  # that stand below the metrics
FEW = 30  # rows, below which little can be told


def sentence(of: Comparison, difference: Difference) -> str:
    """Whether the best run is better than another, by how much, and how sure that is."""
    several = len(of.rivals) > 2
    by, low, high = amounts(of.main, (difference.by, *difference.interval))
    unit, span = "points" if of.main == "accuracy" else f"of {of.main}", f"interval {low} to {high}"
    if difference.clear:
        against = f" than `{difference.name}`" if several else ""
        return f"`{of.best}` is better{against} by {by} {unit}, {span}"
    if difference.by == 0.0:
        return f"no clear difference: `{of.best}` and `{difference.name}` have the same {of.main}, {span}"
    ahead = f" of `{difference.name}`" if several else ""
    return f"no clear difference: `{of.best}` is ahead{ahead} by {by} {unit}, {span}"


def amounts(main: str, values: Sequence[float]) -> list[str]:
    """Differences as people read them; those of accuracy in points, of which there are 100, with decimals alike."""
    if main != "accuracy":
        return [figure(value) for value in values]
    decimals = 2 if 0.0 < 100.0 * abs(values[0]) < 0.1 else 1
    return [f"{round(100.0 * value, decimals) + 0.0:.{decimals}f}" for value in values]


def rows_told(of: Comparison) -> str:
    """Which rows were compared on."""
    rows = f"{of.split}, {counted(of.rows, 'row')}"
    if of.same_rows:
        return rows
    own = ", ".join(f"`{name}` has {count:,}" for name, count in of.own.items())
    return f"{rows}: the splits differ, and these are {of.split} rows of all; {own}"


def notes(of: Comparison) -> list[str]:
    """What to keep in mind."""
    told = []
    if of.rows < FEW:
        told.append(f"{counted(of.rows, 'row')} can tell runs apart only where they differ much")
    if of.split == "valid":
        told.append("validation rows chose the best epoch of each run, so that new rows may fare worse")
    told += [
        f"the run that `{name}` starts from was trained on {count:,} of these rows: its figures here promise too much"
        for name, count in of.learned.items()
        if count
    ]
    if len(of.rivals) > 2:
        told.append("the best of several looks somewhat better than it is; each interval is of one difference")
    return told


def curve_notes(of: Comparison) -> list[str]:
    """What keeps the curves of training from being compared."""
    told = []
    if any(key.startswith("loss") for key in of.config):
        told.append("They are trained with different losses: the curves of the loss are in different units.")
    if not of.same_validation:
        told.append("Their validation rows differ, so that the curves do, too.")
    return told


def as_json(of: Comparison) -> dict[str, Any]:
    """For programs."""
    return {
        "split": of.split,
        "rows": of.rows,
        "main": of.main,
        "runs": [
            {"name": r.name, "run": str(r.run.path), "rows": of.own[r.name], "metrics": of.metrics[r.name]}
            for r in of.rivals
        ],
        "best": of.best,
        "differences": [
            {
                "run": each.name,
                "by": each.by,
                "interval": list(each.interval),
                "level": LEVEL,
                "clear": each.clear,
                "told": sentence(of, each),
            }
            for each in of.differences
        ],
        "config": [
            {
                "key": key,
                "values": {n: v for n, v in zip(of.names, values, strict=True) if v is not MISSING},
            }
            for key, values in of.config.items()
        ],
        "notes": notes(of),
    }


def tell(of: Comparison, console: Console) -> None:
    """The sentences, the figures side by side, and what the configs say otherwise."""
    for difference in of.differences:
        console.print(Text(literal(sentence(of, difference), console), "bold"))
    for line in (rows_told(of), *notes(of)):
        console.print(Text(literal(line, console)))
    console.print()
    rows = table(of)
    names = [literal(name, console) for name in of.names]
    columns = {"": list(rows)} | {name: [row[i] for row in rows.values()] for i, name in enumerate(names)}
    if width_of({name: max(map(len, (name, *cells))) for name, cells in columns.items()}) <= console.width:
        tell_table(columns, console)
    else:
        names = [clipped(name, max(10, console.width - 2 - len(of.main) - 2)) for name in names]
        tell_table({"": names} | rows, console, spare=[*reversed(list(rows)[1:])])
    console.print()
    if not of.config:
        console.print(Text("their configs are the same"))
        return
    tell_config(of, console)


def table(of: Comparison) -> dict[str, list[str]]:
    """The figures by name, of each run; the main metric first, what training took last."""
    names = ordered(dict.fromkeys(name for metrics in of.metrics.values() for name in metrics), of.main)
    reports = [rival.run.read_report() or {} for rival in of.rivals]
    rows = {name: [figure(of.metrics[run].get(name)) for run in of.names] for name in names}
    for name in OF_RUNS:
        known = [number(report.get(name)) for report in reports]
        shown = duration if name == "seconds" else "{:,.0f}".format
        rows[name] = ["-" if v is None else shown(v) for v in known]
    return rows


def tell_config(of: Comparison, console: Console) -> None:
    """The keys that differ: a line each, or a line for each run below the key where it is narrow."""
    names = [literal(name, console) for name in of.names]
    cells = {key: [literal(value(v), console) for v in values] for key, values in of.config.items()}
    columns = {"config": [literal(key, console) for key in cells]}
    columns |= {name: [clipped(row[i], VALUE) for row in cells.values()] for i, name in enumerate(names)}
    if width_of({name: max(map(len, (name, *column))) for name, column in columns.items()}) <= console.width:
        tell_table(columns, console, words=names)
        return
    console.print(Text("config", "dim"))
    wide = max(map(len, names))
    for key, row in cells.items():
        console.print(Text(literal(key, console)), soft_wrap=True)
        for name, cell in zip(names, row, strict=True):
            line = f"  {name}{' ' * (wide - len(name))}  {cell}"
            console.print(Text(clipped(line, console.width)), soft_wrap=True)


def value(of: Any) -> str:
    """A value of a config on one line."""
    return NOTHING if of is MISSING else inline(of)
