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

from netrain.config import Config, with_paths
from netrain.data.lots import PARTS
from netrain.doctor import Patient
from netrain.experiment import Experiment
from netrain.metrics import MAIN
from netrain.nn.network import Network
from netrain.report.figures import figures_of, table_figures
from netrain.report.learning import learning
from netrain.report.linear import linear
from netrain.report.numbers import tidy
from netrain.report.scoring import baseline, details, intervals, part_scores
from netrain.report.subject import Subject
from netrain.training.fit import State
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


def build_report(patient: Patient, network: Network, state: State, story: Story) -> dict[str, Any]:
    """All figures of a run, with the weights of its best epoch in `network`."""
    experiment = patient.experiment
    coding, parts, config = experiment.coding, experiment.parts, experiment.config
    filled = [name for name in PARTS if len(parts[name].rows)]
    chosen = shown_part(experiment)
    metrics, subject = {}, None
    for name in filled:
        of, prediction = part_scores(experiment.loss, coding, network, parts[name])
        metrics[name] = of.score(parts[name].weights)
        if name == chosen:
            scores = of
            subject = subject_of(patient, network, name, prediction)
    assert subject is not None
    watched = name_of_test(filled)
    found = {name: intervals(scores, config.seed, parts[name].weights) for name in watched}
    return {
        "run": story.run,
        "command": story.command,
        "task": config.task,
        "target": ", ".join(coding.names),
        "main": MAIN[experiment.loss.task],
        "metric": config.metric,
        "rows": {name: len(parts[name].rows) for name in PARTS},
        "metrics": metrics,
        "intervals": found,
        "baseline": {name: baseline(coding, parts["train"], parts[name]) for name in watched},
        "linear": {} if story.brief else {name: line for name in watched if (line := linear(experiment, name))},
        "details": {name: details(coding, parts[name], subject.prediction) for name in watched},
        "epochs": state.epoch,
        "best_epoch": state.best_epoch,
        "stopped": {"reason": story.reason},
        "seconds": round(story.seconds, 3),
        "time": {name: round(seconds, 3) for name, seconds in story.time.items()},
        "parameters": network.flat.trained,
        "notes": [*filter(None, [experiment.reason]), *experiment.notes],
        "findings": [finding.to_json() for finding in experiment.findings],
        "advice": [],
        "versions": versions(),
        "config": mailed(config).to_yaml(),
        "figures": tidy(
            {
                "part": chosen,
                "learning": learning(story.epochs, state.best_epoch, [experiment.main, config.metric]),
                **figures_of(subject, brief=story.brief),
                **table_figures(patient),
            }
        ),
    }


def name_of_test(filled: Iterable[str]) -> list[str]:
    """The part that no training has seen, in a list; none where there is none."""
    unseen = [name for name in filled if name != "train"]
    return unseen[-1:]


def shown_part(experiment: Experiment) -> str:
    """The part whose rows the figures show: the test rows, else those of validation, else those of training."""
    return next(name for name in reversed(PARTS) if len(experiment.parts[name].rows))


def subject_of(patient: Patient, network: Network, name: str, prediction: Any) -> Subject:
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
