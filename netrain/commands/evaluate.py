"""`netrain evaluate`: the figures of a checkpoint on a part of its split, or on another table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from netrain.bundle import Bundle, load_bundle
from netrain.config import read_config
from netrain.data.table import read_table
from netrain.data.target import rows_with_target
from netrain.errors import DataError, GateError, UsageError, did_you_mean
from netrain.experiment import Part, part_of, threads
from netrain.hints import as_trained, hints
from netrain.prepare import again
from netrain.report import intervals, part_scores
from netrain.run import run_of

REQUIREMENT = re.compile(r"\s*(\w+)\s*(>=|<=|>|<)\s*([-+0-9.eE]+)\s*")


@hints(as_trained)
def evaluate(checkpoint: Path, data: Path | None, split: str) -> dict[str, Any]:
    """{task, split, rows, metrics, intervals}, metrics flat."""
    bundle = load_bundle(checkpoint)
    part = part_of_table(bundle, data) if data else part_of_run(bundle, checkpoint, split)
    if not len(part.rows):
        raise DataError(
            f"the {split} part has no rows", where=str(checkpoint), hint="`--split` or `--data` names others"
        )
    with threads(bundle.config, bundle.network):
        of, _ = part_scores(bundle.loss, bundle.coding, bundle.network, part)
    return {
        "task": bundle.loss.task,
        "split": str(data) if data else split,
        "rows": len(part.rows),
        "metrics": of.score(part.weights),
        "intervals": intervals(of, bundle.config.seed, part.weights),
    }


def part_of_run(bundle: Bundle, checkpoint: Path, split: str) -> Part:
    """The rows that the run's record gives to a part. Raises DataError where the table changed."""
    run = run_of(checkpoint)
    if run is None:
        raise UsageError(
            "this checkpoint lies in no run, so there is no record of its split",
            where=str(checkpoint),
            hint="`--data TABLE` scores it on a table",
        )
    source = read_config(run.config)
    return again(source, run.split_record(), bundle.preprocessor, bundle.coding).parts[split]


def part_of_table(bundle: Bundle, path: Path) -> Part:
    """All rows of a table that have a target."""
    data, coding = bundle.config.data, bundle.coding
    table = read_table(str(path), data, text=bundle.preprocessor.text, numbers=bundle.preprocessor.numeric)
    used = rows_with_target(table, coding.names, drop=data.missing_target == "drop")
    whole = table.take(used)
    bundle.preprocessor.check(whole.frame, whole.path)
    return part_of(whole, data.weight, bundle.preprocessor, coding)


def meet(figures: dict[str, Any], requirements: list[str]) -> None:
    """Raise GateError for the requirements that the metrics do not meet; UsageError for what is none."""
    metrics = figures["metrics"]
    missed = []
    for requirement in requirements:
        match = REQUIREMENT.fullmatch(requirement)
        if match is None:
            raise UsageError(f"`--require {requirement}` is not METRIC>=NUMBER", hint='for example "accuracy>=0.9"')
        name, sign, bound = match.groups()
        if name not in metrics:
            message = f"`--require {requirement}`: `{name}` is not a metric here"
            raise UsageError(message, hint=did_you_mean(name, metrics))
        value, limit = metrics[name], number(bound, requirement)
        met = (
            value is not None
            and {
                ">=": value >= limit,
                "<=": value <= limit,
                ">": value > limit,
                "<": value < limit,
            }[sign]
        )
        if not met:
            missed.append(f"{name} is {'not defined' if value is None else f'{value:.6g}'}, required {sign} {bound}")
    if missed:
        raise GateError("; ".join(missed))


def number(text: str, requirement: str) -> float:
    """The number of a requirement."""
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"`--require {requirement}`: `{text}` is not a number", hint="such as 0.9 or 1e-3") from None
