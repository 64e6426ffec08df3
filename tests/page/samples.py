"""Reports made by hand, as report.json tells them: of classes, values and labels; small and large, calm and hostile."""

from collections.abc import Callable
from typing import Any

import numpy as np

Report = dict[str, Any]

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>throw 1</script>",
    "<b>bold</b>",
    "<a href='javascript:alert(1)'>x</a><br>y",
    "a & b &lt;i&gt; &amp;",
    "\"double\" 'single' `back`",
    "two\nlines\tand\x00\x1b[31m",
    "\u202egnitirw\u2066 \u200e",
    "%{x} {{y}} ${z} --blue",
    "<img src=x onerror=alert(1)>",
    "2020-01-01",
    "x" * 300,
    "\u05e9\u05dc\u05d5\u05dd \u4e2d\u6587 \U0001f600",
    "\ud800",
    "",
]


def hostile(i: int) -> str:
    """A name that would like to be more."""
    return HOSTILE[i % len(HOSTILE)] + (f" {i}" if i >= len(HOSTILE) else "")


def column(i: int) -> str:
    return f"column {i}"


def species(i: int) -> str:
    return f"class {i}"


def floats(values: Any) -> list[float]:
    return [float(v) for v in np.asarray(values, float)]


def learning(epochs: int = 60, metric: str = "accuracy") -> Report:
    e = np.arange(1, epochs + 1)
    loss = 0.1 + np.exp(-e / 10)
    return {
        "epochs": e.tolist(),
        "train": {"loss": floats(loss)},
        "valid": {"loss": floats(loss + 0.05 + 0.001 * e), metric: [None, *floats(1 - 0.5 * loss[1:])]},
        "learning_rate": floats(1e-3 * np.cos(e / epochs * 1.5)),
        "gradient_norm": floats(1 / e),
        "update_norm": floats(0.1 / e**2),
        "best_epoch": epochs // 2,
        "seconds": [0.1] * epochs,
        "units": [{"layer": "hidden.0", "units": 64, "dead": 3}, {"layer": "hidden.1", "units": 32, "dead": 0}],
    }


def distribution(i: int, rng: np.random.Generator, name: Callable[[int], str]) -> Report:
    if i % 2:
        return {"levels": [name(j) for j in range(5)], "counts": rng.integers(1, 50, 5).tolist(), "other": 7}
    return {"edges": floats(np.linspace(0, 10, 21)), "counts": rng.integers(0, 50, 20).tolist()}


def common(name: Callable[[int], str], columns: int, rows: Report, seed: int = 0) -> Report:
    """What reports of every task tell of the columns."""
    rng = np.random.default_rng(seed)
    gains = np.sort(rng.exponential(0.02, columns))[::-1]
    kinds = ["numeric", "categorical", "datetime"]
    levels = [name(j) for j in range(4)]
    days = [f"2024-0{j}-01" for j in range(1, 5)]
    along = {"numeric": [0.0, 1.0, 2.5, 4.0], "categorical": levels, "datetime": days}
    return {
        "learning": learning(),
        "importance": {
            "metric": "accuracy",
            "rows": 500,
            "repeats": 5,
            "columns": [
                {"column": name(i), "kind": kinds[i % 3], "gain": g, "low": g - 0.01, "high": g + 0.01}
                for i, g in enumerate(gains.tolist())
            ],
        },
        "slices": [
            {"column": name(i), "where": f"{name(i)} = {name(i + 1)}", "rows": 40 + i, "metric": "log_loss",
             "value": 0.9 - 0.1 * i, "rest": 0.3, "low": 0.4 - 0.1 * i, "high": 0.8 - 0.1 * i}
            for i in range(4)
        ],
        "worst": [
            {"row": 2 + i, "true": name(i), "predicted": name(i + 1), "loss": 5.0 - 0.1 * i,
             "cells": {name(j): name(i + j) for j in range(min(columns, 6))}}
            for i in range(20)
        ],
        "columns": [
            {"name": name(i), "kind": kinds[i % 3], "told": f"{name(i)}: standardize, indicator yes",
             "missing": 0.01 * (i % 5), "inputs": 1 + i % 3, "distribution": distribution(i, rng, name)}
            for i in range(columns)
        ],
        "target": [
            {"name": name(0), "train": distribution(1, rng, name), "valid": distribution(1, rng, name),
             "test": distribution(1, rng, name)}
        ],
        "split": {"name": "random", "told": f"at random, 70% train, stratified by {name(0)}", "rows": rows},
        "dependence": [
            {"column": name(i), "kind": kinds[i % 3], "x": along[kinds[i % 3]], "share": [0.4, 0.3, 0.2, 0.1],
             "y": [[0.2, 0.3, 0.5, 0.6]], "of": [name(0)]}
            for i in range(6)
        ],
    }  # fmt: skip


