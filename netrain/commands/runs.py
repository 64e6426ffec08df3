"""`netrain runs`: the runs below a folder, a line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from netrain.errors import UsageError, did_you_mean
from netrain.metrics import higher_is_better
from netrain.requirement import requirement
from netrain.runs.catalogue import Entry, best_first, entry_of
from netrain.runs.run import RUNS, Run, is_run, runs_below
from netrain.shown.summary import clipped, duration, figure, literal, tell_table
from netrain.wording import counted, nearest

MAKES = "`netrain train CONFIG` makes one"
TEXTS = ("name", "target", "state")  # sorted from a to z
COUNTS = ("rows", "epochs", "seconds", "best_epoch", "parameters")  # sorted from the largest down
NARROW = 20  # columns of the terminal, for a target
SPARE = ("seconds", "epochs", "rows", "when", "target", "state")  # what goes first where it is narrow


@dataclass(frozen=True)
class Choice:
    """Which runs are listed, and in which order."""

    sort: str = "when"
    reverse: bool = False
    where: tuple[str, ...] = ()
    target: str | None = None
    limit: int | None = None


@dataclass(frozen=True)
class Listed:
    """The runs chosen, and the metric by which they were sorted, if any."""

    folder: Path
    entries: Sequence[Entry]
    metric: str
    there: int

    @property
    def none(self) -> str:
        """What is said where the list is empty."""
        if self.there:
            return f"none of {counted(self.there, 'run')} below {self.folder} is so"
        return f"no run below {self.folder} yet: {MAKES}"

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {"folder": str(self.folder), "runs": [as_json(entry) for entry in self.entries]}


def runs(folder: Path | None, choice: Choice) -> Listed:
    """The runs below a folder, chosen and sorted. Raises UsageError for a folder or a key that is none."""
    wanted = [requirement("--where", text) for text in choice.where]
    place = folder or RUNS
    if folder is not None and not folder.is_dir():
        what = "not a folder" if folder.exists() else "no such folder"
        beside = [path.name for path in folder.parent.glob("*") if path.is_dir()]
        near = [f"did you mean `{folder.with_name(name)}`?" for name in nearest(folder.name, beside, most=1)]
        raise UsageError(f"`{folder}`: {what}", hint="".join(near) or "without one it lists the runs below `runs`")
    entries = [entry_of(run) for run in listed(place)]
    there = len(entries)
    if choice.target is not None and entries:
        known = dict.fromkeys(entry.target for entry in entries if entry.target)
        if choice.target not in known:
            hint = did_you_mean(choice.target, known)
            raise UsageError(f"`--target {choice.target}`: no run below {place} predicts it", hint=hint)
        entries = [entry for entry in entries if entry.target == choice.target]
    figures = dict.fromkeys(name for entry in entries for name in entry.figures)
    for text, each in zip(choice.where, wanted, strict=True):
        if entries and each.metric not in figures:
            hint = did_you_mean(each.metric, figures)
            raise UsageError(f"`--where {text}`: no run below {place} has `{each.metric}`", hint=hint)
    entries = [entry for entry in entries if all(each.met(entry.figures) for each in wanted)]
    metric = "" if choice.sort in ("when", *TEXTS, *COUNTS) else choice.sort
    if metric and there and metric not in figures:
        hint = did_you_mean(metric, ["when", *TEXTS, *figures])
        raise UsageError(f"`--sort {metric}` is not a figure of these runs", hint=hint)
    return Listed(place, arranged(entries, choice)[: choice.limit], metric, there)


def listed(folder: Path) -> list[Run]:
    """The runs below a folder; of one that is a run its folds, or itself where it has none."""
    return list(runs_below(folder)) or ([Run(folder)] if is_run(folder) else [])


def arranged(entries: list[Entry], choice: Choice) -> list[Entry]:
    """Sorted by a key, the newest first among equals; runs without a figure stay last when it is turned round."""
    entries = sorted(entries, key=lambda entry: entry.when, reverse=True)
    if choice.sort == "when":
        return entries[::-1] if choice.reverse else entries
    if choice.sort in TEXTS:
        return sorted(entries, key=lambda entry: text_of(entry, choice.sort), reverse=choice.reverse)
    lowest = choice.sort not in COUNTS and not higher_is_better(choice.sort)
    return best_first(entries, lambda entry: entry.figures.get(choice.sort), lowest=lowest != choice.reverse)


def text_of(entry: Entry, key: str) -> list[tuple[int, int, str]]:
    """What a name sorts by: its numbers as numbers, so that `iris-2` comes before `iris-10`."""
    text = str(entry.run.path) if key == "name" else str(getattr(entry, key))
    pieces: list[str] = [""]
    for c in text:
        if c.isdecimal() != pieces[-1][-1:].isdecimal():
            pieces.append("")
        pieces[-1] += c
    return [(1, int(p), "") if p.isdecimal() and len(p) < 20 else (0, 0, p) for p in pieces]


def when(entry: Entry) -> datetime:
    """When a run was made, as the clock here shows it."""
    try:
        return datetime.fromtimestamp(entry.when).astimezone()
    except (OverflowError, OSError, ValueError):  # a file from no time
        return datetime.fromtimestamp(0).astimezone()


def as_json(entry: Entry) -> dict[str, Any]:
    """A run for programs."""
    names = (
        "state",
        "task",
        "target",
        "main",
        "part",
        "rows",
        "epochs",
        "best_epoch",
        "seconds",
        "parameters",
        "folds",
        "folds_done",
    )
    known = {name: getattr(entry, name) for name in names}
    made = when(entry).isoformat(timespec="seconds")
    return {"run": str(entry.run.path), "when": made, **known, "metrics": dict(entry.metrics or {})}


def tell(listed: Listed, console: Console) -> None:
    """A line for each run; what is narrow in a terminal leaves out."""
    entries = listed.entries
    mains = {entry.main for entry in entries if entry.main}
    metric = listed.metric or (mains.pop() if len(mains) == 1 else "")
    columns = {
        "run": [literal(str(entry.run.path), console) for entry in entries],
        "when": [f"{when(entry):%Y-%m-%d %H:%M}" for entry in entries],
        "target": [clipped(literal(entry.target, console), NARROW) or "-" for entry in entries],
        "metric": [literal(shown(entry, metric), console) for entry in entries],
        "rows": ["-" if entry.rows is None else f"{entry.rows:,}" for entry in entries],
        "epochs": ["-" if entry.epochs is None else f"{entry.epochs:,}" for entry in entries],
        "seconds": ["-" if entry.seconds is None else duration(entry.seconds) for entry in entries],
        "state": [state(entry) for entry in entries],
    }
    if metric and metric not in columns:
        columns = {literal(metric, console) if head == "metric" else head: cells for head, cells in columns.items()}
    tell_table(columns, console, spare=SPARE, words=("when", "target", "state"))


def state(entry: Entry) -> str:
    """How far a run is."""
    if not entry.folds:
        return entry.state
    done = "" if entry.state == "done" else f"{entry.folds_done:,} of "
    return f"{entry.state}, {done}{counted(entry.folds, 'fold')}"


def shown(entry: Entry, metric: str) -> str:
    """A figure of a run, or its main one with its name; with its part where it is not the test's."""
    value = entry.figures.get(metric or entry.main)
    if value is None:
        return "-"
    name = "" if metric else f"{entry.main} "
    return name + figure(value) + (f" ({entry.part})" if entry.part != "test" else "")
