"""The run of one network: begun from a config, or gone on with from its last checkpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import monotonic

from rich.console import Console

from netrain.basis import Basis
from netrain.config import Config, Source, read_config, with_paths, without_paths
from netrain.data.parted import SplitRecord
from netrain.doctor import Patient, examine, patient_of
from netrain.errors import CheckpointError, DataError, UsageError
from netrain.experiment import Experiment
from netrain.prepare import Reads, again, prepare, read_tables
from netrain.report import baseline
from netrain.runs.bundle import load_bundle
from netrain.runs.left import left_by
from netrain.runs.run import INTERRUPTED, Run, find_checkpoint, run_of
from netrain.session import Before, Ended, carry_on, finished, wants_page
from netrain.shown.summary import say
from netrain.storage import write_file
from netrain.training.fit import State

MAY_CHANGE = ("training.epochs", "training.stop", "training.save_every", "report")


def keep_split(run: Run, experiment: Experiment) -> None:
    """Write which rows went where."""
    write_file(run.split, experiment.record.model_dump_json(exclude_none=True).encode())


def examined(source: Source, basis: Basis | None, reads: Reads | None = None) -> Patient:
    """The experiment of a config with its table and the doctor's findings. Raises ConfigError and DataError."""
    reads = reads or read_tables(source, basis.preprocessor if basis else None)
    experiment = prepare(source, reads, basis)
    check_defined(experiment)
    patient = patient_of(experiment, reads.table)
    return replace(patient, experiment=replace(experiment, findings=examine(patient)))


def untold(experiment: Experiment) -> list[str]:
    """The notes but for those of columns that are read amiss, of which a finding tells more."""
    of = {f"`{column}`" for finding in experiment.findings if finding.kind == "misread" for column in finding.columns}
    return [note for note in experiment.notes if not any(note.startswith((name, f"left out {name}")) for name in of)]


def warnings(experiment: Experiment, *kinds: str) -> list[str]:
    """The doctor's findings in brief, or those of some kinds alone, but for columns that are left out in any case."""
    told = [f for f in experiment.findings if not f.left_out and (f.kind in kinds or not kinds)]
    brief = [(f"warning: {f.message}", f"  mend: {f.mend}") for f in told]
    return [line for lines in brief for line in lines if line != "  mend: "]


def go_on(run: Run, source: Source, *, console: Console, quiet: bool, reads: Reads | None = None) -> Ended | str:
    """Train a run's network further, as if it had never stopped; or why there is nothing left to train.

    Raises UsageError where the config is no longer that of the checkpoint, DataError where the table changed.
    """
    run.sweep()
    left = left_by(run)
    if left is None:
        return start_again(run, source, console=console, quiet=quiet, reads=reads)
    check_same(source.config, left.bundle.config, run)
    state, kept = left.state, left.bundle
    reason = finished(source.config, state)
    if reason and run.ended() not in (None, INTERRUPTED) and run.reports(state.epoch) and not left.mended:
        draw_missing(run, source.config, console, quiet=quiet)
        return reason
    started = monotonic()
    reads = reads or read_tables(source, kept.preprocessor)
    patient = patient_of(again(source, run.split_record(), kept.preprocessor, kept.coding, reads), reads.table)
    patient = replace(patient, experiment=replace(patient.experiment, findings=examine(patient)))
    read = monotonic() - started
    notes = list(left.notes)
    if (source.config.training.epochs, source.config.report) != (kept.config.training.epochs, kept.config.report):
        keep_config(run, source, source.config)
    if source.config.training.epochs != kept.config.training.epochs:
        training = source.config.training
        schedules = (training.schedule, training.dropout_schedule, training.decay_schedule)
        if any(schedule.looks_ahead for schedule in schedules):
            notes.append("the learning rate is scheduled anew for the new number of epochs")
    for note in () if quiet else notes:
        say(console, note)
    before = Before(
        reads.watch, source.command, run.cut_log(state.epoch), left.values, best_saved=left.best_saved, reading=read
    )
    return carry_on(patient, run, state, before, console=console, quiet=quiet)


def draw_missing(run: Run, config: Config, console: Console, *, quiet: bool) -> None:
    """The page of a finished run, where it is to have one that is not there."""
    report = run.read_report()
    if report is None or run.page.exists() or not wants_page(config):
        return
    run.write_page(report)
    if not quiet:
        say(console, f"{run.page.name} was not there: it is drawn from {run.report.name}")


