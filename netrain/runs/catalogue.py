"""The runs below a folder: what each one is, and which of them `latest` and `best` stand for."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, TypeVar

from netrain.errors import ConfigError, UsageError
from netrain.metrics import higher_is_better
from netrain.runs.run import INTERRUPTED, MAX_BYTES, Run, newest_runs
from netrain.storage import held, plain_file, read_file
from netrain.wording import counted

WORDS = ("latest", "best")
HEAD = 1 << 15  # bytes of a report that its first keys fit in, mostly; the figures behind them are many times as long
NEEDED = {"task", "target", "main", "rows", "metrics", "epochs", "stopped", "seconds", "parameters"}
BLANK = re.compile(r"[ \t\r\n]*")
FINGERPRINT = re.compile(rb'\{\s*"fingerprint"\s*:\s*"(\w+)"')
OF_DATA = r"^data:\n(?:  .*\n)*?  (%s:.*\n(?:   .*\n|  - .*\n)*)"

T = TypeVar("T")


@dataclass(frozen=True)
class Entry:
    """A run as its report tells it; without a report, as its config does. None and empty: not known."""

    run: Run
    when: float  # seconds since the epoch
    state: str  # done, stopped, running, or unfinished: killed or diverged, without a report
    task: str = ""
    target: str = ""
    main: str = ""
    part: str = ""  # that the metrics are of: test, or valid where there are no test rows, or train
    metrics: Mapping[str, float] | None = None
    rows: int | None = None
    epochs: int | None = None
    best_epoch: int | None = None
    seconds: float | None = None
    parameters: int | None = None
    folds: int = 0  # of a k-fold
    folds_done: int = 0

    @property
    def value(self) -> float | None:
        """The main metric."""
        return (self.metrics or {}).get(self.main)

    @property
    def figures(self) -> dict[str, float | None]:
        """All that a run can be chosen by."""
        counts = {name: getattr(self, name) for name in ("rows", "epochs", "best_epoch", "seconds", "parameters")}
        return {**counts, **(self.metrics or {})}

    @property
    def fingerprint(self) -> str:
        """Of its table; empty where it is not known."""
        with suppress(OSError, ValueError), plain_file(self.run.split, MAX_BYTES) as (stream, _):
            found = FINGERPRINT.match(stream.read(200))
            return found[1].decode() if found else ""
        return ""


def entry_of(run: Run) -> Entry:
    """What there is to say of a run, whatever its files hold."""
    try:
        when = run.config.stat().st_mtime
    except OSError:
        when = 0.0
    working = held(run.path)
    report = head_of(run.report)
    if report is None:
        return unreported(run, when, "running" if working else "unfinished")
    parts = report.get("metrics")
    metrics = {p: numbers(of) for p, of in parts.items()} if isinstance(parts, dict) else {}
    part = next((name for name in ("test", "valid", "train") if metrics.get(name)), "")
    rows, stopped, of = numbers(report.get("rows")), report.get("stopped"), report.get("folds")
    folds = len(of) if isinstance(of, list) else 0
    ended = "stopped" if isinstance(stopped, dict) and stopped.get("reason") == INTERRUPTED else "done"
    return Entry(
        run,
        when,
        "running" if working else ended,
        task=text(report.get("task")),
        target=text(report.get("target")),
        main=text(report.get("main")),
        part=part,
        metrics=metrics.get(part),
        rows=int(sum(n for name, n in rows.items() if name != "valid" or "bag" not in report)) if rows else None,
        epochs=whole(report.get("epochs")),
        best_epoch=whole(report.get("best_epoch")),
        seconds=number(report.get("seconds")),
        parameters=whole(report.get("parameters")),
        folds=folds,
        folds_done=folds,
    )


def unreported(run: Run, when: float, state: str) -> Entry:
    """A run without a report, as its config tells it; of a k-fold with what its folds have done."""
    target, folds = target_of(run), folds_of(run)
    if not folds:
        return Entry(run, when, state, target=target, epochs=logged(run))
    there = [entry_of(fold) for fold in run.folds()]
    epochs = sum(fold.epochs or 0 for fold in there)
    done = sum(fold.state == "done" for fold in there)
    return Entry(run, when, state, target=target, epochs=epochs, folds=folds, folds_done=done)


def head_of(path: Path) -> dict[str, Any] | None:
    """The first keys of a report, up to the last of those needed; None where there is none, or it is broken."""
    try:
        with plain_file(path, MAX_BYTES) as (stream, size):
            with suppress(IndexError, ValueError):
                return members(stream.read(HEAD).decode(errors="replace"))
            if size <= HEAD:
                return None
            stream.seek(0)
            return members(stream.read(size).decode())
    except (OSError, ValueError, IndexError, RecursionError):
        return None


def members(text: str) -> dict[str, Any]:
    """The members of a JSON object until all that are needed are there. IndexError or ValueError where it is torn."""
    found: dict[str, Any] = {}
    read = json.JSONDecoder().raw_decode

    def after(mark: str, at: int) -> int:
        at = blank(text, at)
        mark.index(text[at])  # or a ValueError
        return blank(text, at + 1)

    at = after("{", 0)
    while not found.keys() >= NEEDED:
        if text[at] == "}":
            break
        key, at = read(text, at)
        found[str(key)], at = read(text, after(":", at))
        at = blank(text, at)
        at = after(",", at) if text[at] != "}" else at
    return found


def blank(text: str, at: int) -> int:
    """The next place that is not blank."""
    found = BLANK.match(text, at)
    return found.end() if found else at


def number(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    with suppress(OverflowError):
        return float(value) if isfinite(value) else None
    return None


def text(value: Any) -> str:
    """A text, or none."""
    return value if isinstance(value, str) else ""


def whole(value: Any) -> int | None:
    """A whole number, or None."""
    found = number(value)
    return None if found is None else int(found)


def numbers(of: Any) -> dict[str, float]:
    """The members of a mapping that are numbers."""
    pairs = of.items() if isinstance(of, dict) else ()
    return {name: found for name, value in pairs if (found := number(value)) is not None}


def logged(run: Run) -> int | None:
    """How many epochs the log has."""
    with suppress(OSError, ValueError):
        return read_file(run.epochs, MAX_BYTES).count(b"\n")
    return None


def target_of(run: Run) -> str:
    """The target as the config of a run has it."""
    target = data_of(run, "target")
    return ", ".join(map(str, target)) if isinstance(target, list) else str(target)


def folds_of(run: Run) -> int:
    """How many folds the config of a run asks for; 0 where it is not for all folds of a k-fold."""
    split = data_of(run, "split")
    all_folds = isinstance(split, dict) and split.get("name") == "kfold" and split.get("fold") == 0
    return whole(split.get("folds")) or 0 if all_folds else 0


def data_of(run: Run, key: str) -> Any:
    """What a run's config has for a key of `data`, or no text; the file is not read whole as YAML, which takes long."""
    from netrain import yaml12

    with suppress(OSError, ValueError, ConfigError, RecursionError):
        found = re.search(OF_DATA % key, read_file(run.config, yaml12.MAX_BYTES).decode(), re.M)
        return yaml12.load(found[1], "").data[key] if found else ""
    return ""


