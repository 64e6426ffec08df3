"""Recipes by name: what fills a config where it is silent, first for any table, then for the one that was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Recipe = dict[str, Any]
Preset = Literal["none", "fast", "default", "best"]
USUAL: Preset = "default"  # where nothing names another

FOR_SIZE = ("epochs", "batch_size")  # all that a recipe says of the training of another model than its own


@dataclass(frozen=True)
class Facts:
    """What a recipe looks at: the rows to train on, the columns that may be inputs, the classes of the target."""

    rows: int = 10_000
    columns: int = 16
    classes: int = 2  # 0 where it is values or labels


UNREAD = Facts()


def fast(facts: Facts) -> Recipe:
    """Four narrow members and few epochs: seconds."""
    return recipe(facts, members=4, width=64, bins=24, size=8, epochs=0.4, rate=2.0)


def default(facts: Facts) -> Recipe:
    """Eight members that share most weights, over a curve of each number; about ten seconds for 10,000 rows."""
    return recipe(facts, members=8, width=128, bins=32, size=16, epochs=1.0, rate=1.0)


def best(facts: Facts) -> Recipe:
    """More and wider members, trained for longer, in a bag; minutes."""
    whole = recipe(facts, members=16, width=192, bins=48, size=16, epochs=1.2, rate=0.8)
    whole["training"]["bag"] = bag(facts.rows)
    return whole


def recipe(facts: Facts, *, members: int, width: int, bins: int, size: int, epochs: float, rate: float) -> Recipe:
    """An ensemble inside one network. `epochs`, `rate`: factors on those of the table and its task.

    Members see the same rows: that costs little accuracy and saves much time. The rate falls to nothing, so that the
    last epochs are good ones and none needs to be waited for. Many classes take a faster rate, which two overfit by.
    """
    many = facts.classes > 2
    learning_rate, weight_decay = (8e-3, 2e-2) if many else (5e-3, 3e-4)
    return {
        "data": {"numeric": {"scale": "quantile"}},
        "model": {
            "name": "tabm",
            "ensemble": members,
            "own_rows": False,
            "hidden": [width, width],
            "activation": "silu" if many else "relu",
            "dropout": 0.1,
            "numeric_embedding": curves(facts.columns, bins, size),
        },
        "training": {
            "epochs": max(1, round(epochs * epochs_of(facts.rows))),
            "batch_size": batch_size(facts.rows),
            "optimizer": {"name": "adamw", "learning_rate": rate * learning_rate, "weight_decay": weight_decay},
            "schedule": "cosine",
            "clip": "norm",
            "stop": "never",
        },
    }


def curves(columns: int, bins: int, size: int) -> Recipe:
    """What stands for a number: less of it where there are many, so that the first layer stays small."""
    if columns >= VERY_WIDE:
        return {"name": "none"}
    return {"name": "ple", "bins": bins, "size": size} if columns < WIDE else {"name": "ple", "bins": 12, "size": 4}


WIDE = 64  # columns from which on small curves are more exact, too
VERY_WIDE = 512  # columns from which on curves take too long
STEPS = 200  # an epoch, about, where there are many rows


def batch_size(rows: int) -> int:
    """Small batches for small tables, which need the steps; for large ones as many rows as make 200 to 400 steps."""
    size = 32 if rows < 1_500 else 64
    while size < 1024 and size * STEPS < rows:
        size *= 2
    return size


def bag(rows: int) -> int:
    """Fewer networks for large tables, which take longer and have less to gain from it."""
    return 5 if rows < 15_000 else 3 if rows < 60_000 else 1


def epochs_of(rows: int) -> int:
    """Fewer for large tables, whose epochs have more to tell."""
    return 40 if rows < 15_000 else 24 if rows < 60_000 else 16


RECIPES: Mapping[str, Callable[[Facts], Recipe]] = {"fast": fast, "default": default, "best": best}


def fill(data: Recipe, facts: Facts = UNREAD) -> Recipe:
    """A config's data with its preset below it; the file wins key by key. The data itself is not changed."""
    name = data.get("preset", "none" if "model" in data else USUAL)
    if not isinstance(name, str) or name not in RECIPES:
        return data
    recipe = RECIPES[name](facts)
    if named(data.get("model")) not in ("", recipe["model"]["name"]):
        recipe["training"] = {key: recipe["training"][key] for key in FOR_SIZE}
    if not by_lot(data.get("data")):
        recipe["training"].pop("bag", None)
    return {"preset": name, **overlay(recipe, data)}


def by_lot(data: Any) -> bool:
    """Whether a config's rows are split by lot, so that a bag may draw its folds from them as well."""
    split = data.get("split", "random") if isinstance(data, dict) else "random"
    by_time = isinstance(split, dict) and split.get("by") == "time"
    return named(split) in ("random", "group", "kfold", "") and not by_time


def named(choice: Any) -> str:
    """The name of a choice, however it is written; empty where there is none."""
    name = choice.get("name", "") if isinstance(choice, dict) else choice
    return name if isinstance(name, str) else ""


def overlay(below: Recipe, above: Recipe) -> Recipe:
    """Both mappings as one; a choice of another name replaces the one below it whole."""
    merged = dict(below)
    for key, value in above.items():
        under = below.get(key)
        over = {"name": value} if isinstance(value, str) and isinstance(under, dict) else value
        merged[key] = value
        if isinstance(over, dict) and isinstance(under, dict):
            same = over.get("name", under.get("name")) == under.get("name")
            merged[key] = overlay(under, over) if same else value
    return merged
