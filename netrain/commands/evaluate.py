"""`netrain evaluate`: the figures of a checkpoint on a part of its split, or on another table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from netrain.commands.report import save_page
from netrain.config import read_config
from netrain.data.table import Table, read_table
from netrain.data.target import rows_with_target
from netrain.doctor import patient_of, trained_on
from netrain.errors import DataError, GateError, UsageError, did_you_mean
from netrain.experiment import Experiment, Part, no_scores, part_of, threads
from netrain.hints import as_trained, hints
from netrain.page import page
from netrain.prepare import again, declared, read_tables
from netrain.report import intervals, part_report, part_scores, subject_of, subject_of_table
from netrain.requirement import Requirement, requirement
from netrain.runs.bundle import Bundle, load_bundle
from netrain.runs.run import run_of


@hints(as_trained)
def evaluate(
    checkpoint: Path, data: Path | None, split: str, required: Sequence[str], html: Path | None = None
) -> tuple[dict[str, Any], GateError | None]:
    """{task, split, rows, metrics, intervals}, metrics flat; and the requirements that are not met.

    Of a table also {unseen, learned_from}: strange cells by column, and whether it is the one of the training. Of a run
    whose start was trained on such rows also {findings}, which say so.
    `html`: where a page of them goes.
    Raises UsageError for a requirement that is none before anything is scored.
    """
    bundle = load_bundle(checkpoint)
    requirements = [of_checkpoint(text, bundle) for text in required]
    unseen: dict[str, int] = {}
    more: dict[str, Any] = {}
    if data:
        text = [*bundle.preprocessor.text, *declared(bundle.config.data.columns, numbers=False)]
        numbers = bundle.preprocessor.numeric
        table = read_table(str(data), bundle.config.data, text=text, numbers=numbers)
        whole, part = part_of_table(bundle, table, unseen)
        more = {"unseen": unseen, "learned_from": table.fingerprint == bundle.facts["fingerprint"]}
    else:
        experiment, whole = of_run(bundle, checkpoint)
        part = experiment.parts[split]
        if learned := [found.to_json() for found in trained_on([experiment.record])]:
            more = {"findings": learned}
    if not len(part.rows):
        raise DataError(
            f"the {split} part has no rows", where=str(checkpoint), hint="`--split` or `--data` names others"
        )
    with threads(bundle.config, bundle.network):
        of, prediction = part_scores(bundle.loss, bundle.coding, bundle.network, part)
        if html is not None:
            if data:
                told = part_report(subject_of_table(bundle, whole, part, data.name))
            else:
                patient = patient_of(experiment, whole)
                told = part_report(subject_of(patient, bundle.network, split, prediction), patient)
            run = run_of(checkpoint)
            save_page(page({"run": run.name if run else checkpoint.name} | told), html)
    metrics = of.score(part.weights)
    missed = [words for wanted in requirements if (words := wanted.missed(metrics))]
    figures = {
        "task": bundle.loss.task,
        "split": str(data) if data else split,
        "rows": len(part.rows),
        "metrics": metrics,
        "intervals": intervals(of, bundle.config.seed, part.weights),
    }
    return figures | more, GateError("; ".join(missed)) if missed else None


def of_checkpoint(text: str, bundle: Bundle) -> Requirement:
    """A requirement on a metric that this checkpoint has. Raises UsageError."""
    wanted, known = requirement("--require", text), no_scores(bundle.coding).score()
    if wanted.metric not in known:
        hint = did_you_mean(wanted.metric, known)
        raise UsageError(f"`--require {text}`: `{wanted.metric}` is not a metric here", hint=hint)
    return wanted


def of_run(bundle: Bundle, checkpoint: Path) -> tuple[Experiment, Table]:
    """The parts that the run's record makes of its table. Raises DataError where the table changed."""
    run = run_of(checkpoint)
    if run is None:
        raise UsageError(
            "this checkpoint lies in no run, so there is no record of its split",
            where=str(checkpoint),
            hint="`--data TABLE` scores it on a table",
        )
    source = read_config(run.config)
    reads = read_tables(source, bundle.preprocessor)
    return again(source, run.split_record(), bundle.preprocessor, bundle.coding, reads), reads.table


def part_of_table(bundle: Bundle, table: Table, unseen: dict[str, int]) -> tuple[Table, Part]:
    """The rows of a table that have a target, and the part they make.

    `unseen` receives how many cells of a column training did not see.
    """
    data, coding = bundle.config.data, bundle.coding
    used = rows_with_target(table, coding.names, drop=data.missing_target == "drop")
    whole = table.take(used)
    bundle.preprocessor.check(whole.frame, whole.path)
    part = part_of(whole, data.weight, bundle.preprocessor, coding)
    unseen.update(bundle.preprocessor.strange(whole.frame))
    return whole, part
