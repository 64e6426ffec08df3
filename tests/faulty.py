"""Trainings made to have a fault, and healthy ones: what the doctor for training is tested on."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from rich.console import Console
from sklearn import datasets

from netrain.bag import begin
from netrain.config import table_config

RATE = "training.optimizer.learning_rate"
PLAIN = ("model.name=mlp", "training.stop=never")  # instead of a preset's ensemble
Cells = tuple[np.ndarray, np.ndarray]


def noise() -> Cells:
    rng = np.random.default_rng(0)
    return rng.normal(size=(600, 5)), rng.integers(0, 2, 600)


def rare() -> Cells:
    """One row in twelve is of the second class, and hardly to be told from the first."""
    rng = np.random.default_rng(1)
    y = (np.arange(1500) % 12 == 0).astype(int)
    return rng.normal(size=(1500, 4)) + 0.5 * y[:, None], y


def murky() -> Cells:
    """Few of many columns bear on the class, and 15% of the labels are drawn anew.

    Of fewer rows with more such labels a wide network learns half by heart even with dropout, in most splits.
    """
    return datasets.make_classification(1000, 30, n_informative=4, flip_y=0.15, random_state=3)  # type: ignore[no-any-return]


TABLES: dict[str, Callable[[], Cells]] = {
    "iris": lambda: datasets.load_iris(return_X_y=True),
    "wine": lambda: datasets.load_wine(return_X_y=True),
    "breast_cancer": lambda: datasets.load_breast_cancer(return_X_y=True),
    "digits": lambda: datasets.load_digits(return_X_y=True),
    "diabetes": lambda: datasets.load_diabetes(return_X_y=True),
    "moons": lambda: datasets.make_moons(800, noise=0.25, random_state=0),
    "circles": lambda: datasets.make_circles(600, noise=0.1, factor=0.5, random_state=0),
    "blobs": lambda: datasets.make_blobs(500, centers=4, random_state=1),
    "three": lambda: datasets.make_classification(1500, 12, n_informative=6, n_classes=3, random_state=0),
    "friedman": lambda: datasets.make_friedman1(1200, noise=1.0, random_state=0),
    "currents": lambda: datasets.make_friedman2(1200, noise=50.0, random_state=0),
    "lines": lambda: datasets.make_regression(800, 10, noise=20.0, random_state=0),
    "noise": noise,
    "rare": rare,
    "murky": murky,
}
HEALTHY = [name for name in TABLES if name not in ("noise", "rare", "murky")]


@dataclass(frozen=True)
class Fault:
    """What is to be named, on which table, and what causes it. `quick`: in the quick tests, too."""

    kind: str
    table: str
    settings: tuple[str, ...]
    quick: bool = False

    @property
    def short(self) -> str:
        return f"{self.kind}-{self.table}"

    @property
    def name(self) -> str:
        return f"{self.short}-{'-'.join(self.settings)}"


def on(kind: str, tables: Sequence[str], *settings: str, quick: Sequence[str] = ()) -> list[Fault]:
    return [Fault(kind, table, settings, table in quick) for table in tables]


GROWN = (*PLAIN, "model.hidden=[256, 256]", "training.optimizer=adam", f"{RATE}=1e-3", "training.schedule=constant")
FAULTS = [
    *on("rate_too_high", ("moons", "digits", "friedman", "diabetes", "three"), f"{RATE}=0.5", quick=["moons"]),
    *on("rate_too_high", ("moons", "digits", "friedman", "diabetes", "iris"), f"{RATE}=10", quick=["friedman"]),
    *on("rate_too_high", ("digits",), *PLAIN, "training.epochs=15", "training.optimizer=sgd", f"{RATE}=0.5"),
    *on("rate_too_high", ("digits", "three", "friedman"), *PLAIN, "training.epochs=30", f"{RATE}=1"),
    *on(
        "exploding_gradients",
        ("moons", "friedman", "diabetes", "three"),
        f"{RATE}=1",
        "training.clip=none",
        quick=["friedman"],
    ),
    *on("rate_too_low", ("moons", "digits", "friedman", "diabetes", "three"), f"{RATE}=1e-4", quick=["moons"]),
    *on("rate_too_low", ("moons", "digits", "friedman", "three"), f"{RATE}=1e-5"),
    *on(
        "rate_too_low",
        ("moons", "friedman", "wine"),
        "training.optimizer=sgd",
        f"{RATE}=1e-6",
        quick=["friedman"],
    ),
    *on(
        "still_improving", ("digits", "friedman", "currents", "three", "moons"), "training.epochs=2", quick=["friedman"]
    ),
    *on("overfitting", ("murky", "diabetes"), *GROWN, "training.epochs=80", quick=["murky"]),
    *on("underfitting", ("digits", "friedman", "three", "currents"), "model.dropout=0.9", quick=["three"]),
    *on("underfitting", ("digits", "three", "blobs"), "model.hidden=[1]", quick=["blobs"]),
    *on(
        "dead_units",
        ("three", "moons", "friedman", "diabetes"),
        *PLAIN,
        "training.epochs=30",
        f"{RATE}=0.1",
        quick=["friedman"],
    ),
    *on("class_collapse", ("rare",), quick=["rare"]),
    *on("small_validation", ("diabetes", "moons", "three"), "data.split.valid=0.02", quick=["diabetes"]),
    *on("no_better_than_trivial", ("noise",), quick=["noise"]),
]


def write_table(name: str, folder: Path) -> Path:
    """A table with its columns and the target `y`: classes by a letter, or values."""
    path = folder / f"{name}.csv"
    if not path.exists():
        x, y = TABLES[name]()
        target = [f"c{label}" for label in y.tolist()] if y.dtype.kind == "i" else y
        pl.DataFrame({f"x{i}": column for i, column in enumerate(x.T)} | {"y": target}).write_csv(path)
    return path


def trained(
    path: Path, settings: Sequence[str], run: Path, *, target: str = "y", preset: str = "fast"
) -> dict[str, Any]:
    """The report of a run on a table."""
    source = table_config(path, [target], preset, settings)
    made, _ = begin(source, None, "", run, console=Console(file=StringIO()), quiet=True)
    found: dict[str, Any] = json.loads(made.report.read_text())
    return found


def explained(report: dict[str, Any]) -> float:
    """How much better than the trivial answer the test rows are told: 1 wholly, 0 no better."""
    name = "log_loss" if report["task"] == "classification" else "rmse"
    return 1.0 - float(report["metrics"]["test"][name]) / float(report["baseline"]["test"][name])
