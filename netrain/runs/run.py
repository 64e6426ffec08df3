"""A run: a directory of plain files that is never overwritten."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netrain.errors import CheckpointError, StorageError, UsageError
from netrain.storage import LOCK, append_line, cannot, make_folders, read_file, remove, sweep, sync_file, write_file

if TYPE_CHECKING:
    from netrain.data.parted import SplitRecord

RUNS = Path("runs")
INTERRUPTED = "interrupted"  # why a run stopped that goes on with `resume`
MAX_BYTES = 1 << 30  # of a file of a run


@dataclass(frozen=True)
class Run:
    """The paths of a run, and what is read from them."""

    path: Path

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.path.resolve().name

    @property
    def config(self) -> Path:
        """The complete config."""
        return self.path / "config.yaml"

    @property
    def split(self) -> Path:
        """Which rows went where."""
        return self.path / "split.json"

    @property
    def epochs(self) -> Path:
        """One object an epoch."""
        return self.path / "epochs.jsonl"

    @property
    def best(self) -> Path:
        """The checkpoint of the best epoch."""
        return self.path / "checkpoints" / "best.safetensors"

    @property
    def last(self) -> Path:
        """The checkpoint to resume from."""
        return self.path / "checkpoints" / "last.safetensors"

    @property
    def report(self) -> Path:
        """All figures."""
        return self.path / "report.json"

    @property
    def page(self) -> Path:
        """What people look at."""
        return self.path / "report.html"

    @property
    def begun(self) -> bool:
        """Whether a resume finds a checkpoint to go on from."""
        return self.last.exists() or any(member.last.exists() for member in self.members())

    def members(self) -> list[Run]:
        """The runs of the networks of a bag that are there."""
        return numbered(self.path, "bag-")

    def member(self, number: int) -> Run:
        """The run of a network of a bag, from 1."""
        return Run(self.path / f"bag-{number}")

    def folds(self) -> list[Run]:
        """The runs of the folds of a k-fold that are there."""
        return numbered(self.path, "fold-")

    def fold(self, number: int) -> Run:
        """The run of a fold of a k-fold, from 1."""
        return Run(self.path / f"fold-{number}")

    def clear(self) -> None:
        """Take away what a session left that ended before its first checkpoint."""
        for member in self.members():
            member.clear()
        remove(self.config, self.split, self.epochs, self.path / LOCK, *self.last.parent.glob("*"))
        self.sweep()
        remove(*(folder for folder in (self.path / "checkpoints", self.path) if folder.is_dir()))

    def sweep(self) -> None:
        """Take away what killed sessions left on its way to a file. The run is locked, so all of it is theirs."""
        for folder in (self.path, self.last.parent):
            sweep(folder)

    def split_record(self) -> SplitRecord:
        """Which rows went where. Raises CheckpointError where the file is not there or not one."""
        from netrain.data.parted import SplitRecord  # a list of runs needs neither NumPy nor polars

        try:
            return SplitRecord.model_validate_json(read_file(self.split, MAX_BYTES))
        except (OSError, ValueError):
            raise CheckpointError("no record of the split", where=str(self.split)) from None

    def log(self, epoch: dict[str, Any]) -> None:
        """Add an epoch to the log."""
        append_line(self.epochs, json.dumps(epoch))

    def logged(self) -> Iterator[dict[str, Any]]:
        """The epochs logged, up to a line that is torn or none. Raises CheckpointError where the log is no file."""
        try:
            lines = read_file(self.epochs, MAX_BYTES).split(b"\n")
        except FileNotFoundError:
            return
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise CheckpointError(f"the log cannot be read: {why}", where=str(self.epochs)) from None
        for number, line in enumerate(lines[:-1], start=1):  # a line without its end is torn
            try:
                epoch = json.loads(line)
                if epoch["epoch"] != number or not isinstance(epoch["seconds"], float | int):
                    return
            except (ValueError, TypeError, KeyError, RecursionError):
                return
            yield epoch

    def cut_log(self, epochs: int) -> float:
        """Cut the log back to its first epochs, for a resume; the seconds that they took."""
        kept = [epoch for epoch in self.logged() if epoch["epoch"] <= epochs]
        write_file(self.epochs, "".join(json.dumps(epoch) + "\n" for epoch in kept).encode())
        return float(sum(epoch["seconds"] for epoch in kept))

    def sync_log(self) -> None:
        """Until the epochs logged are safe on disk."""
        sync_file(self.epochs)

    def write_report(self, report: dict[str, Any]) -> None:
        """Put report.json in place."""
        write_file(self.report, json.dumps(report, indent=1, ensure_ascii=False).encode() + b"\n")

    def write_page(self, report: dict[str, Any]) -> None:
        """Put report.html in place, as the report is drawn. Raises StorageError."""
        from netrain.page import page  # read where it is needed: a resume that finds nothing to do is quick

        drawn = page(report).encode()
        try:
            write_file(self.page, drawn)
        except StorageError as error:
            hint = f"all else is saved; `netrain report {self.path}` draws it"
            raise StorageError(error.problems[0].message, where=str(self.page), hint=hint) from None

    def read_report(self) -> dict[str, Any] | None:
        """The report, or None where there is none yet."""
        try:
            report = json.loads(read_file(self.report, MAX_BYTES))
        except (OSError, ValueError, RecursionError):
            return None
        return report if isinstance(report, dict) else None

    def brief(self) -> dict[str, Any]:
        """The path and the report without what charts are drawn from, as `--json` prints it."""
        report = self.read_report() or {}
        return {"run": str(self.path)} | {k: v for k, v in report.items() if k not in ("run", "figures", "config")}

    def reports(self, epochs: int) -> bool:
        """Whether the report is of so many epochs, not of an earlier session."""
        return (self.read_report() or {}).get("epochs") == epochs

    def ended(self) -> str | None:
        """Why training stopped, as the report tells it; None where there is none yet."""
        stopped = (self.read_report() or {}).get("stopped")
        reason = stopped.get("reason") if isinstance(stopped, dict) else None
        return reason if isinstance(reason, str) else None


def numbered(folder: Path, stem: str) -> list[Run]:
    """The runs within one, by their numbers."""
    found = [path for path in folder.glob(f"{stem}*") if path.name[len(stem) :].isdecimal()]
    return [Run(path) for path in sorted(found, key=lambda path: int(path.name[len(stem) :]))]


def new_run(stem: str, run_dir: Path | None) -> Run:
    """A new folder: `runs/STEM-1`, or the next free number; or the one given, which must be new or empty.

    It holds a folder for checkpoints.
    """
    try:
        if run_dir is not None:
            if not is_free(run_dir):
                raise UsageError(f"`--run-dir {run_dir}` is not empty", hint="a run is never overwritten: name another")
            make_folders(run_dir / "checkpoints")
            return Run(run_dir)
        if not RUNS.is_dir():
            with suppress(FileExistsError):  # another process was faster
                make_folders(RUNS)
        number = 1 + max(
            (int(n) for p in RUNS.glob(f"{escape(stem)}-*") if (n := p.name[len(stem) + 1 :]).isdecimal()), default=0
        )
        while True:
            path = RUNS / f"{stem}-{number}"
            try:
                make_folders(path)
            except FileExistsError:  # another process was faster
                number += 1
                continue
            make_folders(path / "checkpoints")
            return Run(path)
    except OSError as error:
        raise cannot(run_dir or RUNS, error) from None


def is_free(folder: Path) -> bool:
    """Whether a folder is empty, or can be made."""
    return not any(folder.iterdir()) if folder.is_dir() else not os.path.lexists(folder)


def open_run(path: Path) -> Run:
    """The run in a folder. Raises UsageError where there is none."""
    if not (path / "config.yaml").is_file():
        runs = ", ".join(f"`{run.path}`" for run in newest_runs()[:5])
        raise UsageError(
            f"`{path}` is not a run", hint=f"the newest here: {runs}" if runs else "a run holds config.yaml"
        )
    return Run(path)


def newest_runs() -> list[Run]:
    """The runs below `runs`, the newest first."""
    found = []
    for run in runs_below(RUNS):
        with suppress(OSError):  # it is being made, or taken away
            found.append((run.config.stat().st_mtime_ns, run))
    return [run for _, run in sorted(found, key=lambda pair: pair[0], reverse=True)]


def runs_below(folder: Path) -> Iterator[Run]:
    """The runs below a folder at any depth, by name; not the folds within one, nor what lies behind links."""
    try:
        with os.scandir(folder) as entries:
            inside = sorted((e for e in entries if not e.name.startswith(".")), key=lambda e: e.name)
    except OSError:
        return
    for entry in inside:
        if is_run(entry.path):
            yield Run(Path(entry.path))
        elif entry.is_dir(follow_symlinks=False):
            yield from runs_below(Path(entry.path))


def is_run(folder: str | Path) -> bool:
    """Whether a folder holds a config and what a training leaves beside it; of a k-fold that may be the lock alone."""
    beside = (os.path.join(folder, name) for name in ("checkpoints", "report.json", LOCK))
    return os.path.isfile(os.path.join(folder, "config.yaml")) and any(map(os.path.exists, beside))


def find_checkpoint(given: Path | None) -> Path:
    """The checkpoint file meant: a file, a run's best, or the best of the newest run that has one."""
    if given is None:
        for run in newest_runs():
            if run.best.exists():
                return run.best
        raise UsageError("no run here to take a checkpoint from", hint="`netrain train CONFIG` makes one; or name it")
    if not given.is_dir():
        return given
    best = next((p for p in (Run(given).best, given / Run(given).best.name) if p.exists()), None)  # or its folder
    if best is None:
        folds = [fold.path for fold in Run(given).folds() if fold.best.exists()]
        if folds:
            names = ", ".join(f"`{fold}`" for fold in folds)
            raise CheckpointError(
                "a k-fold run has a checkpoint for each fold", where=str(given), hint=f"name one: {names}"
            )
        is_run = Run(given).config.is_file()
        what = "this run has no best checkpoint yet" if is_run else "this folder is no run and holds no checkpoint"
        raise CheckpointError(what, where=str(given), hint=f"`netrain resume {given}` trains on" if is_run else "")
    return best


def run_of(checkpoint: Path) -> Run | None:
    """The run that a checkpoint file lies in."""
    run = Run(checkpoint.resolve().parent.parent)
    return run if run.config.is_file() and run.split.is_file() else None
