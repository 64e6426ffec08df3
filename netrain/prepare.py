"""From a config to an experiment: the table read, split, fitted on its training rows, and turned into arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from netrain import yaml12
from netrain.basis import Basis, fitting, frozen, parted_alike, unused
from netrain.config import AutoLoss, Config, Source, for_table
from netrain.data import features
from netrain.data.bags import bag_folds
from netrain.data.cells import plain_text
from netrain.data.coding import fit_classes, fit_values
from netrain.data.columns import Datetime, Drop, Numeric
from netrain.data.features import Preprocessor
from netrain.data.infer import Inferred, infer, stray
from netrain.data.lots import PARTS, TRAIN, VALID, Drawing, draw, tenths
from netrain.data.parted import SplitRecord
from netrain.data.split import Files
from netrain.data.table import Table, joined, read_table
from netrain.data.target import Classes, Labels, TargetCoding, check_size
from netrain.data.used import first_of_each, used_rows
from netrain.data.watch import Watch
from netrain.data.weights import row_weights
from netrain.decide import check_metrics, decide_loss, decide_task
from netrain.errors import DataError, did_you_mean
from netrain.experiment import Experiment, class_weights, out_of_fold, part_of, shape_of
from netrain.nn.losses import Loss, Quantile
from netrain.presets import Facts
from netrain.random import stream
from netrain.size import check_kept, check_memory
from netrain.together import check_watched
from netrain.wording import counted


@dataclass(frozen=True)
class Reads:
    """The table of a config, below it those of a split by files, and which file each row is from."""

    table: Table
    files: NDArray[np.intp]  # as `Drawing.files`
    watch: Watch


def prepare(source: Source, reads: Reads, basis: Basis | None = None) -> Experiment:
    """Decide what is open, split, fit on training rows, transform. Raises ConfigError and DataError."""
    data, table = source.config.data, reads.table
    check_named(source, table)
    admitted = admit(source, table, basis)
    config, used, whole = admitted.config, admitted.used, table.take(admitted.used)
    classes = fit_classes(whole.frame, data.target, table.path) if config.task == "classification" else None
    strata = strata_of(whole, classes, data.target)
    rng = stream(config.seed, "split")
    drawing = Drawing(whole, strata, reads.files[used], rng, formats(data.columns), by_tenths=classes is None)
    parts = draw(data.split, drawing)
    train = whole.frame.filter(pl.Series(parts == TRAIN))
    config = for_table(source, config, facts_of(train, classes, data.target), model=basis is None)
    folds, bag = None, config.training.bag
    if bag > 1:  # each network validates on a fold of its own
        parts[parts == VALID] = TRAIN
        train = whole.frame.filter(pl.Series(parts == TRAIN))
        folds = bag_folds(data.split, drawing.of(parts == TRAIN, stream(config.seed, "bag")), bag)
    elif not (parts == VALID).any():
        check_watched(config, source.document)
    if basis is not None and classes is not None and basis.coding.says(classes):
        classes = basis.coding if isinstance(basis.coding, Classes | Labels) else classes
    loss = decide_loss(source, config, classes)
    coding = classes or coding_of_values(train, data.target, table.path, loss, clip=config.model.clip_output)
    notes = [*table.notes, *admitted.notes]
    notes += [stray(whole.frame[name]) for name in data.target]
    if isinstance(coding, Classes):
        notes += untrained(coding, train)
    if basis is None:
        inferred = admitted.inferred
        rows = np.flatnonzero(parts == TRAIN)
        preprocessor, left_out = features.fit_columns(train, inferred.columns, lambda row: whole.where(int(rows[row])))
        notes += [*inferred.notes, *left_out]
    else:
        check_inputs(source, basis)
        preprocessor, coding = basis.preprocessor, basis.coding if basis.coding.says(coding) else coding
    record = SplitRecord.of(table.fingerprint, parts, used, folds)
    record = record.member(config.training.member) if config.training.member else record
    config = config.model_copy(update={"loss": loss})
    check_kept(preprocessor)
    check_memory(config.model, shape_of(preprocessor, coding, loss), config.training)
    experiment = assemble(source, config, table, record, preprocessor, coding, tuple(filter(None, notes)))
    experiment = replace(experiment, reason=admitted.reason, columns=admitted.inferred.columns)
    return experiment if basis is None else started(experiment, basis)


@dataclass(frozen=True)
class Admitted:
    """The rows that count, bool [n], the task that they decide and why, and what each column is."""

    used: NDArray[np.bool_]
    config: Config
    reason: str
    inferred: Inferred
    notes: list[str]


def admit(source: Source, table: Table, basis: Basis | None) -> Admitted:
    """Leave out the rows that the config leaves out. Raises ConfigError and DataError."""
    data = source.config.data
    used, notes = used_rows(table, data, classes=False)
    config, reason = decide_task(source, table.take(used))
    if config.task == "classification":
        used, notes = used_rows(table, data, classes=True)
    elif data.min_class_rows > 1:
        raise source.document.error(("data", "min_class_rows"), "`data.min_class_rows` is for classes")
    frame = table.take(used).frame
    apart = {*data.target, *data.split.apart, data.weight}
    inferred = infer(frame, apart, data.columns, data.numeric, data.categorical)
    if data.duplicates == "drop":
        inputs = [name for name, column in inferred.columns.items() if not isinstance(column, Drop)]
        inputs = [fitted.column for fitted in basis.preprocessor.columns] if basis else inputs
        twice = ~first_of_each(frame, [*inputs, *data.target, *filter(None, [data.weight])])
        if twice.any():
            notes = [*notes, f"dropped {counted(int(twice.sum()), 'row')} equal to an earlier one"]
            used[np.flatnonzero(used)[twice]] = False
    return Admitted(used, config, reason, inferred, notes)


def facts_of(train: pl.DataFrame, coding: TargetCoding | None, target: Sequence[str]) -> Facts:
    """What a preset looks at; no coding: the target is values."""
    classes = coding.classes if isinstance(coding, Classes) else 0
    return Facts(rows=train.height, columns=train.width - len(target), classes=classes)


def started(experiment: Experiment, basis: Basis) -> Experiment:
    """The same, with weights of the basis to start from, and which rows they were trained on."""
    same, record = experiment.coding is basis.coding, experiment.record
    start, note = fitting(experiment.network(), basis, same_target=same)
    if basis.record is not None:
        record = record.started(basis.record, parted_alike(experiment.config, basis.config))
    ignored = unused(experiment.config.data.columns, basis)
    notes = (*experiment.notes, note, *([ignored] if ignored else []))
    return replace(experiment, start=start, record=record, notes=notes)


def again(
    source: Source,
    record: SplitRecord,
    preprocessor: Preprocessor,
    coding: TargetCoding,
    reads: Reads | None = None,
) -> Experiment:
    """The experiment of a run, from its complete config and what was fitted. DataError if the table changed."""
    table = (reads or read_tables(source, preprocessor)).table
    record.check(table.fingerprint, len(table), table.path, source.config.training.networks)
    return assemble(source, source.config, table, record, preprocessor, coding, ())


def assemble(
    source: Source,
    config: Config,
    table: Table,
    record: SplitRecord,
    preprocessor: Preprocessor,
    coding: TargetCoding,
    notes: tuple[str, ...],
) -> Experiment:
    """Everything fitted, applied to the parts of the table."""
    check_metrics(source, config, coding)
    assert not isinstance(config.loss, AutoLoss)
    if config.data.class_weight.name != "none" and not isinstance(coding, Classes):
        message = "`data.class_weight` is for one target of classes; `data.weight` names a column with weights"
        raise source.document.error(("data", "class_weight"), message)
    tables = {name: table.take(record.part(name)) for name in PARTS if name != "valid" or not record.folds}
    if config.data.weight and not row_weights(tables["train"], config.data.weight).any():
        message = f"every row to train on has the weight 0 in `{config.data.weight}`"
        raise source.document.error(("data", "weight"), message)
    weight, by_class = config.data.weight, class_weights(config.data, tables["train"], coding)
    parts = {name: part_of(of, weight, preprocessor, coding, by_class) for name, of in tables.items()}
    if (held := record.held()) is not None:
        parts["valid"] = out_of_fold(parts["train"], held)
    experiment = Experiment(config, config.loss, preprocessor, coding, record, parts, notes)
    if not config.training.freeze:
        return experiment
    return replace(experiment, frozen=frozen(source.document, config.training.freeze, experiment.network()))


def read_tables(source: Source, fitted: Preprocessor | None = None) -> Reads:
    """The tables of a config; the columns of what was fitted as it takes them. Raises DataError."""
    data = source.config.data
    text = [*(fitted.text if fitted else ()), *declared(data.columns, numbers=False)]
    numbers = [*(fitted.numeric if fitted else ()), *declared(data.columns, numbers=True)]
    paths = {0: source.table}
    if isinstance(data.split, Files):
        others = {1: data.split.valid_path, 2: data.split.test_path}
        paths |= {number: source.path(path) for number, path in others.items() if path}
    watch = Watch(list(paths.values()))
    tables = [read_table(path, data, text=text, numbers=numbers) for path in paths.values()]
    files = np.repeat(list(paths), [len(table) for table in tables])
    table = tables[0] if len(tables) == 1 else joined(tables)
    watch.fingerprint = table.fingerprint
    return Reads(table, files, watch)


def declared(columns: features.Columns, *, numbers: bool) -> Sequence[str]:
    """The columns that are declared numbers, or that are declared something else that is used."""
    return [n for n, c in columns.items() if not isinstance(c, Drop) and isinstance(c, Numeric) == numbers]


def coding_of_values(
    train: pl.DataFrame, targets: Sequence[str], where: str, loss: Loss, *, clip: bool
) -> TargetCoding:
    """The coding of a regression's targets as the loss wants it."""
    quantiles = tuple(sorted(loss.quantiles)) if isinstance(loss, Quantile) else ()
    return fit_values(train, targets, where, raw=loss.raw, quantiles=quantiles, clip=clip)


