"""How much worse the network is without a column: its cells dealt out anew among the rows (Breiman, 2001)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from netrain.data.target import Values
from netrain.inputs import Floats, Inputs
from netrain.metrics import MAIN
from netrain.nn.bag import Bag
from netrain.nn.network import Network, Predictor
from netrain.random import stream
from netrain.report.blocks import Block, blocks
from netrain.report.groups import kind_of
from netrain.report.screen import FEWEST_ROWS as FEW
from netrain.report.screen import steepest, strongest
from netrain.report.subject import Subject, errors

REPEATS, FEWEST_REPEATS = 5, 2
ROWS, FEWEST_ROWS = 2_000, 100
FEWEST_COLUMNS = 20
WORK = 2.4e10  # multiplications, about
MOST_WORK = 6e10  # up to which the fewest rows and columns hold; beyond, there are as few as it allows, or these:
LEAST_ROWS, LEAST_COLUMNS = 20, 6
DRAWS = 200  # of the bootstrap


@dataclass(frozen=True)
class Effort:
    """How many rows are taken and how often they are dealt out."""

    rows: int
    repeats: int


def effort(network: Predictor, n: int, columns: int) -> Effort:
    """As much as the budget allows, counted in multiplications so that every machine does the same."""
    each = cost(network) * columns
    repeats = REPEATS if each * REPEATS * min(n, FEWEST_ROWS) <= WORK else FEWEST_REPEATS
    fewest = max(LEAST_ROWS, min(FEWEST_ROWS, int(MOST_WORK / (each * repeats))))
    return Effort(min(n, ROWS, max(fewest, int(WORK / (each * repeats)))), repeats)


def worthwhile(subject: Subject, every: list[Block], shuffled: np.ndarray) -> list[Block]:
    """All columns, or the strongest of more than the budget allows; those of a bag's first network, if need be."""
    each, n = cost(subject.network), min(len(subject.part.rows), FEWEST_ROWS)
    fewest = max(LEAST_COLUMNS, min(FEWEST_COLUMNS, int(MOST_WORK / (each * FEWEST_REPEATS * n))))
    most = max(fewest, int(WORK / (each * REPEATS * FEWEST_ROWS)))
    if len(every) <= most:
        return every
    rows, network = int(WORK / (each * len(every))), subject.network
    if rows < FEW and isinstance(network, Bag):
        network = network.one(0)
        rows = int(WORK / (cost(network) * len(every)))
        subject = replace(subject, network=network)
    if rows < FEW and isinstance(network, Network) and network.members > 1:
        return steepest(subject, network, every, most, some=shuffled)
    return strongest(subject, every, most, rows=rows, some=shuffled)


def cost(network: Predictor) -> float:
    """The multiplications of a row, at most: members that share weights each multiply by them."""
    return float(network.flat.trained * network.members)


def importance(subject: Subject) -> dict[str, Any]:
    """For each column how much the main metric loses, the mean over the repeats; the largest first.

    All columns are dealt out over the same rows by the same permutations. The 95% interval is of a bootstrap over the
    rows, each with all its repeats, so that it tells how sure the loss is for rows like these. Of more columns than
    the budget allows only the strongest are there, and `of` says how many columns there are.
    """
    seed, n = subject.config.seed, len(subject.part.rows)
    shuffled = stream(seed, "importance").permutation(n)
    every = worthwhile(subject, list(blocks(subject.preprocessor)), shuffled)
    chosen = effort(subject.network, n, len(every))
    some = np.sort(shuffled[: chosen.rows])
    inputs, truth, w = subject.part.rows.inputs.take(some), subject.part.truth[some], subject.weights[some]
    if not w.sum() > 0.0:
        w = np.ones(len(some))
    rng = stream(seed, "importance", 1)
    dealt = np.concatenate([rng.permutation(len(some)) for _ in range(chosen.repeats)])
    times = resampled(w, seed)
    whole = replicas(inputs, chosen.repeats)
    tiled, answer = inputs.take(whole), np.tile(truth, (chosen.repeats, *[1] * (truth.ndim - 1)))
    before = figures(subject, truth, subject.predict(inputs), times)
    found: list[dict[str, Any]] = []
    for block in every:
        block.put_taken(tiled, inputs, dealt)
        after = figures(subject, answer, subject.predict(tiled), times)
        block.put_taken(tiled, inputs, whole)
        lost = (before[:, None] - after.reshape(-1, chosen.repeats)).mean(axis=1)
        lost = lost if MAIN[subject.loss.task] == "accuracy" else -lost
        low, high = np.quantile(lost[1:], [0.025, 0.975])
        of = {"column": block.fitted.column, "kind": kind_of(block.fitted)}
        found.append(of | {"gain": float(lost[0]), "low": float(low), "high": float(high)})
    found.sort(key=lambda of: -of["gain"] if np.isfinite(of["gain"]) else np.inf)
    of_all = len(subject.preprocessor.columns)
    return {
        "metric": MAIN[subject.loss.task],
        "rows": len(some),
        "repeats": chosen.repeats,
        "of": of_all,
        "columns": found,
    }


def replicas(inputs: Inputs, repeats: int) -> np.ndarray:
    """The numbers of the rows, one time after the other."""
    return np.tile(np.arange(len(inputs)), repeats)


def resampled(weights: Floats, seed: int) -> Floats:
    """The weights of the rows as they are, below them of resampled rows. [1 + draws, n]."""
    n, rng = len(weights), stream(seed, "importance", 2)
    draws = [np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(DRAWS)]
    times = np.concatenate((np.ones((1, n)), np.array(draws, np.float64))) * weights
    times[times.sum(axis=1) <= 0.0] = weights
    shares: Floats = times / times.sum(axis=1, keepdims=True)
    return shares


def figures(subject: Subject, truth: Any, prediction: Floats, times: Floats) -> Floats:
    """The main metric of n or repeats * n rows, under each of the weights [m, n]. [m] or [m, repeats], flat."""
    wrong = errors(subject.coding, truth, prediction)
    n, t = times.shape[1], wrong.shape[1]
    values = isinstance(subject.coding, Values)
    each = np.square(wrong) if values else 1.0 - wrong
    by_row = each.reshape(-1, n, t).transpose(1, 0, 2).reshape(n, -1)
    means = times @ by_row
    means = (np.sqrt(means) if values else means).reshape(len(times), -1, t).mean(axis=2)
    flat: Floats = means.reshape(-1)
    return flat
