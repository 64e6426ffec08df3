"""`netrain inspect`: what a checkpoint holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, assert_never

from netrain.data.target import Classes, Labels, Values
from netrain.runs.bundle import Bundle, load_bundle
from netrain.shown.treatment import told, treatments


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
        **({"members": bundle.facts["members"]} if bundle.checked.members else {}),
        "task": bundle.loss.task,
        "target": target(bundle),
        "inputs": treatments(bundle.preprocessor, bundle.config),
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


def lines(facts: dict[str, Any]) -> list[str]:
    """The same for people; long ones are wrapped where they are printed."""
    rows = [
        f"{facts['file']}: {facts['kind']} checkpoint of netrain {facts['netrain']}, {facts['bytes']:,} bytes",
        *([f"networks   {len(bag)}, the mean of which is the answer"] if (bag := facts.get("members")) else []),
        f"epoch      {', '.join(str(member['epoch']) for member in bag) if bag else facts['epoch']}",
        f"task       {facts['task']} of {aim(facts['target'])}",
        f"model      {facts['config']['model']['name']}, {facts['parameters']:,} parameters",
        *(f"           {name} {' x '.join(map(str, shape))}" for name, shape in first(facts["tensors"]).items()),
        "inputs",
    ]
    rows += [f"           {told(column)}" for column in facts["inputs"]]
    figures = ", ".join(f"{k} {v:.4g}" for k, v in facts["valid"].items() if v is not None)
    return [*rows, f"valid      {figures}"] if figures else rows


def first(tensors: dict[str, Any]) -> dict[str, Any]:
    """Those of one network: the others of a bag are alike."""
    return {name: shape for name, shape in tensors.items() if name.startswith("bag.0.") or name[:4] != "bag."}


def aim(target: dict[str, Any]) -> str:
    """The target in words."""
    if "classes" in target:
        return f"`{target['column']}`: {', '.join(target['classes'])}"
    names = ", ".join(f"`{name}`" for name in target["columns"])
    if "labels" in target:
        return f"{names}: {', '.join(' or '.join(pair) for pair in target['labels'])}"
    mean, deviation = (", ".join(f"{v:.6g}" for v in target[key]) for key in ("means", "deviations"))
    return f"{names}: mean {mean}, deviation {deviation}"