def untrained(coding: Classes, train: pl.DataFrame) -> list[str]:
    """Notes of the classes that have no row to train on."""
    there = set(plain_text(train[coding.column]).to_list())
    absent = [f"`{label}`" for label in coding.labels if label not in there]
    return [f"no row to train on: class {', '.join(absent)} of `{coding.column}`"] if absent else []


def check_named(source: Source, table: Table) -> None:
    """Raise DataError for the columns that the config names and the table does not have, each where it is named."""
    data, there = source.config.data, table.frame.columns
    named: list[tuple[yaml12.Path, str, bool]] = [(("data", "columns", name), name, True) for name in data.columns]
    named += [(("data", "weight"), data.weight, False)] if data.weight else []
    by = getattr(data.split, "column", "")
    named += [(("data", "split", "column"), by, False)] if by else []
    problems = [
        source.document.problem(
            path, f"`{name}` is not a column of {table.path}", did_you_mean(name, there), key=is_key
        )
        for path, name, is_key in named
        if name not in there
    ]
    if problems:
        raise DataError.of(problems)


def check_inputs(source: Source, basis: Basis) -> None:
    """Raise ConfigError where a column that the checkpoint takes as an input cannot be one here."""
    data = source.config.data
    apart: dict[str, tuple[str, ...]] = {data.weight: ("data", "weight")} if data.weight else {}
    apart |= dict.fromkeys(data.split.apart, ("data", "split", "column"))
    apart |= {name: ("data", "columns", name) for name, c in data.columns.items() if isinstance(c, Drop)}
    apart |= dict.fromkeys(data.target, ("data", "target"))
    for fitted in basis.preprocessor.columns:
        if fitted.column in apart:
            raise source.document.error(
                apart[fitted.column],
                f"`{fitted.column}` is an input of {basis.where}, whose preprocessing `training.start_from` takes",
                "start from a run without this column, or train anew",
            )


def formats(columns: features.Columns) -> dict[str, str]:
    """The formats of dates that the config gives, by column."""
    return {n: c.format for n, c in columns.items() if isinstance(c, Datetime) and c.format != "auto"}


def strata_of(table: Table, classes: Classes | Labels | None, targets: Sequence[str]) -> NDArray[np.intp]:
    """The class of each row, or combination of labels, or tenth of the first target. DataError for too large ones."""
    if classes is None:
        check_size(table, targets)
        column = table.frame[targets[0]]
        return tenths(table.values(targets[0])) if column.dtype != pl.String else np.zeros(len(table), np.intp)
    encoded = classes.encode(table).reshape(len(table), -1)
    return np.unique(encoded, axis=0, return_inverse=True)[1].reshape(-1)
