"""K networks, one a fold: each a run of its own, and together a mean, a spread and out-of-fold predictions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any

import numpy as np
from rich.console import Console

from netrain.bag import begin, go_on, trained
from netrain.basis import Basis
from netrain.config import Source, read_config
from netrain.data.lots import PARTS
from netrain.data.split import KFold
from netrain.data.target import TargetCoding
from netrain.doctor import trained_on
from netrain.experiment import Part, scores, threads
from netrain.inputs import Floats
from netrain.interrupts import Interrupts
from netrain.metrics import MAIN
from netrain.prepare import Reads, again, prepare, read_tables
from netrain.report import baseline, intervals, part_scores, versions
from netrain.runs.bundle import load_bundle
from netrain.runs.predictions import predictions, write_predictions
from netrain.runs.run import Run
from netrain.session import Ended
from netrain.shown.summary import folds_summary, network_line, say
from netrain.single import MAY_CHANGE, check_defined
from netrain.storage import remove
from netrain.training.fit import Figures
from netrain.wording import counted


def all_folds(source: Source) -> bool:
    """Whether the config asks for every fold of a k-fold."""
    split = source.config.data.split
    return isinstance(split, KFold) and split.fold == 0


def read_folds(source: Source, basis: Basis | None) -> tuple[Source, Reads]:
    """The table of all folds, and the config with what a preset says for it: the same in all folds.

    Raises ConfigError and DataError where a fold cannot be made of the table.
    """
    reads = read_tables(source, basis.preprocessor if basis else None)
    experiment = prepare(for_fold(source, 1), reads, basis)
    check_defined(experiment)
    told = {key: getattr(experiment.config, key) for key in ("model", "training", "loss", "metric")}
    config = source.config.model_copy(update=told)
    document = replace(source.document, data=config.model_dump(mode="json"))
    return replace(source, config=config, document=document), reads


def train_folds(
    source: Source,
    basis: Basis | None,
    reads: Reads,
    run: Run,
    *,
    console: Console,
    quiet: bool,
) -> int:
    """Train the folds that are not finished yet, then report on all; the exit code."""
    started = monotonic()
    split = source.config.data.split
    assert isinstance(split, KFold)
    runs = [run.fold(number) for number in range(1, split.folds + 1)]
    for number, fold in enumerate(runs, start=1):
        ended: Ended | str
        if fold.begun:
            ended = go_on(fold, as_all(fold, source), console=console, quiet=quiet, reads=reads)
        else:  # what a killed session left of it is made anew
            fold.clear()
            of, first = for_fold(source, number), number == 1  # what is decided is decided alike in all
            _, ended = begin(of, basis, "", fold.path, console=console, quiet=quiet, reads=reads, notes=first)
        if isinstance(ended, Ended):
            remove(run.report, run.page)  # of an earlier session: they would tell what is no longer so
        if isinstance(ended, Ended) and ended.asked:
            ended = ended.after(f"fold {number}/{split.folds}")
            ended.tell(fold, str(run.path), console, quiet=True)
            return ended.code
        if not quiet and isinstance(ended, str):
            say(console, f"fold {number}/{split.folds} is finished: {ended}")
        if not quiet:
            network_line(fold.read_report() or {}, f"fold {number}/{split.folds}", "test", console)
    with Interrupts():  # training has ended: a signal lets the report end, too
        report = folds_report(source, runs, reads, run)
        report["seconds"] = round(monotonic() - started, 3)
        run.write_report(report)
        if source.config.report.page:
            run.write_page(report)
    if not quiet:
        folds_summary(report, str(run.path), console)
    return 0


def for_fold(source: Source, number: int) -> Source:
    """The config of one fold, which needs no page of its own."""
    split = source.config.data.split.model_copy(update={"fold": number})
    data = source.config.data.model_copy(update={"split": split})
    report = source.config.report.model_copy(update={"page": False})
    return replace(source, config=source.config.model_copy(update={"data": data, "report": report}))


def as_all(fold: Run, source: Source) -> Source:
    """The config of a fold that has begun, with what a resume may have changed for all folds, this time or before."""
    own = read_config(fold.config)
    keys = [key.removeprefix("training.") for key in MAY_CHANGE if key.startswith("training.")]
    changed = {key: getattr(source.config.training, key) for key in keys}
    training = own.config.training.model_copy(update=changed)
    report = source.config.report.model_copy(update={"page": False})
    return replace(own, config=own.config.model_copy(update={"training": training, "report": report}))


def check_alike(source: Source, run: Run) -> None:
    """Raise ConfigError where a fold has trained for more epochs than all folds are to be trained for."""
    wanted, begun = source.config.training.epochs, read_config(run.config).config.training.epochs
    folds = [max(epochs_of(one) for one in fold.members() or [fold]) for fold in run.folds()]
    most = max(folds, default=0)
    if most > wanted:
        fold = run.folds()[folds.index(most)].path.name.replace("-", " ")
        again = "" if begun >= most else f" --set training.epochs={most}"
        raise source.document.error(
            ("training", "epochs"),
            f"{fold} has been trained for {counted(most, 'epoch')}: with {wanted:,} the folds would not be alike",
            f"`netrain resume {run.path}{again}` goes on to {max(begun, most):,} in every fold; or train anew",
        )


def epochs_of(run: Run) -> int:
    """How many epochs a network has been trained for."""
    last = trained(run)
    return last.checked.epoch if last else 0


@dataclass(frozen=True)
class Tested:
    """The test part of a fold: the numbers of its rows, what the network says of them, and the trivial answer."""

    rows: np.ndarray
    part: Part
    prediction: Floats
    coding: TargetCoding
    trivial: Figures


def tested(fold: Run, reads: Reads) -> Tested:
    """The predictions of a fold's best network for the rows it has not seen."""
    bundle = load_bundle(fold.best)
    record = fold.split_record()
    experiment = again(read_config(fold.config), record, bundle.preprocessor, bundle.coding, reads)
    part = experiment.parts["test"]
    with threads(bundle.config, bundle.network):
        _, prediction = part_scores(bundle.loss, bundle.coding, bundle.network, part)
    trivial = baseline(bundle.coding, experiment.parts["train"], part)
    return Tested(record.part("test"), part, prediction, bundle.coding, trivial)


