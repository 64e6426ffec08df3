"""Contenders in turn, in processes of their own: seconds, peak memory, and ratios of medians.

Imports nothing heavy: on Linux the peak of a process counts what it was forked from.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter


@dataclass(frozen=True)
class Measure:
    """One run of one contender."""

    seconds: float
    peak: float  # MB


Contender = Callable[[], Measure]


def peak() -> float:
    """The peak memory of this process, in MB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1e6 if sys.platform == "darwin" else most / 1024


def timed(work: Callable[[], object]) -> None:
    """Run the work of a child and tell its parent the seconds and the peak. Imports are not counted."""
    started = perf_counter()
    work()
    print(json.dumps({"seconds": perf_counter() - started, "peak": peak()}))


def child(*arguments: object) -> Measure:
    """What `python ARGUMENTS`, which ends in `timed`, tells of itself."""
    said = subprocess.run([sys.executable, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True)
    return Measure(**json.loads(said.stdout.splitlines()[-1]))


def program(*commands: Sequence[object], folder: Path | None = None, threads: int = 0) -> Measure:
    """Programs one after the other, from start to end, start-up included; the largest of their peaks.

    `threads` of BLAS and the like; 0: as many as they like.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    if threads:
        environment |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(threads))
    started, most = perf_counter(), 0.0
    for command in commands:
        running = subprocess.Popen(
            [str(c) for c in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, env=environment
        )
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode not in (0, 2):
            raise SystemExit(f"{' '.join(map(str, command))}: exit code {running.returncode}")
        most = max(most, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1024))
    return Measure(perf_counter() - started, most)


def alternate(contenders: Mapping[str, Contender], rounds: int) -> dict[str, Measure]:
    """The median seconds and the largest peak of each, after `rounds` rounds in which each runs once."""
    runs: dict[str, list[Measure]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            runs[name].append(contender())
    return {
        name: Measure(statistics.median(m.seconds for m in each), max(m.peak for m in each))
        for name, each in runs.items()
    }


def parser(what: str, rounds: int) -> argparse.ArgumentParser:
    """The options that every benchmark has."""
    options = argparse.ArgumentParser(description=what)
    options.add_argument("--rounds", type=int, default=rounds, help="how often each contender runs")
    options.add_argument("--json", action="store_true", help="one JSON document in place of the lines")
    return options


def tell(figures: Mapping[str, float | str], *, as_json: bool) -> None:
    """The figures by name."""
    if as_json:
        print(json.dumps(figures, indent=1))
        return
    for name, figure in figures.items():
        print(f"{name:44} {figure if isinstance(figure, str) else f'{figure:,.3f}'}")


def figures_of(measured: Mapping[str, Measure]) -> dict[str, float | str]:
    """Seconds and peak of each contender."""
    found: dict[str, float | str] = {}
    for name, measure in measured.items():
        found |= {f"{name} seconds": measure.seconds, f"{name} peak MB": measure.peak}
    return found