def start_again(run: Run, source: Source, *, console: Console, quiet: bool, reads: Reads | None) -> Ended:
    """Train a run from the start that was stopped before its first checkpoint. DataError if the table changed."""
    source, basis = resolve(source)
    started = monotonic()
    reads = reads or read_tables(source, basis.preprocessor if basis else None)
    patient = examined(source, basis, reads)
    before = Before(reads.watch, source.command, reading=monotonic() - started)
    if run.split.exists():
        run.split_record().check(
            reads.table.fingerprint, len(reads.table), reads.table.path, source.config.training.networks
        )
    keep_split(run, patient.experiment)
    run.cut_log(0)
    if not quiet:
        say(console, "stopped before its first checkpoint: training starts anew")
    return carry_on(patient, run, State(), before, console=console, quiet=quiet)


def keep_config(run: Run, source: Source, config: Config) -> None:
    """Write the complete config to the run, its paths made absolute, below the command that began it."""
    command = f"# {source.command}\n" if source.command else ""
    write_file(run.config, (command + with_paths(config, source.path).to_yaml()).encode())


def check_defined(experiment: Experiment) -> None:
    """Raise DataError where the figure that chooses the best epoch is not defined for the validation rows."""
    metric, valid = experiment.config.metric, experiment.parts["valid"]
    if metric == "loss" or not len(valid.rows):
        return
    if baseline(experiment.coding, experiment.parts["train"], valid)[metric] is None:
        raise DataError(
            f"`{metric}` is not defined for these {len(valid.rows)} validation rows, so it cannot choose an epoch",
            hint="`--set metric=loss`, or a split that gives validation what the metric needs, such as every class",
        )


def resolve(source: Source) -> tuple[Source, Basis | None]:
    """The checkpoint that a config starts from, if any, and the config with its model where the file names none.

    Raises ConfigError and CheckpointError.
    """
    start_from = source.config.training.start_from
    if not start_from:
        return source, None
    path = Path(source.path(start_from))
    if not path.exists():
        raise source.document.error(("training", "start_from"), f"there is no checkpoint or run at `{path}`")
    bundle = load_bundle(find_checkpoint(path))
    if (networks := bundle.config.training.networks) > 1:
        raise source.document.error(
            ("training", "start_from"),
            f"`{near(path)}` is a bag of {networks} networks, and a training starts from one",
            "`bag-1`, `bag-2`, ... in its run are one each",
        )
    named = dict(bundle.network.flat.named)
    record = split_of(find_checkpoint(path))
    basis = Basis(bundle.preprocessor, bundle.coding, named, near(path), bundle.config, record)
    if "model" not in source.document.data:
        source = replace(source, config=source.config.model_copy(update={"model": bundle.config.model}))
    return source, basis


def split_of(checkpoint: Path) -> SplitRecord | None:
    """Which rows went where in the run of a checkpoint; None where that is not known."""
    run = run_of(checkpoint)
    try:
        return run.split_record() if run else None
    except CheckpointError:
        return None


def near(path: Path) -> str:
    """A path as it is seen from the current folder, where it lies below it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def open_source(run: Run, overrides: tuple[str, ...]) -> Source:
    """The config of a run with what may change on resume. Raises UsageError for what may not."""
    for override in overrides:
        key = override.partition("=")[0].strip()
        if not any(key == may or key.startswith(f"{may}.") for may in MAY_CHANGE):
            raise UsageError(
                f"`{key}` cannot change on resume",
                where=f"--set {override}",
                hint="only " + ", ".join(f"`{may}`" for may in MAY_CHANGE) + "; for the rest train anew",
            )
    return read_config(run.config, overrides)


def check_same(config: Config, saved: Config, run: Run) -> None:
    """Raise UsageError where the run's config is no longer that of its checkpoint."""
    now, before = comparable(config), comparable(saved)
    changed = [key for key in now if now[key] != before[key]]
    if changed:
        raise UsageError(
            "the config has changed since the checkpoint: " + ", ".join(f"`{key}`" for key in changed),
            where=str(run.config),
            hint="put the old values back, or train anew",
        )


def comparable(config: Config) -> dict[str, object]:
    """A config without paths and what may change, by its keys of one or two words."""
    flat: dict[str, object] = {}
    for key, value in without_paths(config).model_dump().items():
        if isinstance(value, dict) and key in ("data", "training"):
            flat |= {f"{key}.{below}": part for below, part in value.items()}
        else:
            flat[key] = value
    return {key: value for key, value in flat.items() if key not in MAY_CHANGE}
