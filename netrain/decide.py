"""What a config leaves open, decided by its table: the task, the loss, whether a metric exists."""

from __future__ import annotations

from netrain.config import AutoLoss, Config, Source
from netrain.data.cells import TEXT, spelling
from netrain.data.infer import stray_rows
from netrain.data.table import Table
from netrain.data.target import MOST_CODED, Classes, Labels, TargetCoding, infer_task
from netrain.errors import DataError, did_you_mean
from netrain.experiment import no_scores
from netrain.nn.losses import BinaryCrossEntropy, CrossEntropy, Loss, SquaredError
from netrain.training.stopping import Patience, Target
from netrain.wording import counted


def decide_task(source: Source, table: Table) -> tuple[Config, str]:
    """The config with its task decided, and why in words where it was open."""
    config = source.config
    if config.task != "auto":
        return config, ""
    if not isinstance(config.loss, AutoLoss):
        return config.model_copy(update={"task": config.loss.task}), ""
    for name in config.data.target:
        check_numbers(table, name)
    found = [infer_task(table.frame[name]) for name in config.data.target]
    tasks = {task for task, _ in found}
    if len(tasks) > 1:
        raise source.document.error(
            ("data", "target"), "the targets are classes and numbers", "`task: regression`, or a network for each"
        )
    task, reason = found[0]
    return config.model_copy(update={"task": task}), f"{task}: {reason}"


def check_numbers(table: Table, target: str) -> None:
    """Raise DataError for a target that a few cells of text turn from many numbers into as many classes."""
    column = table.frame[target]
    written = spelling(column, table.reading.decimal) if column.dtype == TEXT and table.reading.decimal else None
    if written and column.n_unique() > MOST_CODED:
        raise DataError(
            f"the target `{target}` is text that looks like {written.what}, e.g. `{column.drop_nulls()[0]}`",
            where=table.path,
            hint=f"{written.way_out}\nor `task: classification`, if these are classes",
        )
    rows = stray_rows(column)
    if rows and column.n_unique() > MOST_CODED:
        cells = f"{counted(len(rows), 'cell')} that {'is' if len(rows) == 1 else 'are'}"
        raise DataError(
            f"the target `{target}` has {cells} no number, first `{column[rows[0]]}`",
            where=table.where(rows[0]),
            hint="mend them, or add their spelling to `data.missing` with `data.missing_target: drop`\n"
            "or `task: classification`, if these are classes",
        )


def decide_loss(source: Source, config: Config, classes: Classes | Labels | None) -> Loss:
    """The loss, chosen by the task where it is open. Raises ConfigError where it does not fit."""
    loss = config.loss
    if isinstance(loss, AutoLoss):
        if classes is None:
            return SquaredError()
        return CrossEntropy() if isinstance(classes, Classes) else BinaryCrossEntropy()
    if loss.task != config.task:
        raise source.document.error(("loss",), f"`{loss.name}` is a loss for {loss.task}; this is {config.task}")
    if isinstance(classes, Labels) and not isinstance(loss, BinaryCrossEntropy):
        raise source.document.error(("loss",), f"`{loss.name}` is for one target", "`loss: binary_cross_entropy`")
    if isinstance(classes, Classes) and isinstance(loss, BinaryCrossEntropy) and classes.classes != 2:
        message = f"`{loss.name}` is for two classes; the target has {classes.classes}"
        raise source.document.error(("loss",), message, "`loss: cross_entropy`")
    return loss


def check_metrics(source: Source, config: Config, coding: TargetCoding) -> None:
    """Raise ConfigError for a metric that this target does not have."""
    known = ["loss", *no_scores(coding).score()]
    named: list[tuple[tuple[str | int, ...], str]] = [(("metric",), config.metric)]
    for i, rule in enumerate(config.training.stop):
        if isinstance(rule, Patience | Target):
            named.append((("training", "stop", i, "metric"), rule.metric))
    for path, name in named:
        if name not in known:
            raise source.document.error(path, f"`{name}` is not a metric of this target", did_you_mean(name, known))