def top(task: str, main: str, name: Callable[[int], str], rows: Report) -> Report:
    """What reports of every task tell above the figures."""
    lower = main != "accuracy"
    value = {"train": 0.3, "valid": 0.41, "test": 0.4} if lower else {"train": 0.97, "valid": 0.94, "test": 0.9}
    other = "mae" if lower else "log_loss"
    finding = {"kind": "leak", "columns": [name(0)], "message": f"`{name(0)}` gives the target away",
               "why": f"of {name(1)}", "set": [f"data.columns.{name(0)}=drop"]}  # fmt: skip
    return {
        "run": name(0),
        "command": f"netrain train {name(1)} --set seed=1",
        "config": f"seed: 7\ndata:\n  path: {name(2)}\n  target: {name(0)}\n",
        "task": task,
        "target": name(0),
        "main": main,
        "metric": "loss",
        "trivial": "always answering the mean" if lower else "always answering the commonest class",
        "rows": rows,
        "metrics": {part: {main: v, other: 0.5 * v} for part, v in value.items()},
        "intervals": {"test": {main: [value["test"] - 0.05, value["test"] + 0.05], other: None}},
        "baseline": {"test": {main: 1.2 if lower else 0.62, other: 0.9}},
        "linear": {"test": {main: 0.7 if lower else 0.81, other: None}},
        "details": {},
        "epochs": 60,
        "best_epoch": 30,
        "stopped": {"reason": f"no better {name(3)} for 20 epochs"},
        "seconds": 12.3,
        "time": {"reading": 0.4, "steps": 8.0, "validation": 1.0, "saves": 0.3, "report": 1.2},
        "parameters": 12345,
        "notes": [f"left out {name(2)}", "split at random"],
        "findings": [finding] * 3,
        "advice": [
            finding | {"message": "the learning rate is too high", "set": ["training.optimizer.learning_rate=1e-4"]}
        ],
        "versions": {"netrain": "0.1.0", "numpy": "2.0"},
    }  # fmt: skip


def two_class(positive: int = 1, seed: int = 0) -> Report:
    """The curves of scores that rank well, by their definition."""
    rng = np.random.default_rng(seed)
    y = rng.random(400) < 0.3
    p = np.clip(0.3 + 0.3 * y + rng.normal(0, 0.2, 400), 0, 1)
    t = np.linspace(0, 1, 101)
    tp, fp = ((p[:, None] >= t) & y[:, None]).sum(0), ((p[:, None] >= t) & ~y[:, None]).sum(0)
    x = floats(np.linspace(0.05, 0.95, 10))
    return {
        "roc": [
            {"class": positive, "fpr": floats(fp[::-1] / (~y).sum()), "tpr": floats(tp[::-1] / y.sum()), "auc": 0.85}
        ],
        "precision_recall": [
            {"class": positive, "recall": floats(tp / y.sum()), "precision": floats(tp / np.maximum(tp + fp, 1)),
             "average_precision": 0.7, "share": 0.3}
        ],
        "calibration": [
            {"class": positive, "predicted": x, "observed": floats(np.square(x)), "rows": [40] * 10,
             "low": floats(np.square(x) - 0.05), "high": floats(np.square(x) + 0.05)}
        ],
        "thresholds": {"positive": positive, "threshold": floats(t), "tp": tp.tolist(), "fp": fp.tolist(),
                       "fn": (int(y.sum()) - tp).tolist(), "tn": (int((~y).sum()) - fp).tolist()},
    }  # fmt: skip


def classification(
    k: int = 3,
    columns: int = 4,
    name: Callable[[int], str] = column,
    label: Callable[[int], str] = species,
    rows: int = 300,
) -> Report:
    rng = np.random.default_rng(1)
    parts = {"train": 7 * rows, "valid": rows, "test": rows}
    shown = list(range(min(k, 40)))
    matrix = rng.integers(0, 4, (len(shown), len(shown))) + np.diag(rng.integers(20, 60, len(shown)))
    of = two_class()
    if k > 2:
        del of["thresholds"]
        of["roc"] = [of["roc"][0] | {"class": i} for i in range(min(k, 10))]
        of["precision_recall"] = [of["precision_recall"][0] | {"class": i} for i in range(min(k, 10))]
        of["calibration"] = [of["calibration"][0] | {"class": None}]
    figures = common(name, columns, parts) | {
        "part": "test",
        "classes": of
        | {
            "labels": [label(i) for i in range(k)],
            "counts": {"true": [int(v) for v in rng.integers(50, 99, k)], "predicted": [70] * k},
            "confusion": matrix.tolist(),
            "shown": shown,
            "expected_calibration_error": 0.031,
            "per_class": [
                {
                    "class": i,
                    "rows": 60,
                    "precision": None if i == 1 else 0.9,
                    "recall": 0.8,
                    "f1": 0.85,
                    "roc_auc": 0.9,
                }
                for i in range(k)
            ],
        },
    }
    for each in figures["dependence"]:
        each["y"] = [each["y"][0]] * min(k, 5)
        each["of"] = [label(i) for i in range(min(k, 5))]
    return top("classification", "accuracy", name, parts) | {"figures": figures}


