"""Recipes by name: what fills a config where it is silent, first for any table, then for the one that was read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Recipe = dict[str, Any]
Preset = Literal["none", "fast", "default", "best"]
Kind = Literal["classes", "labels", "values"]

FITTED_TO_MODEL = ("optimizer", "schedule", "dropout_schedule", "decay_schedule", "average")  # another has its own


@dataclass(frozen=True)
class Facts:
    """What a recipe looks at: the rows to train on, the columns that are inputs, what the target is."""

    rows: int = 10_000
    columns: int = 16
    kind: Kind = "classes"


UNREAD = Facts()


def fast(facts: Facts) -> Recipe:  # noqa: ARG001
    """Seconds: a small network and few epochs."""
    return {
        "model": {"name": "mlp", "hidden": [64, 64]},
        "training": {
            "epochs": 40,
            "batch_size": 256,
            "optimizer": {"name": "adamw", "learning_rate": 3e-3},
            "stop": {"name": "patience", "epochs": 8},
        },
    }


def default(facts: Facts) -> Recipe:
    """RealMLP in a quarter of its epochs."""
    values = facts.kind == "values"
    return {
        "data": {"numeric": {"scale": "robust"}},
        "model": {"name": "realmlp", "activation": "mish" if values else "selu"},
        "training": {
            "epochs": 64,
            "batch_size": 256,
            "optimizer": {
                "name": "adamw",
                "learning_rate": 0.2 if values else 0.04,
                "beta2": 0.95,
                "weight_decay": 0.02,
            },
            "schedule": "coslog",
            "dropout_schedule": "flat_cosine",
            "decay_schedule": "flat_cosine",
            "ties": "last",
            "stop": "never",
        },
    }


RECIPES: Mapping[str, Callable[[Facts], Recipe]] = {"fast": fast, "default": default, "best": default}


def fill(data: Recipe, facts: Facts = UNREAD) -> Recipe:
    """A config's data with its preset below it; the file wins key by key. The data itself is not changed."""
    name = data.get("preset", "none" if "model" in data else "default")
    if not isinstance(name, str) or name not in RECIPES:
        return data
    recipe = RECIPES[name](facts)
    if named(data.get("model")) not in ("", recipe["model"]["name"]):
        recipe["training"] = {k: v for k, v in recipe["training"].items() if k not in FITTED_TO_MODEL}
    return {"preset": name, **overlay(recipe, data)}


def named(choice: Any) -> str:
    """The name of a choice, however it is written; empty where there is none."""
    name = choice.get("name", "") if isinstance(choice, dict) else choice
    return name if isinstance(name, str) else ""


def overlay(below: Recipe, above: Recipe) -> Recipe:
    """Both mappings as one; a choice of another name replaces the one below it whole."""
    merged = dict(below)
    for key, value in above.items():
        under = below.get(key)
        merged[key] = value
        if isinstance(under, dict) and (isinstance(value, dict) or value == under.get("name", ...)):
            over = value if isinstance(value, dict) else {}
            same = over.get("name", under.get("name")) == under.get("name")
            merged[key] = overlay(under, over) if same else value
    return merged


NAMES: tuple[str, ...] = get_args(Preset)
