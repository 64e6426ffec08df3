"""`netrain inspect`: what a checkpoint holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_never

from netrain.bundle import Bundle, load_bundle
from netrain.data.fitted import Fitted, FittedBoolean, FittedDatetime, FittedEmbedding, FittedNumeric, FittedOneHot
from netrain.data.target import Classes, Labels, Values


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
    """The target columns with their classes, or with means and deviations."""
    match bundle.coding:
        case Classes() as coding:
            return {"column": coding.column, "classes": list(coding.labels)}
        case Labels() as coding:
            return {"columns": list(coding.names), "labels": [list(pair) for pair in coding.pairs]}
        case Values() as coding:
            facts = {"means": list(coding.means), "deviations": list(coding.deviations)}
            return {"columns": list(coding.names), **facts, "quantiles": list(coding.quantiles)}
        case _:
            assert_never(bundle.coding)


def inputs(bundle: Bundle) -> list[dict[str, Any]]:
    """Each column with what it became."""
    return [told_of(fitted) for fitted in bundle.preprocessor.columns]


def told_of(fitted: Fitted) -> dict[str, Any]:
    """A column, its kind, and the fact that says most of it."""
    head = {"column": fitted.column, "kind": fitted.kind}
    match fitted:
        case FittedNumeric():
            return head | {"scale": fitted.scale.kind, "fill": fitted.fill, "indicator": fitted.indicator}
        case FittedOneHot() | FittedEmbedding():
            return head | {"levels": fitted.levels.count}
        case FittedDatetime():
            return head | {"format": fitted.format, "parts": list(fitted.parts), "elapsed": bool(fitted.elapsed)}
        case FittedBoolean():
            return head
        case _:
            assert_never(fitted)


def lines(facts: dict[str, Any]) -> list[str]:
    """The same for people."""
    rows = [
        f"{facts['file']}: {facts['kind']} checkpoint of netrain {facts['netrain']}, {facts['bytes']:,} bytes",
        f"epoch      {facts['epoch']}",
        f"task       {facts['task']} of {aim(facts['target'])}",
        f"model      {facts['config']['model']['name']}, {facts['parameters']:,} parameters",
        *(f"           {name} {' x '.join(map(str, shape))}" for name, shape in facts["tensors"].items()),
        "inputs",
    ]
    for column in facts["inputs"]:
        more = ", ".join(f"{key} {shown(value)}" for key, value in column.items() if key not in ("column", "kind"))
        rows.append(f"           {column['column']}: {column['kind']}" + (f", {more}" if more else ""))
    figures = ", ".join(f"{k} {v:.4g}" for k, v in facts["valid"].items() if v is not None)
    return [*rows, f"valid      {figures}"] if figures else rows


def aim(target: dict[str, Any]) -> str:
    """The target in words."""
    if "classes" in target:
        return f"`{target['column']}`: {', '.join(target['classes'])}"
    names = ", ".join(f"`{name}`" for name in target["columns"])
    if "labels" in target:
        return f"{names}: {', '.join(' or '.join(pair) for pair in target['labels'])}"
    mean, deviation = (", ".join(f"{v:.6g}" for v in target[key]) for key in ("means", "deviations"))
    return f"{names}: mean {mean}, deviation {deviation}"


def shown(value: Any) -> str:
    """A fact on a line."""
    if isinstance(value, list):
        return " ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
