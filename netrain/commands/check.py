"""`netrain check`: the doctor, before any epoch."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from netrain.config import Source, split_key
from netrain.data.evidence import evidence
from netrain.data.lots import PARTS
from netrain.doctor import Patient
from netrain.doctor.cost import Cost, cost_of
from netrain.errors import GateError, NetrainError
from netrain.finding import Finding
from netrain.hints import as_arguments
from netrain.prepare import prepare, read_tables
from netrain.shown.outline import outline, tell
from netrain.shown.summary import duration, literal, say
from netrain.single import examined, resolve, untold
from netrain.sources import said, source_of
from netrain.wording import counted
from netrain.yaml12 import inline, load

MOST_COLUMNS = 60  # told one by one
MB = 1e6


@dataclass(frozen=True)
class Checked:
    """A config examined, and what its training will take."""

    source: Source
    patient: Patient
    cost: Cost
    mends: tuple[str, ...]  # KEY=VALUE, which together mend what is certain, and train

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the doctor found."""
        return self.patient.experiment.findings

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
        source, basis = resolve(source_of(what, target, preset, overrides))
        patient = examined(source, basis)
        mends = merged(patient.experiment.findings)
        if mends and not trains(what, target, preset, [*overrides, *mends]):
            mends = ()
        return Checked(source, patient, cost_of(patient.experiment), mends)


def merged(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The settings that mend all findings for certain; the first for a key holds, but lists are united."""
    settings: dict[str, str] = {}
    for finding in findings:
        for told in finding.settings if finding.kind != "suspect" else ():
            at = split_key(told)[1][-1]  # where the value starts
            key, value = told[:at], told[at:]
            settings[key] = key + (united(settings[key][at:], value) if key in settings else value)
    return tuple(settings.values())


def united(first: str, second: str) -> str:
    """Two lists, as settings write them, as one; of other values the first."""
    both = [load(f"of: {value}", "").data["of"] for value in (first, second)]
    return inline([*dict.fromkeys(both[0] + both[1])]) if all(isinstance(of, list) for of in both) else first


def trains(what: Path, target: Sequence[str], preset: str, overrides: Sequence[str]) -> bool:
    """Whether a training would reach its first epoch."""
    try:
        source, basis = resolve(source_of(what, target, preset, overrides))
        prepare(source, read_tables(source, basis.preprocessor if basis else None), basis)
    except NetrainError:
        return False
    return True


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
    for note in untold(patient.experiment):
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
    if not checked.findings:
        say(console, "nothing found that stands against training")
        return
    say(console, counted(len(checked.findings), "finding") + ("; mended:" if checked.mends else ""))
    if checked.mends:
        words = [word for setting in checked.mends for word in ("--set", setting)]
        console.print(Text(shlex.join([*train, *words])), soft_wrap=True)


def missed(checked: Checked) -> GateError | None:
    """The error of a table with findings, where none may be."""
    if not checked.findings:
        return None
    kinds = ", ".join(dict.fromkeys(finding.kind for finding in checked.findings))
    return GateError(
        f"{counted(len(checked.findings), 'finding')}: {kinds}", hint="mend them, or check without `--strict`"
    )
