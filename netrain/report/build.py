"""All that report.json holds."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import numpy as np
import polars as pl
import pydantic

from netrain.advice import advise
from netrain.config import Config, with_paths
from netrain.data.lots import PARTS
from netrain.data.table import Table
from netrain.doctor import Patient
from netrain.experiment import Part, scores
from netrain.metrics import MAIN
from netrain.nn.network import Network, Predictor
from netrain.nn.units import units
from netrain.report.figures import figures_of, table_figures
from netrain.report.learning import learning
from netrain.report.linear import linear
from netrain.report.numbers import tidy
from netrain.report.scoring import baseline, details, intervals, part_scores, trivial_words
from netrain.report.subject import Subject
from netrain.runs.bundle import Bundle
from netrain.training.fit import Figures, State
from netrain.version import __version__


@dataclass(frozen=True)
class Story:
    """What a run knows of itself beside its network: its name, how it came about and ended."""

    run: str
    command: str
    reason: str  # why training stopped
    seconds: float
    epochs: Iterable[Mapping[str, Any]]  # as `epochs.jsonl` has them
    time: Mapping[str, float]  # in seconds, by what it was spent on
    brief: bool = False  # was interrupted: what takes long is left for the end


def build_report(patient: Patient, network: Predictor, state: State, story: Story) -> dict[str, Any]:
    """All figures of a run, with the weights of its best epoch in `network`."""
    experiment = patient.experiment
    filled = [name for name in PARTS if len(experiment.parts[name].rows)]
    metrics: dict[str, Figures] = {}
    for name in filled:  # the last one is shown
        of, prediction = part_scores(experiment.loss, experiment.coding, network, experiment.parts[name])
        metrics[name] = of.score(experiment.parts[name].weights)
    subject = subject_of(patient, network, name, prediction)
    silent = units(network, experiment.parts["train"].rows.inputs) if isinstance(network, Network) else []
    told = learning(story.epochs, state.best_epoch, [experiment.main, experiment.config.metric], silent)
    untrained = [] if story.brief or (name == "valid" and experiment.record.held() is not None) else unseen(subject)
    lines = {name: line for name in untrained if (line := linear(experiment, name))}
    report = {
        "run": story.run,
        "command": story.command,
        **about(subject),
        "rows": {name: len(experiment.parts[name].rows) for name in PARTS},
        "metrics": metrics,
        "intervals": {name: intervals(of, experiment.config.seed, subject.part.weights) for name in unseen(subject)},
        **beside(patient, subject),
        "linear": lines,
        "epochs": state.epoch,
        "best_epoch": state.best_epoch,
        "stopped": {"reason": story.reason},
        "seconds": round(story.seconds, 3),
        "time": {name: round(seconds, 3) for name, seconds in story.time.items()},
        "figures": tidy(
            {
                "part": subject.name,
                **({"learning": told} if told["epochs"] else {}),
                **figures_of(subject, brief=story.brief),
                **table_figures(patient),
            }
        ),
    }
    return report | {"advice": advise(experiment.config, report, story.epochs)}


def part_report(subject: Subject, patient: Patient | None = None) -> dict[str, Any]:
    """The figures of one part alone, as `evaluate` shows them; `patient`: where it is a part of the run's own table."""
    name, weights = subject.name, subject.part.weights
    of = scores(subject.coding, subject.part.truth, subject.prediction)
    return {
        **about(subject),
        "rows": {name: len(subject.part.rows)},
        "metrics": {name: of.score(weights)},
        "intervals": {name: intervals(of, subject.config.seed, weights)},
        **({} if patient is None else beside(patient, subject)),
        "figures": tidy(
            {"part": name, **figures_of(subject), **({} if patient is None else table_figures(patient))},
        ),
    }


def about(subject: Subject) -> dict[str, Any]:
    """What is told of a network, whatever it is shown on."""
    config = subject.config
    return {
        "task": config.task,
        "target": ", ".join(subject.coding.names),
        "main": MAIN[subject.loss.task],
        "metric": config.metric,
        "trivial": trivial_words(subject.coding),
        "parameters": subject.network.flat.trained,
        "versions": versions(),
        "config": mailed(config).to_yaml(),
    }


def beside(patient: Patient, subject: Subject) -> dict[str, Any]:
    """What the table of the run adds: the trivial answer, details, notes and findings."""
    experiment = patient.experiment
    train, coding = experiment.parts["train"], subject.coding
    return {
        "baseline": {name: baseline(coding, train, subject.part) for name in unseen(subject)},
        "details": {name: details(coding, subject.part, subject.prediction) for name in unseen(subject)},
        "notes": [*filter(None, [experiment.reason]), *experiment.notes],
        "findings": [finding.to_json() for finding in experiment.findings],
    }


def unseen(subject: Subject) -> list[str]:
    """The name of the part, where no training has seen it."""
    return [] if subject.name == "train" else [subject.name]


def subject_of(patient: Patient, network: Predictor, name: str, prediction: Any) -> Subject:
    """A part of a run's table with what the network says of it."""
    experiment = patient.experiment
    return Subject(
        experiment.config,
        experiment.loss,
        experiment.preprocessor,
        experiment.coding,
        network,
        name,
        experiment.parts[name],
        patient.part(name),
        patient.numbers[patient.is_in(name)],
        prediction,
    )


def subject_of_table(bundle: Bundle, table: Table, part: Part, name: str) -> Subject:
    """The rows of any table, which became `part`, with what a checkpoint's network says of them."""
    _, prediction = part_scores(bundle.loss, bundle.coding, bundle.network, part)
    return Subject(
        bundle.config,
        bundle.loss,
        bundle.preprocessor,
        bundle.coding,
        bundle.network,
        name,
        part,
        table.frame,
        table.records + 1,
        prediction,
    )


def mailed(config: Config) -> Config:
    """The config with the names of its files alone, so that it may be mailed."""
    return with_paths(config, lambda path: PurePath(path).name)


def versions() -> dict[str, str]:
    """What the run was made with."""
    return {
        "netrain": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "polars": pl.__version__,
        "pydantic": pydantic.__version__,
    }