def best_first(items: Iterable[T], value: Callable[[T], float | None], *, lowest: bool = False) -> list[T]:
    """Sorted by a figure, the largest or the lowest first; those without one last."""

    def key(item: T) -> tuple[bool, float]:
        found = value(item)
        return (found is None, 0.0 if found is None else found if lowest else -found)

    return sorted(items, key=key)


def chosen(given: Path) -> tuple[Path, str]:
    """The run that `latest` or `best` stands for, and that in words; another path as it is, without words.

    A file or folder of that name stands for itself. Raises UsageError where no run can be meant.
    """
    word = str(given)
    if word not in WORDS or os.path.lexists(given):
        return given, ""
    runs = newest_runs()
    if not runs:
        raise UsageError(f"no run here that `{word}` could stand for", hint="`netrain train CONFIG` makes one")
    if word == "latest":
        return runs[0].path, f"`latest` is {runs[0].path}"
    best, rivals = best_of(runs)
    told = f"{best.main} {best.value:.4g} on its test rows" if best.value is not None else ""
    among = f"the best of {counted(rivals, 'run')} for `{best.target}` of this table"
    return best.run.path, f"`best` is {best.run.path}: {told}, {among}"


def best_of(runs: Iterable[Run]) -> tuple[Entry, int]:
    """The run with the best main metric on test rows among those of the newest one's target, task and table.

    The newest is the first that has such a figure; a run of folds has no network of its own, and is none. And
    how many there are. Raises UsageError where no run has such a figure.
    """
    entries = (entry_of(run) for run in runs if run.best.exists())
    scored = [e for e in entries if e.part == "test" and e.value is not None]
    if not scored:
        message = "no run here has figures on test rows, so that none is the `best`"
        raise UsageError(message, hint="`latest` is the newest one; `netrain runs` lists all")
    newest, table = scored[0], scored[0].fingerprint
    alike = [e for e in scored if (e.task, e.target, e.main) == (newest.task, newest.target, newest.main)]
    rivals = [e for e in alike if e is newest or e.fingerprint == table]
    return best_first(rivals, lambda e: e.value, lowest=not higher_is_better(newest.main))[0], len(rivals)