def folds_report(source: Source, runs: Sequence[Run], reads: Reads, run: Run) -> dict[str, Any]:
    """Mean and spread of the folds' figures, and the figures of all out-of-fold predictions together."""
    reports = [fold.read_report() or {} for fold in runs]
    first = reports[0]
    parts = [tested(fold, reads) for fold in runs]
    write_predictions(
        run, [predictions(t.coding, reads.table.take(t.rows), n, t.prediction) for n, t in enumerate(parts, start=1)]
    )
    weights = [t.part.weights for t in parts if t.part.weights is not None]
    whole = np.concatenate(weights) if weights else None
    coding = parts[0].coding
    pooled = scores(
        coding, np.concatenate([t.part.truth for t in parts]), np.concatenate([t.prediction for t in parts])
    )
    return {
        "task": first["task"],
        "target": first["target"],
        "main": MAIN[first["task"]],
        "metric": first["metric"],
        "trivial": first["trivial"],
        "folds": [
            {"run": fold.path.name, "rows": r["rows"], "test": r["metrics"]["test"]}
            for fold, r in zip(runs, reports, strict=True)
        ],
        "rows": {"test": sum(len(t.rows) for t in parts)},
        "metrics": {part: mean([r["metrics"].get(part, {}) for r in reports]) for part in PARTS},
        "spread": {part: spread([r["metrics"].get(part, {}) for r in reports]) for part in PARTS},
        "baseline": {"test": mean([t.trivial for t in parts])},
        "out_of_fold": {
            "metrics": pooled.score(whole),
            "intervals": intervals(pooled, source.config.seed, whole),
        },
        "findings": [found.to_json() for found in trained_on([fold.split_record() for fold in runs])],
        "parameters": first["parameters"],
        "epochs": sum(r["epochs"] for r in reports),
        "stopped": {"reason": "all folds done"},
        "versions": versions(),
    }


def mean(figures: Sequence[Figures]) -> Figures:
    """Of each figure over the folds in which it is defined."""
    return {name: float(np.mean(values)) if values else None for name, values in columns(figures).items()}


def spread(figures: Sequence[Figures]) -> Figures:
    """The standard deviation of each figure over the folds; None for fewer than two."""
    return {n: float(np.std(v, ddof=1)) if len(v) > 1 else None for n, v in columns(figures).items()}


def columns(figures: Sequence[Figures]) -> dict[str, list[float]]:
    """The values of each figure that are there."""
    names = dict.fromkeys(name for of in figures for name in of)
    return {name: [v for of in figures if (v := of.get(name)) is not None] for name in names}
