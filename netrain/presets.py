"""Recipes by name: what fills `model` and `training` where a config is silent."""

from __future__ import annotations

from typing import Any

PRESETS: dict[str, dict[str, Any]] = {
    "fast": {
        "model": {"name": "mlp", "hidden": [64, 64]},
        "training": {
            "epochs": 40,
            "batch_size": 256,
            "optimizer": {"name": "adamw", "learning_rate": 3e-3},
            "stop": {"name": "patience", "epochs": 8},
        },
    },
    "default": {
        "model": {"name": "mlp", "hidden": [128, 128], "dropout": 0.1},
        "training": {
            "epochs": 100,
            "batch_size": 128,
            "optimizer": {"name": "adamw", "learning_rate": 2e-3},
            "stop": {"name": "patience", "epochs": 15},
        },
    },
}


def fill(data: dict[str, Any]) -> dict[str, Any]:
    """A config's data with its preset below it; the file wins key by key. The data itself is not changed."""
    name = data.get("preset", "none" if "model" in data else "default")
    if not isinstance(name, str) or name not in PRESETS:
        return data
    return {"preset": name, **overlay(PRESETS[name], data)}


def overlay(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Both mappings as one; a choice of another name replaces the one below it whole."""
    merged = dict(below)
    for key, value in above.items():
        under = below.get(key)
        merged[key] = value
        if isinstance(value, dict) and isinstance(under, dict):
            same = value.get("name", under.get("name")) == under.get("name")
            merged[key] = overlay(under, value) if same else value
    return merged
