"""Runs of one table against each other: the same rows, resampled together, and what their configs say otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, assert_never

import numpy as np

from netrain.config import Config, Source, read_config, with_paths
from netrain.data.lots import Numbers
from netrain.data.parted import SplitRecord
from netrain.data.target import Classes, Labels, TargetCoding, Values
from netrain.errors import DataError, UsageError
from netrain.experiment import part_of, threads
from netrain.inputs import Floats
from netrain.metrics import MAIN, Metrics, Scores, higher_is_better, resampled
from netrain.prepare import read_tables
from netrain.random import stream
from netrain.report import part_scores
from netrain.runs.bundle import Bundle, load_bundle
from netrain.runs.run import Run, find_checkpoint, open_run
from netrain.wording import counted, dotted, in_short

LEVEL = 0.95
MISSING = object()  # of a key that a config does not have


@dataclass(frozen=True)
class Rival:
    """A run with its best network and its record of rows."""

    name: str
    run: Run
    source: Source
    bundle: Bundle
    record: SplitRecord

    def unseen(self, split: str) -> Numbers:
        """The rows of a part that its network has not trained on; a bag has trained on all that it validates on."""
        rows = self.record.part(split)
        return rows[:0] if split == "valid" and self.record.held() is not None else rows


@dataclass(frozen=True)
class Difference:
    """How far a run is behind the best one in the main metric, 0 or more, with its paired interval."""

    name: str
    by: float
    interval: tuple[float, float]

    @property
    def clear(self) -> bool:
        """Whether the interval leaves no doubt which one is better."""
        return self.interval[0] > 0.0


@dataclass(frozen=True)
class Comparison:
    """Figures of each run on the same rows, the best one, and how far each other is behind it."""

    split: str
    rows: int
    own: Mapping[str, int]  # rows of each run's own part
    learned: Mapping[str, int]  # of the rows, those that the run which each starts from was trained on
    main: str
    rivals: Sequence[Rival]
    metrics: Mapping[str, Metrics]  # by the names of the runs
    best: str
    differences: Sequence[Difference]
    config: Mapping[str, Sequence[Any]]  # the keys that differ, with the value of each run, or MISSING

    @property
    def names(self) -> list[str]:
        """Of the runs, as they were given."""
        return [rival.name for rival in self.rivals]

    @property
    def same_rows(self) -> bool:
        """Whether the part is the same in all runs."""
        return set(self.own.values()) == {self.rows}

    @property
    def same_validation(self) -> bool:
        """Whether the same rows chose the best epoch of each run."""
        return len({rival.record.part("valid").tobytes() for rival in self.rivals}) == 1


def compare(paths: Sequence[Path], split: str) -> Comparison:
    """Score each run's best network on the rows that are in this part of all runs.

    Raises UsageError for runs that cannot be compared, DataError where they share no row.
    """
    rivals = rivals_of(paths)
    for other in rivals[1:]:
        check_alike(rivals[0], other)
    shares = [rival.unseen(split) for rival in rivals]
    rows = reduce(lambda a, b: np.intersect1d(a, b, assume_unique=True), shares)
    own = {rival.name: len(share) for rival, share in zip(rivals, shares, strict=True)}
    learned = {rival.name: int(rival.record.seen()[rows].sum()) for rival in rivals}
    if not len(rows):
        raise none_shared(own, split)
    scored = [scores_of(rival, rows) for rival in rivals]
    weights = scored[0][1]
    metrics = {rival.name: of.score(weights) for rival, (of, _) in zip(rivals, scored, strict=True)}
    main = MAIN[rivals[0].bundle.loss.task]
    best, differences = ranked([of for of, _ in scored], list(metrics), metrics, main, weights)
    configs = {rival.name: rival.source.config for rival in rivals}
    others = unlike(list(configs.values()))
    return Comparison(split, len(rows), own, learned, main, rivals, metrics, best, differences, others)


def rivals_of(paths: Sequence[Path]) -> list[Rival]:
    """The runs at some paths. Raises UsageError where there are not two, or one of them stands twice."""
    if len(paths) < 2:
        raise UsageError("one run alone is compared with nothing", hint="name two or more; `netrain runs` lists them")
    places = [path.resolve() for path in paths]
    for i, place in enumerate(places):
        if place in places[:i]:
            first = paths[places.index(place)]
            raise UsageError(f"`{first}` and `{paths[i]}` are one run", hint="name another; `netrain runs` lists them")
    runs = [open_run(path) for path in paths]
    alone = len({run.name for run in runs}) == len(runs)
    return [rival_of(run, run.name if alone else str(run.path)) for run in runs]


def rival_of(run: Run, name: str) -> Rival:
    """A run, read. Raises CheckpointError where it has no best checkpoint."""
    bundle = load_bundle(find_checkpoint(run.path))
    return Rival(name, run, read_config(run.config), bundle, run.split_record())


def check_alike(one: Rival, other: Rival) -> None:
    """Raise UsageError that names what keeps two runs from being compared."""
    same = "runs are compared that predict the same column of the same table"
    facts = {
        "table": (table_of, same),
        "target": (lambda rival: in_short(sorted(rival.bundle.coding.names)), same),
        "task": (lambda rival: rival.bundle.loss.task, same),
        "labels": (lambda rival: labels_of(rival.bundle.coding), same),
        "weights of rows": (weight_of, "train them with the same `data.weight`"),
    }
    for what, (fact, hint) in facts.items():
        here, there = fact(one), fact(other)
        if here != there:
            message = f"`{one.name}` and `{other.name}` cannot be compared, for they differ in the {what}"
            raise UsageError(f"{message}: {here}; {there}", hint=hint)


def table_of(rival: Rival) -> str:
    """What identifies a table."""
    return f"{counted(len(rival.record.rows), 'row')}, fingerprint {rival.record.fingerprint[:12]}"


def labels_of(coding: TargetCoding) -> str:
    """The classes, or the labels of each target; none for values."""
    match coding:
        case Classes():
            return in_short(coding.labels)
        case Labels():
            pairs = zip(coding.names, coding.pairs, strict=True)
            return in_short([f"{name}: {' or '.join(pair)}" for name, pair in sorted(pairs)])
        case Values():
            return ""
        case _:
            assert_never(coding)


def weight_of(rival: Rival) -> str:
    """The column of the rows' weights."""
    weight = rival.source.config.data.weight
    return f"`{weight}`" if weight else "none"


