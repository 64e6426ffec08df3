"""Contenders in turn, many short rounds: on a machine that others use too, only ratios of one run mean something."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

PACKAGES = ("numpy", "scikit-learn", "torch")


def alternate(contenders: Mapping[str, Callable[[], int]], rounds: int) -> dict[str, list[float]]:
    """Seconds a step, or whatever a contender says it did so many of, in each round."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    order = list(contenders)
    for at in range(rounds):
        for name in order if at % 2 else order[::-1]:
            started = perf_counter()
            count = contenders[name]()
            found[name].append((perf_counter() - started) / count)
    return found


def medians(found: Mapping[str, list[float]]) -> dict[str, float]:
    """Of the rounds, in microseconds."""
    return {name: 1e6 * median(each) for name, each in found.items()}


def show(title: str, us: Mapping[str, float], unit: str) -> None:
    """A line a contender: its time, and over netrain's."""
    print(f"\n{title}")
    for name, value in us.items():
        print(f"  {name:26}{value:14,.0f} us a {unit}{value / us['netrain']:10.2f} x netrain", flush=True)


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    cpu = platform.processor()
    info = Path("/proc/cpuinfo")
    if info.exists():
        cpu = next((line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line), cpu)
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "absent"
    return {"cpu": cpu, "cores": os.cpu_count(), "system": platform.system(), "versions": versions}


def arguments(description: str | None, rounds: int) -> argparse.Namespace:
    """The options of a benchmark."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", nargs="+", metavar="TEXT", help="works whose name holds one of these")
    parser.add_argument("--without", nargs="+", default=[], metavar="NAME", help="contenders to leave out")
    parser.add_argument("--losses", action=argparse.BooleanOptionalAction, default=True, help="compare them too")
    parser.add_argument("--json", type=Path, help="a file for all rounds")
    return parser.parse_args()


def write(path: Path | None, results: list[dict[str, Any]]) -> None:
    """The machine and every round so far."""
    if path:
        path.write_text(json.dumps({"machine": machine(), "results": results}, indent=1) + "\n")
