"""The table that the network learned from: its columns, its target, and the split."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from netrain.data.cells import plain_text
from netrain.data.dates import seconds
from netrain.data.fitted import Fitted, FittedBoolean, FittedDatetime, FittedEmbedding, FittedNumeric, FittedOneHot
from netrain.data.lots import PARTS
from netrain.data.target import Values
from netrain.doctor import Patient
from netrain.report.groups import kind_of
from netrain.report.numbers import bin_of, edges_of, short
from netrain.report.subject import FEW
from netrain.shown.treatment import treatment
from netrain.wording import counted

BARS = 20
MOST_LEVELS = 20
MOST_DRAWN = 200  # columns with a distribution

Distribution = dict[str, Any]


def columns(patient: Patient) -> list[dict[str, Any]]:
    """Each column of the table in its order: what becomes of it, and how it is distributed among the training rows."""
    config, train = patient.experiment.config, patient.part("train")
    fitted = {of.column: of for of in patient.experiment.preprocessor.columns}
    found = []
    for number, column in enumerate(train):
        name, of = column.name, fitted.get(column.name)
        is_target = name in patient.target
        kind = "target" if is_target else kind_of(of) if of else "drop"
        told = "what is predicted" if is_target else inputs_told(of, patient) if of else left_out(name, patient)
        each: dict[str, Any] = {"name": name, "kind": kind, "told": told}
        each["missing"] = column.null_count() / max(1, len(column))
        each["inputs"] = of.width + isinstance(of, FittedEmbedding) * config.model.embedding_size if of else 0
        if number < MOST_DRAWN or is_target:
            each["distribution"] = distribution(column, of, all_levels=config.report.rows)
        found.append(each)
    return found


def inputs_told(fitted: Fitted, patient: Patient) -> str:
    """What becomes of an input, in a line."""
    of = treatment(fitted, patient.experiment.config)
    match fitted:
        case FittedNumeric():
            marked = ", marked by an input" if fitted.indicator else ""
            return f"a number, scale {of['scale']}, {fitted.fill:.6g} where missing{marked}"
        case FittedOneHot():
            return f"{counted(fitted.levels.count, 'level')}, {counted(fitted.width, 'input')}"
        case FittedEmbedding():
            return f"{counted(fitted.levels.count, 'level')}, a learned vector each"
        case FittedDatetime():
            elapsed = ["time elapsed"] * bool(fitted.elapsed)
            return f"a date, written {fitted.format}: {', '.join([*fitted.parts, *elapsed]) or 'nothing of it'}"
        case FittedBoolean():
            return "yes or no, 1 or -1"


def left_out(name: str, patient: Patient) -> str:
    """Why a column is no input, where that is known."""
    data = patient.experiment.config.data
    if name == data.weight:
        return "the weight of each row"
    if name in (getattr(data.split, "column", ""), *data.split.apart):
        return "what the split is made by"
    head = f"left out `{name}`: "
    reasons = [note.removeprefix(head) for note in patient.experiment.notes if note.startswith(head)]
    return f"left out: {reasons[0]}" if reasons else "left out"


def distribution(column: pl.Series, fitted: Fitted | None, *, all_levels: bool) -> Distribution:
    """Of numbers and dates in equal bins, of anything else by its commonest levels."""
    if isinstance(fitted, FittedDatetime):
        return binned(seconds(fitted.read(column)))
    categorical = fitted is not None and not isinstance(fitted, FittedNumeric)
    if column.dtype == pl.String or categorical:
        counts = plain_text(column).drop_nulls().value_counts(name="rows")
        counts = counts.sort(["rows", column.name], descending=[True, False])
        kept = counts if all_levels else counts.filter(pl.col("rows") >= FEW)
        return by_level(column, kept.head(MOST_LEVELS)[column.name].to_list())
    return binned(column.to_numpy())


def binned(values: np.ndarray, edges: np.ndarray | None = None) -> Distribution:
    """How many numbers lie in each of equal bins; missing ones in none."""
    there = values[np.isfinite(values)]
    edges = edges_of(there, BARS) if edges is None else edges
    return {"edges": edges, "counts": np.bincount(bin_of(there, edges), minlength=len(edges) - 1)}


def by_level(column: pl.Series, levels: list[str]) -> Distribution:
    """How many rows have each of the levels, and how many another one."""
    text = plain_text(column).drop_nulls()
    numbers = text.replace_strict(levels, range(len(levels)), default=len(levels), return_dtype=pl.Int64)
    counts = np.bincount(numbers.to_numpy(), minlength=len(levels) + 1) if levels else np.array([len(text)])
    return {"levels": [short(level) for level in levels], "counts": counts[:-1], "other": int(counts[-1])}


def target(patient: Patient) -> list[dict[str, Any]]:
    """How each target is distributed in every part that has rows, by the same bins or levels."""
    return [of_target(patient, t, name) for t, name in enumerate(patient.target)]


def of_target(patient: Patient, t: int, name: str) -> dict[str, Any]:
    """The distributions of one target."""
    coding, column = patient.experiment.coding, patient.frame[name]
    parts = {part: patient.is_in(part) for part in PARTS if patient.is_in(part).any()}
    found: dict[str, Any] = {"name": name}
    if isinstance(coding, Values):
        values = patient.truth[:, t].astype(np.float64)
        edges = edges_of(values, BARS)
        return found | {part: binned(values[rows], edges) for part, rows in parts.items()}
    counts = plain_text(column).value_counts(name="rows").sort(["rows", name], descending=[True, False])
    common = set(counts.head(MOST_LEVELS)[name])
    levels = [label for label in labels_of(patient, t) if label in common]
    return found | {part: by_level(column.filter(pl.Series(rows)), levels) for part, rows in parts.items()}


def labels_of(patient: Patient, t: int) -> tuple[str, ...]:
    """The labels of a target, in order."""
    coding = patient.experiment.coding
    if coding.kind == "classes":
        return coding.labels
    return coding.pairs[t] if coding.kind == "labels" else ()


def split(patient: Patient) -> dict[str, Any]:
    """How the rows were parted, in words, and how many each part has."""
    chosen = patient.experiment.config.data.split
    networks = patient.experiment.config.training.networks
    parts = [
        name for name in PARTS if networks == 1 or name != "valid"
    ]  # a bag validates on the rows that it trains on
    rows = {name: int(patient.is_in(name).sum()) for name in parts}
    total = max(1, sum(rows.values()))
    shares = ", ".join(f"{n / total:.0%} {name}" for name, n in rows.items() if n)
    how = {
        "random": "at random",
        "in_order": "in the order of the table",
        "time": "in the order of time",
        "group": "by lot of groups",
        "column": "as a column says",
        "files": "by file",
        "kfold": "by folds",
    }[chosen.name]
    by = f" by `{column}`" if (column := getattr(chosen, "column", "")) else ""
    fold = f", fold {chosen.fold} of {chosen.folds}" if chosen.name == "kfold" and chosen.fold else ""
    alike = ", the target alike in each part" if getattr(chosen, "stratify", False) else ""
    alike += f"; each row to train on validates one of {networks} networks" if networks > 1 else ""
    return {"name": chosen.name, "told": f"{how}{by}{fold}: {shares}{alike}", "rows": rows}
