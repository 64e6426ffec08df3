"""`netrain inspect`: what a checkpoint holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from netrain.bundle import Bundle, load_bundle
from netrain.data.features import FittedNumeric
from netrain.data.target import Classes


def inspect(checkpoint: Path) -> dict[str, Any]:
    """Its facts, inputs, parameters and config, as JSON data."""
    bundle = load_bundle(checkpoint)
    flat = bundle.network.flat
    return {
        "file": str(checkpoint),
        "bytes": checkpoint.stat().st_size,
        "kind": bundle.facts["kind"],
        "netrain": bundle.facts["netrain"],
        "epoch": bundle.facts["epoch"],
        "valid": bundle.facts["figures"],
        "task": bundle.loss.task,
        "target": target(bundle),
        "inputs": inputs(bundle),
        "parameters": flat.trained,
        "tensors": {name: list(view.shape) for name, view in flat.named.items()},
        "fingerprint": bundle.facts["fingerprint"],
        "config": bundle.facts["config"],
    }


def target(bundle: Bundle) -> dict[str, Any]:
    """The target column with its classes, or its mean and deviation."""
    coding = bundle.coding
    if isinstance(coding, Classes):
        return {"column": coding.column, "classes": list(coding.labels)}
    return {"column": coding.column, "mean": coding.mean, "deviation": coding.deviation}


def inputs(bundle: Bundle) -> list[dict[str, Any]]:
    """Each column with what it became."""
    return [
        {"column": c.column, "kind": c.kind, "mean": c.mean, "scale": c.scale}
        if isinstance(c, FittedNumeric)
        else {"column": c.column, "kind": c.kind, "levels": len(c.levels)}
        for c in bundle.preprocessor.columns
    ]


def lines(facts: dict[str, Any]) -> list[str]:
    """The same for people."""
    aim = facts["target"]
    what = (
        ", ".join(aim["classes"]) if "classes" in aim else f"mean {aim['mean']:.6g}, deviation {aim['deviation']:.6g}"
    )
    rows = [
        f"{facts['file']}: {facts['kind']} checkpoint of netrain {facts['netrain']}, {facts['bytes']:,} bytes",
        f"epoch      {facts['epoch']}",
        f"task       {facts['task']} of `{aim['column']}`: {what}",
        f"model      {facts['config']['model']['name']}, {facts['parameters']:,} parameters",
        *(f"           {name} {' x '.join(map(str, shape))}" for name, shape in facts["tensors"].items()),
        "inputs",
    ]
    for column in facts["inputs"]:
        more = (
            f"{column['levels']} levels"
            if "levels" in column
            else f"mean {column['mean']:.6g}, scale {column['scale']:.6g}"
        )
        rows.append(f"           {column['column']}: {column['kind']}, {more}")
    figures = ", ".join(f"{k} {v:.4g}" for k, v in facts["valid"].items() if v is not None)
    return [*rows, f"valid      {figures}"] if figures else rows