def labels(name: Callable[[int], str] = column) -> Report:
    report = classification(2, name=name)
    of = two_class()
    report["figures"] |= {"labels": [{"label": name(i)} | of for i in range(3)], "classes": None}
    return report


def regression(
    columns: int = 8, name: Callable[[int], str] = column, rows: int = 300, points: bool = True, quantiles: bool = False
) -> Report:
    rng = np.random.default_rng(2)
    true = rng.normal(10, 3, rows)
    said = true + rng.normal(0, 1, rows)
    counts, xe, ye = np.histogram2d(true, said, 40)
    errors, edges = np.histogram(said - true, 30)
    x = floats(np.linspace(2, 18, 12))
    along = {"x": x, "low": [-1.2] * 12, "middle": floats(np.sin(x)), "high": [1.3] * 12, "rows": [25] * 12}
    names = {
        "x": [name(i) for i in range(5)],
        "low": [-1.0] * 5,
        "middle": [0.1] * 5,
        "high": [1.0] * 5,
        "rows": [60] * 5,
    }
    of: Report = {
        "target": name(0),
        "density": {"true_edges": floats(xe), "predicted_edges": floats(ye), "counts": counts.astype(int).tolist()},
        "errors": {"edges": floats(edges), "counts": errors.tolist(), "mean": 0.01, "median": -0.02,
                   "quantiles": {"0.05": -1.6, "0.25": -0.7, "0.75": 0.7, "0.95": 1.6}},
        "by_prediction": along,
        "by_column": [
            {"column": name(0), "kind": "numeric"} | along, {"column": name(1), "kind": "categorical"} | names,
            {"column": name(2), "kind": "datetime"} | along | {"x": [f"20{i}-01-01" for i in range(10, 22)]},
        ],
    }  # fmt: skip
    if points:
        of["points"] = {"true": floats(true), "predicted": floats(said)}
    if quantiles:
        of["quantiles"] = [
            {"level": q, "share_below": q + 0.02, "low": q - 0.01, "high": q + 0.05} for q in (0.05, 0.5, 0.95)
        ]
        of["interval"] = {"level": 0.9, "coverage": 0.91, "width": 3.2}
    parts = {"train": 7 * rows, "valid": rows, "test": rows}
    figures = common(name, columns, parts) | {"part": "test", "values": [of]}
    bins = {"edges": floats(np.linspace(0, 20, 21)), "counts": [5] * 20}
    figures["target"] = [{"name": name(0), "train": bins, "valid": bins, "test": bins}]
    return top("regression", "rmse", name, parts) | {"figures": figures}


def folds() -> Report:
    """As a k-fold reports on its folds."""
    report = top("classification", "accuracy", column, {"test": 150})
    fold = {"rows": {"train": 100, "valid": 20, "test": 30}, "test": {"accuracy": 0.95, "log_loss": 0.2}}
    keep = (
        "task",
        "target",
        "main",
        "rows",
        "metrics",
        "baseline",
        "parameters",
        "epochs",
        "stopped",
        "versions",
        "seconds",
    )
    return {key: report[key] for key in keep} | {
        "folds": [{"run": f"fold-{i}"} | fold for i in range(1, 6)],
        "spread": {"test": {"accuracy": 0.02, "log_loss": 0.1}},
        "stopped": {"reason": "all folds done"},
    }


def older() -> Report:
    """As runs reported before there were figures."""
    report = top("classification", "accuracy", column, {"train": 100, "valid": 20, "test": 3})
    for key in ("run", "command", "config", "linear", "advice", "time"):
        del report[key]
    each = {
        "precision": 0.9,
        "recall": None,
        "f1": 0.8,
        "roc_auc": 0.9,
        "average_precision": 0.9,
        "rows": 3,
        "weight": 3.0,
    }
    report["details"] = {
        "test": {"classes": ["a", "b"], "confusion": [[1, 1], [0, 1]], "per_class": [each, each]},
    }
    return report


SAMPLES: dict[str, Callable[[], Report]] = {
    "two classes": lambda: classification(2),
    "three classes": lambda: classification(3),
    "200 classes, 2,000 columns": lambda: classification(200, columns=2000),
    "3 test rows": lambda: classification(3, rows=3),
    "values": regression,
    "values by quantiles, no rows": lambda: regression(points=False, quantiles=True),
    "labels": labels,
    "folds": folds,
    "an older run": older,
    "an evaluation": lambda: {k: v for k, v in older().items() if k in ("task", "rows", "metrics", "intervals")},
    "nothing": dict,
    "hostile classes": lambda: classification(15, 20, hostile, hostile),
    "hostile values": lambda: regression(20, hostile),
    "hostile labels": lambda: labels(hostile),
}
