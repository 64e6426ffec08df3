"""The results of contenders over tables: mean error, rank, wins and time of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import rankdata

Results = Sequence[dict[str, Any]]


def summary(results: Results, contenders: Sequence[str] = ()) -> str:
    """A table in Markdown for what every contender has done: the others' results are left out, and counted."""
    names = list(contenders) or list(dict.fromkeys(r["contender"] for r in results))
    at = {(r["table"], r["seed"], r["contender"]): r for r in results if r["contender"] in names}
    cases = list(dict.fromkeys(key[:2] for key in at))
    whole = [case for case in cases if all((*case, name) in at for name in names)]
    tables = list(dict.fromkeys(table for table, _ in whole))
    error = {
        (table, name): float(np.mean([at[table, seed, name]["error"] for t, seed in whole if t == table]))
        for table in tables
        for name in names
    }
    lines = ["| table (seeds) | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for table in tables:
        best = min(error[table, name] for name in names)
        cells = [
            f"**{error[table, name]:.4g}**" if error[table, name] == best else f"{error[table, name]:.4g}"
            for name in names
        ]
        lines.append(f"| {table} ({sum(t == table for t, _ in whole)}) | " + " | ".join(cells) + " |")
    ranks, wins = ranked(at, whole, names)
    over_tables = np.mean([rankdata([error[t, n] for n in names]) for t in tables], axis=0) if tables else ranks
    lines.append("| mean rank over table and seed | " + " | ".join(f"{r:.2f}" for r in ranks) + " |")
    lines.append("| mean rank of the means | " + " | ".join(f"{r:.2f}" for r in over_tables) + " |")
    lines.append("| wins | " + " | ".join(f"{w:g}" for w in wins) + " |")
    lines.append(
        "| error over the best's, mean | " + " | ".join(f"{e:.3f}" for e in excess(error, tables, names)) + " |"
    )
    for key, words in (
        ("fit_cpu", "fit, CPU s in all"),
        ("fit_wall", "fit, wall s in all"),
        ("predict_cpu", "predict, CPU s in all"),
    ):
        total = [sum(at[(*case, name)][key] for case in whole) for name in names]
        lines.append(f"| {words} | " + " | ".join(f"{t:.0f}" for t in total) + " |")
    left = len(cases) - len(whole)
    return "\n".join(lines) + (
        f"\n\n{left} of {len(cases)} cases are left out: not every contender has done them" if left else ""
    )


def ranked(at: dict[tuple[str, int, str], Any], cases: list[Any], names: Sequence[str]) -> tuple[Any, Any]:
    """The mean rank and the wins of each; ties share."""
    ranks = np.array([rankdata([at[(*case, name)]["error"] for name in names]) for case in cases])
    if not len(ranks):
        return np.full(len(names), np.nan), np.zeros(len(names))
    return ranks.mean(axis=0), (ranks == ranks.min(axis=1, keepdims=True)).sum(axis=0)


def excess(error: dict[tuple[str, str], float], tables: Sequence[str], names: Sequence[str]) -> list[float]:
    """The geometric mean over tables of each one's error over the least."""
    logs: dict[str, list[float]] = defaultdict(list)
    for table in tables:
        least = min(error[table, name] for name in names)
        for name in names:
            logs[name].append(np.log(error[table, name] / least))
    return [float(np.exp(np.mean(logs[name]))) if logs[name] else float("nan") for name in names]
