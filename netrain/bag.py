"""A run of a config: of one network, or of a bag of them, each a run of its own, that become one checkpoint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from rich.console import Console

from netrain import single
from netrain.basis import Basis
from netrain.config import Config, Source
from netrain.doctor import Patient, examine, patient_of
from netrain.errors import CheckpointError
from netrain.experiment import Experiment, make_predictor, threads
from netrain.finding import TRAINED_ON
from netrain.hints import as_arguments
from netrain.interrupts import Interrupts
from netrain.nn.bag import Bag
from netrain.prepare import Reads, again, assemble, read_tables, started
from netrain.report import Story, build_report, part_scores
from netrain.runs.bundle import Bundle, load_bundle, save_bag
from netrain.runs.left import whole
from netrain.runs.predictions import predictions, write_predictions
from netrain.runs.run import INTERRUPTED, Run, new_run
from netrain.session import Before, Ended, carry_on, finished
from netrain.shown.outline import outline, tell
from netrain.shown.summary import network_line, say
from netrain.storage import locked
from netrain.training.fit import State


def begin(
    source: Source,
    basis: Basis | None,
    stem: str,
    run_dir: Path | None,
    *,
    console: Console,
    quiet: bool,
    reads: Reads | None = None,
    notes: bool = True,
) -> tuple[Run, Ended]:
    """A new run, trained. Nothing is written before config and table have proved good. `notes`: tell them."""
    began = monotonic()
    reads = reads or read_tables(source, basis.preprocessor if basis else None)
    patient = single.examined(source, basis, reads)
    experiment = patient.experiment
    check_members(experiment, source, reads)
    read = monotonic() - began
    run = new_run(stem, run_dir)
    with locked(run.path):
        single.keep_config(run, source, experiment.config)
        single.keep_split(run, experiment)
        if notes and not quiet:
            tell(outline(patient, source.config.data.path), console)
            for note in single.untold(experiment):
                say(console, as_arguments(note) if source.bare else note)
        for line in () if quiet else single.warnings(experiment, *([] if notes else [TRAINED_ON])):
            say(console, line)
        if experiment.config.training.networks > 1:
            return run, train_bag(patient, source, run, reads, console=console, quiet=quiet)
        before = Before(reads.watch, source.command, reading=read)
        return run, carry_on(patient, run, State(), before, console=console, quiet=quiet)


def go_on(run: Run, source: Source, *, console: Console, quiet: bool, reads: Reads | None = None) -> Ended | str:
    """As `single.go_on`; of a bag the networks that are not finished."""
    if source.config.training.networks == 1:
        return single.go_on(run, source, console=console, quiet=quiet, reads=reads)
    run.sweep()
    kept = next((bundle for member in run.members() if (bundle := trained(member)) is not None), None)
    if kept is not None:
        single.check_same(source.config, with_member(kept.config, 0), run)
    notes: list[str] = []
    done = [(member.read_report() or {}).get("epochs", 0) for member in run.members()]
    there = whole(run.best, notes) is not None and run.ended() is not None and run.reports(max(done, default=0))
    networks = range(1, source.config.training.networks + 1)
    if there and all(is_done(run.member(number), source.config) for number in networks):
        single.draw_missing(run, source.config, console, quiet=quiet)
        return f"all {len(networks)} networks are trained"
    for note in () if quiet else notes:
        say(console, note)
    source, basis = single.resolve(source)
    fitted = kept.preprocessor if kept else basis.preprocessor if basis else None
    reads = reads or read_tables(source, fitted)
    if kept is None:
        patient = single.examined(source, basis, reads)
        single.keep_split(run, patient.experiment)
    else:
        experiment = again(source, run.split_record(), kept.preprocessor, kept.coding, reads)
        experiment = started(experiment, basis) if basis else experiment
        patient = patient_of(experiment, reads.table)
        patient = replace(patient, experiment=replace(experiment, findings=examine(patient)))
    single.keep_config(run, source, source.config)
    return train_bag(patient, source, run, reads, console=console, quiet=quiet)


def trained(member: Run) -> Bundle | None:
    """The whole checkpoint that a network goes on from, if any."""
    try:
        return load_bundle(member.last)
    except CheckpointError:
        return None


def is_done(member: Run, config: Config) -> bool:
    """Whether a network has nothing left to train."""
    last = trained(member)
    if last is None or member.ended() in (None, INTERRUPTED):
        return False
    state = last.state()
    return member.reports(state.epoch) and finished(config, state) is not None


def check_members(experiment: Experiment, source: Source, reads: Reads) -> None:
    """Raise DataError where the figure that chooses the best epoch is not defined in a fold of a bag."""
    networks = experiment.config.training.networks
    if networks > 1 and experiment.config.metric != "loss":
        for number in range(1, networks + 1):
            single.check_defined(member_of(experiment, source, number, reads))


def member_of(experiment: Experiment, source: Source, number: int, reads: Reads) -> Experiment:
    """The experiment of one network of a bag, from 1. What uses the target is fitted on its own rows to train on."""
    config, record = with_member(experiment.config, number), experiment.record.member(number)
    one = assemble(source, config, reads.table, record, experiment.preprocessor, experiment.coding, ())
    return replace(one, start=experiment.start)


def with_member(config: Config, number: int) -> Config:
    """The config of one network of a bag; 0: of all."""
    return config.model_copy(update={"training": config.training.model_copy(update={"member": number})})


def train_bag(patient: Patient, source: Source, run: Run, reads: Reads, *, console: Console, quiet: bool) -> Ended:
    """Train the networks that are not finished yet, then make one checkpoint and one report of all."""
    experiment = patient.experiment
    networks = experiment.config.training.networks
    for number in range(1, networks + 1):
        member = run.member(number)
        ended: Ended | str
        if member.last.exists():
            with locked(member.path):
                of = replace(source, config=with_member(experiment.config, number))
                ended = single.go_on(member, of, console=console, quiet=quiet, reads=reads)
        else:  # what a killed session left of it is made anew
            member.clear()
            one = member_of(experiment, source, number, reads)
            new_run("", member.path)
            with locked(member.path):
                single.keep_config(member, source, one.config)
                single.keep_split(member, one)
                begun = Before(reads.watch, source.command)
                who = patient_of(replace(one, columns=patient.columns), reads.table)
                ended = carry_on(who, member, State(), begun, console=console, quiet=quiet)
        if isinstance(ended, Ended) and ended.asked:
            return ended.after(f"network {number}/{networks}")
        if not quiet:
            network_line(member.read_report() or {}, f"network {number}/{networks}", "valid", console)
    if not quiet:
        say(console, f"the {networks} networks become one: checkpoint, out-of-fold predictions, report")
    with Interrupts():  # training has ended: a signal lets the report end, too
        return Ended(packed(patient, source.command, run, reads))


def gathered(experiment: Experiment, run: Run) -> tuple[Bag, list[dict[str, Any]]]:
    """The networks of a run as one, and the best epoch and its figures of each. Raises CheckpointError."""
    bag = make_predictor(experiment.config, experiment.preprocessor, experiment.coding, experiment.loss)
    assert isinstance(bag, Bag)
    members = []
    for number in range(bag.networks):
        member = run.member(number + 1)
        one = load_bundle(member.best)
        same = (one.preprocessor, one.config.model) == (experiment.preprocessor, experiment.config.model)
        if not same or isinstance(one.network, Bag):
            raise CheckpointError(
                "this network is not of this bag",
                where=str(member.best),
                hint=f"take `{member.path}` away, and `netrain resume {run.path}` trains it anew",
            )
        bag.put(number, one.network)
        members.append({"epoch": one.checked.epoch, "figures": one.facts["figures"]})
    return bag, members


def packed(patient: Patient, command: str, run: Run, reads: Reads) -> dict[str, Any]:
    """The checkpoint of all networks, their out-of-fold predictions, the report and its page."""
    began, experiment = monotonic(), patient.experiment
    coding = experiment.coding
    bag, members = gathered(experiment, run)
    reports = [run.member(number).read_report() or {} for number in range(1, bag.networks + 1)]
    epoch = max(of.get("epochs", 0) for of in reports)
    state = State(epoch=epoch, best_epoch=round(float(np.mean([member["epoch"] for member in members]))))
    with threads(experiment.config, bag):
        save_bag(run.best, experiment, bag, members)
        held = experiment.record.held()
        assert held is not None
        _, said = part_scores(experiment.loss, coding, bag, experiment.parts["valid"])
        table = reads.table.take(experiment.record.part("train"))
        write_predictions(run, [predictions(coding, table, held + 1, said)])
        log = mean_log([run.member(number).logged() for number in range(1, bag.networks + 1)])
        report = build_report(patient, bag, state, story_of(run, command, reports, log))
    spent = monotonic() - began
    report["time"]["report"] = round(report["time"].get("report", 0.0) + spent, 3)
    report = {"bag": told(members, reports)} | report  # first, where a list of runs looks
    run.write_report(report)
    if experiment.config.report.page:
        run.write_page(report)
    return report


def mean_log(logs: Sequence[Iterable[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The epochs that all networks have, each with the mean of their figures; the seconds are the sum."""
    epochs = []
    for of in zip(*logs, strict=False):
        names = ("step", "learning_rate", "gradient_norm", "update_norm")
        one: dict[str, Any] = {name: float(np.mean([epoch[name] for epoch in of])) for name in names}
        for part in ("train", "valid"):
            there = {name: [epoch[part].get(name) for epoch in of] for name in of[0][part]}
            one[part] = {n: None if None in found else float(np.mean(found)) for n, found in there.items()}
        epochs.append(one | {"epoch": of[0]["epoch"], "seconds": sum(epoch["seconds"] for epoch in of)})
    return epochs


def story_of(run: Run, command: str, reports: Sequence[Mapping[str, Any]], log: Sequence[Mapping[str, Any]]) -> Story:
    """How the networks of a bag came about, taken together."""
    times = [of.get("time", {}) for of in reports]
    time = {name: sum(of.get(name, 0.0) for of in times) for name in times[0]}
    seconds = sum(of.get("seconds", 0.0) for of in reports)
    return Story(run.name, command, f"all {len(reports)} networks done", seconds, log, time)


def told(members: Sequence[Mapping[str, Any]], reports: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What the report of a bag tells of each of its networks."""
    return [
        {
            "run": f"bag-{number}",
            "rows": of.get("rows"),
            "epochs": of.get("epochs"),
            "best_epoch": member["epoch"],
            "valid": member["figures"],
        }
        for number, (of, member) in enumerate(zip(reports, members, strict=True), start=1)
    ]
