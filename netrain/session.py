"""A training session: drive the loop; log, show, save, stop and report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from time import monotonic
from typing import Any

import numpy as np
from rich.console import Console

from netrain.config import Config
from netrain.data.watch import Watch
from netrain.doctor import Patient
from netrain.errors import DataError, DivergedError
from netrain.experiment import Experiment, seed_of, threads
from netrain.inputs import Floats
from netrain.interrupts import Interrupts, Stop
from netrain.nn.network import Network
from netrain.report import Story, build_report
from netrain.runs.bundle import save_best, save_last
from netrain.runs.run import INTERRUPTED, Run
from netrain.shown.summary import duration, say, summary
from netrain.shown.treatment import told, treatments
from netrain.shown.view import Scene, View, open_view, verbose
from netrain.storage import remove
from netrain.training.fit import Epoch, Figures, Plan, State, fit
from netrain.training.stopping import Patience

LARGE = 1000.0  # an input that is scaled is around 1
SPARING = 24.0  # times as long as a save took passes before the next: 4% of the time


@dataclass(frozen=True)
class Ended:
    """How a session ended: its report, where an epoch was finished; what a signal asks for; where it was stopped."""

    report: dict[str, Any] | None
    asked: int = 0  # the exit code of the signal that came, also after training had ended
    stopped: str = ""  # `at epoch 3`; empty where training had ended

    @property
    def code(self) -> int:
        """The exit code."""
        return self.asked if self.stopped else 0

    def tell(self, run: Run, again: str, console: Console, *, quiet: bool) -> None:
        """The summary, and where training was stopped the command that goes on."""
        if self.report is not None and not quiet:
            summary(self.report, str(run.path), console)
        if self.stopped:
            say(console, f"stopped {self.stopped}, saved; to go on: netrain resume {again}")

    def after(self, what: str) -> Ended:
        """The same of one network of several, which a signal keeps from the next one."""
        return Ended(None, self.asked, self.stopped or f"after {what}")


@dataclass(frozen=True)
class Before:
    """What came before a session: the table's files watched, the run's command, and what earlier sessions left."""

    watch: Watch
    command: str
    seconds: float = 0.0  # of earlier sessions
    values: Floats | None = None  # their last weights
    best_saved: int = 0  # the epoch of `best` on disk
    reading: float = 0.0  # seconds until the table was read and prepared


def carry_on(patient: Patient, run: Run, state: State, before: Before, *, console: Console, quiet: bool) -> Ended:
    """Train from a state on, save, report. Raises DataError, saved, where the table changes meanwhile."""
    experiment, values = patient.experiment, before.values
    network = experiment.started() if values is None else experiment.network()
    if values is not None:
        np.copyto(network.flat.values, values)
    one_of_many = bool(experiment.config.training.member)
    all_told = verbose(console) and not quiet
    for column in treatments(experiment.preprocessor, experiment.config) if all_told else ():
        say(console, told(column))
    started, report = monotonic(), None
    saver = Saver(experiment, network, state, run, before.best_saved, before.watch)
    with threads(experiment.config, network), Interrupts() as interrupts:
        with open_view(scene(experiment, run, state), console, quiet=quiet) as view:
            reason = drive(saver, view, interrupts, before.seconds)
        trained = monotonic() - started
        if state.best_epoch and state.best is not None:
            np.copyto(network.flat.values, state.best)
            story = Story(
                run.name,
                before.command,
                reason,
                before.seconds + trained,
                list(run.logged()),
                saver.spent.whole(trained) | {"reading": before.reading},
                brief=reason == INTERRUPTED or one_of_many,
            )
            report = build_report(patient, network, state, story)
            report["time"]["report"] = round(monotonic() - started - trained, 3)
            run.write_report(report)
            if wants_page(experiment.config):
                run.write_page(report)
            else:
                remove(run.page)  # of an earlier session: it would tell what is no longer so
        elif not interrupts.signal:
            raise DataError(
                f"`{experiment.config.metric}` was not defined in any epoch, so none is the best; `last` is kept",
                hint="another `metric`, such as `loss`",
            )
    if all_told:
        say(console, f"time: {saver.spent.told(trained)}, report {duration(monotonic() - started - trained)}")
    return Ended(report, interrupts.exit_code, f"at epoch {state.epoch + 1}" if reason == INTERRUPTED else "")


def wants_page(config: Config) -> bool:
    """Whether a run has a page; one network of a bag has none of its own."""
    return config.report.page and not config.training.member


def drive(saver: Saver, view: View, interrupts: Interrupts, before: float) -> str:
    """Log, show, save and stop; why training ended."""
    experiment, network, state = saver.experiment, saver.network, saver.state
    config, started, reason = experiment.config, monotonic(), None

    def validate() -> Figures:
        with interrupts.at_once():  # a stopped validation is done again on resume
            return experiment.figures(network, "valid")

    plan = Plan(config.training, experiment.loss, config.metric, seed_of(config), validate, experiment.frozen)
    try:
        for pause in fit(network, plan, experiment.parts["train"].rows, state):
            if isinstance(pause, Epoch):
                saver.run.log(asdict(pause))
                saver.spent.add("steps", pause.seconds)
                view.epoch(pause, patience_left(config, state))
            else:
                view.tick(pause)
            reason = fired(config, state, before + monotonic() - started)
            if interrupts.signal or (reason and state.best_epoch):
                break
            if saver.due(at_end=isinstance(pause, Epoch)):
                saver.save()
    except DivergedError as error:
        saver.save_best()
        raise told_with_columns(error, experiment) from None
    except Stop:
        reason = None
    saver.save()
    over = state.best_epoch and (reason or state.epoch >= config.training.epochs)
    return INTERRUPTED if interrupts.signal and not over else reason or "all epochs done"


def told_with_columns(error: DivergedError, experiment: Experiment) -> DivergedError:
    """The error, with the columns whose inputs are so large that they may be why."""
    (problem,) = error.problems
    num, start, large = experiment.parts["train"].rows.inputs.num, 0, []
    for fitted in experiment.preprocessor.columns:
        of = num[:, start : start + fitted.width]
        start += fitted.width
        if of.size and float(np.abs(of).max()) > LARGE:
            large.append(f"`{fitted.column}`")
    more = f"\nor another `scale` for {', '.join(large[:5])}, of which inputs are beyond {LARGE:g}" if large else ""
    return DivergedError(problem.message, where=problem.where, hint=problem.hint + more)


class Spent(dict[str, float]):
    """The seconds of a session by what they were spent on."""

    def add(self, name: str, seconds: float) -> None:
        """So many more."""
        self[name] = self.get(name, 0.0) + seconds

    def told(self, whole: float) -> str:
        """`steps 1.2 s, saves 0.1 s, ...` of so many seconds of training; the rest is validation, log and view."""
        names = {"validation": "validation and the rest"}
        return ", ".join(f"{names.get(name, name)} {duration(s)}" for name, s in self.whole(whole).items())

    def whole(self, whole: float) -> dict[str, float]:
        """The seconds by name, with `validation` for the rest of so many."""
        return {**self, "validation": max(0.0, whole - sum(self.values()))}


class Saver:
    """Saves `last`, which is complete in itself, then `best` when it is a new one."""

    def __init__(
        self, experiment: Experiment, network: Network, state: State, run: Run, best_saved: int, watch: Watch
    ) -> None:
        self.experiment, self.network, self.state, self.run, self._watch = experiment, network, state, run, watch
        self._at, self._took = monotonic(), 0.0
        self._best_saved = best_saved
        self.spent = Spent()

    def due(self, *, at_end: bool) -> bool:
        """Whether it is time, between two steps or at the end of an epoch."""
        every, passed = self.experiment.config.training.save_every, monotonic() - self._at
        return (at_end and every == 0.0) or passed > max(every, SPARING * self._took)

    def save(self) -> None:
        """Both checkpoints, after the epochs logged before them. Raises DataError where the table has changed."""
        started = monotonic()
        self.run.sync_log()
        save_last(self.run.last, self.experiment, self.network, self.state)
        self.save_best()
        self._at = monotonic()
        self._took = self._at - started
        self.spent.add("saves", self._took)
        self._watch.check()

    def save_best(self) -> None:
        """The best alone, where it is not saved yet."""
        if self.state.best_epoch != self._best_saved:
            save_best(self.run.best, self.experiment, self.network, self.state)
            self._best_saved = self.state.best_epoch


def fired(config: Config, state: State, seconds: float) -> str | None:
    """The first stop rule that fires, in words."""
    for rule in config.training.stop:
        if reason := rule.fired(state.history, seconds):
            return reason
    return None


def patience_left(config: Config, state: State) -> int | None:
    """The fewest epochs that a patience rule still gives."""
    left = [rule.left(state.history) for rule in config.training.stop if isinstance(rule, Patience)]
    return min(left, default=None)


def scene(experiment: Experiment, run: Run, state: State) -> Scene:
    """What the view needs to know beforehand."""
    config, at = experiment.config, state.best_epoch
    return Scene(
        run.name,
        config.training.epochs,
        config.metric,
        experiment.main,
        validated=bool(len(experiment.parts["valid"].rows)),
        rows=len(experiment.parts["train"].rows),
        best=(at, state.history[at - 1].get(config.metric)) if at else None,
    )


def finished(config: Config, state: State) -> str | None:
    """Why there is nothing left to train, in words."""
    if state.epoch > config.training.epochs:
        return f"it has trained {state.epoch} epochs already, more than `training.epochs: {config.training.epochs}`"
    if state.epoch == config.training.epochs:
        return f"all {config.training.epochs} epochs are done"
    return fired(config, state, 0.0)