def none_shared(own: Mapping[str, int], split: str) -> DataError:
    """The error for runs that have no row of a part in common."""
    counts = ", ".join(f"`{name}` has {counted(rows, f'{split} row')}" for name, rows in own.items())
    if not all(own.values()):
        hint = f"`--split {'valid' if split == 'test' else 'test'}` compares on other rows"
    else:
        hint = "train them with the same `seed` and `data.split`, so that the same rows are kept from all"
    return DataError(f"no row is in the {split} part of all of these runs: {counts}", hint=hint)


def scores_of(rival: Rival, rows: Numbers) -> tuple[Scores, Floats | None]:
    """The scores of a run's best network on some rows, and the rows' weights."""
    bundle = rival.bundle
    table = read_tables(rival.source, bundle.preprocessor).table
    rival.record.check(table.fingerprint, len(table), table.path, bundle.config.training.networks)
    part = part_of(table.take(rows), rival.source.config.data.weight, bundle.preprocessor, bundle.coding)
    with threads(bundle.config, bundle.network):
        of, _ = part_scores(bundle.loss, bundle.coding, bundle.network, part)
    return of, part.weights


def ranked(
    of: Sequence[Scores],
    names: Sequence[str],
    metrics: Mapping[str, Metrics],
    main: str,
    weights: Floats | None,
) -> tuple[str, list[Difference]]:
    """The run with the best main metric, the first of equals, and how far the others are behind it.

    Intervals are of the 2.5% and the 97.5% of resampled differences. Raises DataError where no row has a weight.
    """
    values = [metrics[name][main] for name in names]
    known = [value for value in values if value is not None]
    if len(known) < len(names):
        raise DataError(f"`{main}` is not defined for these rows: none of them has a weight", hint="another `--split`")
    sign = 1.0 if higher_is_better(main) else -1.0
    best = int(np.argmax([sign * value for value in known]))
    draws = resampled(of, stream(0, "compare"), weights)
    tails = [(1.0 - LEVEL) / 2.0, (1.0 + LEVEL) / 2.0]
    differences = []
    for i, name in enumerate(names):
        if i != best:
            low, high = np.nanquantile(sign * (draws[:, best] - draws[:, i]), tails).tolist()
            differences.append(Difference(name, sign * (known[best] - known[i]), (low, high)))
    return names[best], differences


def unlike(configs: Sequence[Config]) -> dict[str, list[Any]]:
    """The keys, in dots, in which complete configs differ, with the value of each; of paths the file names alone."""
    flat = [leaves(with_paths(config, lambda path: Path(path).name).model_dump(mode="json")) for config in configs]
    keys = dict.fromkeys(key for of in flat for key in of)
    found = {key: [of.get(key, MISSING) for of in flat] for key in keys}
    return {key: values for key, values in found.items() if any(value != values[0] for value in values)}


def leaves(node: Mapping[str, Any], path: tuple[str, ...] = ()) -> dict[str, Any]:
    """The values of a tree by their paths in dots; lists and empty mappings are values."""
    found: dict[str, Any] = {}
    for key, value in node.items():
        here = (*path, key)
        found |= leaves(value, here) if isinstance(value, dict) and value else {dotted(here): value}
    return found
