"""`netrain check`: the doctor, before any epoch."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from netrain.config import Source
from netrain.data.evidence import evidence
from netrain.data.lots import PARTS
from netrain.doctor import Patient, examine, patient_of
from netrain.doctor.cost import Cost, cost_of
from netrain.errors import GateError
from netrain.finding import Finding
from netrain.hints import as_arguments
from netrain.outline import outline, tell
from netrain.prepare import prepare, read_tables
from netrain.single import check_defined, resolve
from netrain.sources import said, source_of
from netrain.summary import duration, literal, say

MOST_COLUMNS = 60  # told one by one
MB = 1e6


@dataclass(frozen=True)
class Checked:
    """What the doctor found of a config, and what its training will take."""

    source: Source
    patient: Patient
    findings: tuple[Finding, ...]
    cost: Cost

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        experiment, frame = self.patient.experiment, self.patient.frame
        return {
            "task": experiment.config.task,
            "target": list(self.patient.target),
            "rows": {name: len(experiment.parts[name].rows) for name in PARTS},
            "columns": {
                name: {"kind": column.name, "evidence": evidence(frame[name], column)}
                for name, column in self.patient.columns.items()
            },
            "notes": [*filter(None, [experiment.reason]), *experiment.notes],
            "findings": [finding.to_json() for finding in self.findings],
            "cost": asdict(self.cost),
        }


def check(what: Path, target: Sequence[str], preset: str, overrides: Sequence[str]) -> Checked:
    """Everything that training would do up to its first epoch, and the doctor's findings. Saves nothing."""
    with said(what, target):
        return examined(source_of(what, target, preset, overrides))


def examined(source: Source) -> Checked:
    """The same of a config."""
    source, basis = resolve(source)
    reads = read_tables(source, basis.preprocessor if basis else None)
    experiment = prepare(source, reads, basis)
    check_defined(experiment)
    patient = patient_of(experiment, reads.table)
    return Checked(source, patient, examine(patient), cost_of(experiment))


def print_checked(checked: Checked, train: Sequence[str], console: Console) -> None:
    """What will be trained, what it takes, what each column is, and every finding. `train`: the command."""
    patient, cost = checked.patient, checked.cost
    table = checked.source.config.data.path
    costs = [
        f"{cost.steps:,} steps an epoch",
        f"{duration(cost.seconds)} an epoch",
        f"{cost.memory / MB:,.1f} MB to train in",
    ]
    tell(outline(patient, table) | {"cost": costs}, console)
    for note in patient.experiment.notes:
        say(console, as_arguments(note) if checked.source.bare else note)
    if len(patient.columns) <= MOST_COLUMNS:
        console.print()
        width = min(24, max(map(len, patient.columns), default=0))
        for name, column in patient.columns.items():
            line = f"{name:<{width}}  {column.name:<11}  {evidence(patient.frame[name], column)}"
            console.print(Text(literal(line, console)), soft_wrap=True)
    console.print()
    for finding in checked.findings:
        for line in f"warning: {finding}".splitlines():
            say(console, line)
        console.print()
    settings = [word for finding in checked.findings for value in finding.settings for word in ("--set", value)]
    if not checked.findings:
        say(console, "nothing found that stands against training")
    elif settings:
        count = len(checked.findings)
        say(console, f"{count} finding{'s' * (count > 1)}; with all of them mended:")
        console.print(Text(shlex.join([*train, *settings])), soft_wrap=True)
    else:
        say(console, "no key mends this")


def missed(checked: Checked) -> GateError | None:
    """The error of a table with findings, where none may be."""
    count = len(checked.findings)
    if not count:
        return None
    return GateError(
        f"{count} finding{'s' * (count > 1)}: " + ", ".join(dict.fromkeys(f.kind for f in checked.findings)),
        hint="mend them, or check without `--strict`",
    )
