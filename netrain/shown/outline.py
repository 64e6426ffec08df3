"""What will be trained, in a few lines: what was decided of table, target, columns, split and recipe, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import PurePath
from textwrap import wrap
from typing import assert_never

import numpy as np
from rich.console import Console
from rich.text import Text

from netrain.data.columns import Drop
from netrain.data.evidence import shown
from netrain.data.lots import PARTS
from netrain.data.target import Classes, Labels
from netrain.doctor import Patient
from netrain.experiment import Experiment
from netrain.nn.models import Linear, Mlp, Model, Realmlp, Resnet, Tabm
from netrain.shown.summary import flow, literal
from netrain.wording import in_short

CLASSES = 4  # told with their shares, at most
WORDS = {
    "numeric": ("number", "numbers"),
    "one_hot": ("category of an input a level", "categories of an input a level"),
    "embedding": ("embedded category", "embedded categories"),
    "boolean": ("yes-or-no", "yes-or-nos"),
    "datetime": ("date", "dates"),
}


def outline(patient: Patient, table: str) -> dict[str, list[str]]:
    """Facts by what they are about."""
    experiment = patient.experiment
    return {
        "table": [PurePath(table).name, f"{len(patient.frame):,} rows", f"{patient.frame.width} columns"],
        "target": target(patient),
        "columns": columns(patient),
        "split": split(experiment),
        "model": model(experiment),
        "training": training(experiment),
    }


def tell(lines: Mapping[str, list[str]], console: Console) -> None:
    """The facts, each on its line, or on several where it is narrow."""
    for name, pieces in lines.items():
        width = max(20, console.width - 10)
        short = [part for piece in pieces for part in wrap(literal(piece, console), width)]
        for i, line in enumerate(flow(map(Text, short), width)):
            console.print(Text.assemble((f"{'' if i else name:<10}", "dim"), line), soft_wrap=True)


def target(patient: Patient) -> list[str]:
    """What is predicted, and why it is classes or numbers."""
    experiment, truth = patient.experiment, patient.truth
    coding = experiment.coding
    first = experiment.reason or f"{experiment.config.task} of {in_short(coding.names)}"
    match coding:
        case Classes():
            counts = np.bincount(truth, minlength=coding.classes)
            order = np.argsort(-counts, kind="stable")[:CLASSES]
            shares = [f"`{coding.labels[i]}` {counts[i] / max(1, len(truth)):.1%}" for i in order]
            more = f" and {coding.classes - CLASSES} more" if coding.classes > CLASSES else ""
            return [first, f"{coding.classes} classes: " + ", ".join(shares) + more]
        case Labels():
            shares = [
                f"`{names[1]}` of `{name}` {y.mean():.1%}"
                for name, names, y in zip(coding.names, coding.pairs, truth.T, strict=True)
            ]
            return [first, *shares]
        case _:
            ranges = [f"from {shown(y.min())} to {shown(y.max())}, mean {y.mean():g}" for y in truth.T]
            several = len(coding.names) > 1
            return [
                first,
                *(f"`{name}` {said}" if several else said for name, said in zip(coding.names, ranges, strict=True)),
            ]


def columns(patient: Patient) -> list[str]:
    """How many columns are inputs of each kind, and which are left out."""
    counts: Counter[str] = Counter(fitted.kind for fitted in patient.experiment.preprocessor.columns)
    pieces = [f"{counts[kind]} {words[counts[kind] > 1]}" for kind, words in WORDS.items() if counts[kind]]
    out = [name for name, column in patient.columns.items() if isinstance(column, Drop)]
    if patient.experiment.start:
        out = []
    weight = patient.experiment.config.data.weight
    weights = [f"each row weighs as `{weight}` says, in all figures too"] if weight else []
    return [*pieces, *weights, *([f"left out: {in_short(out)}"] if out else [])]


def split(experiment: Experiment) -> list[str]:
    """By what the rows are parted, and into how many each."""
    chosen = experiment.config.data.split
    alike = ", the target alike in each part" if getattr(chosen, "stratify", False) else ""
    by = f" by `{column}`" if (column := getattr(chosen, "column", "")) else ""
    sizes = [f"{len(experiment.parts[name].rows):,} {name}" for name in PARTS]
    if (networks := experiment.config.training.networks) > 1:
        sizes = [f"{sizes[0]}, those to validate on among them", f"in {networks} folds", sizes[2]]
    return [f"{chosen.name}{by}{alike}", *sizes]


def model(experiment: Experiment) -> list[str]:
    """The network and its size."""
    networks = experiment.config.training.networks
    return [
        *([f"{networks} networks, each validated on a fold that it does not see"] if networks > 1 else []),
        shape(experiment.config.model),
        f"{experiment.network().flat.trained:,} weights" + (" each" if networks > 1 else ""),
        f"loss {experiment.loss.name}",
    ]


def shape(chosen: Model) -> str:
    """What a model is made of."""
    match chosen:
        case Linear():
            return "linear"
        case Mlp():
            return f"mlp of hidden layers {', '.join(map(str, chosen.hidden))}"
        case Realmlp():
            return f"realmlp of hidden layers {', '.join(map(str, chosen.hidden))}"
        case Tabm():
            layers = ", ".join(map(str, chosen.hidden))
            return f"tabm of {chosen.members} members, hidden layers {layers}"
        case Resnet():
            return f"resnet of {chosen.blocks} blocks of {chosen.width} and {chosen.hidden} units"
        case _:
            assert_never(chosen)


def training(experiment: Experiment) -> list[str]:
    """The recipe."""
    config = experiment.config
    recipe, preset = config.training, config.preset
    rules = [rule.name for rule in recipe.stop if rule.name != "never"]
    return [
        *([f"preset {preset}"] if preset != "none" else []),
        f"{recipe.optimizer.name} at {recipe.optimizer.learning_rate:g}",
        f"{recipe.schedule.name} schedule",
        f"batches of {recipe.batch_size:,}",
        f"{recipe.epochs} epochs" + (" at most" if rules else ""),
        *([f"stops by {', '.join(rules)}"] if rules else []),
    ]
