"""Which of very many columns are worth a closer look."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netrain.inputs import Floats
from netrain.nn.network import Network
from netrain.random import stream
from netrain.report.blocks import Block
from netrain.report.subject import Subject, answers

ROWS, FEWEST_ROWS = 64, 4  # that are looked at
TOGETHER = 256  # rows of a prediction
DRAWS = 2


def steepest(subject: Subject, network: Network, every: Sequence[Block], most: int, *, some: np.ndarray) -> list[Block]:
    """As `strongest`, to first order: by the slopes of the outputs, which tell of all blocks at once.

    Takes a network of several members.
    """
    few = some[: min(len(some), ROWS, network.rows)]
    inputs = subject.part.rows.inputs.take(few)
    turned = inputs.take(np.roll(np.arange(len(few)), 1))
    moved = network.entry.forward(turned).copy()
    moved -= network.entry.forward(inputs)
    size = 1.0 / np.maximum(network.predict(inputs).std(axis=0), 1e-30)
    changes = np.zeros(len(every))
    for signs in combinations(network.n_out, subject.config.seed):
        num, cat = network.entry.by_input(network.slopes(inputs, signs * size) * moved)
        changes += [np.abs(num[:, of.num].sum(axis=1) + cat[:, of.cat].sum(axis=1)).mean() for of in every]
    return first(every, changes, most)


def combinations(n: int, seed: int) -> Floats:
    """Signs for n outputs, so that what changes any of them changes a sum: each output alone, or of many all by lot."""
    return np.eye(n) if n <= DRAWS else stream(seed, "importance", 3).choice([-1.0, 1.0], size=(DRAWS, n))


def first(every: Sequence[Block], changes: Floats, most: int) -> list[Block]:
    """Those that change most, in their order."""
    order = np.argsort(-np.nan_to_num(changes), kind="stable")[:most]
    return [every[i] for i in np.sort(order)]


def strongest(subject: Subject, every: Sequence[Block], most: int, *, rows: int, some: np.ndarray) -> list[Block]:
    """The blocks that change the answers most where each of a few rows takes the cells of the next one.

    `some`: the rows to take them from, at random; `rows`: how many the budget allows.
    """
    few = some[: min(len(some), max(FEWEST_ROWS, min(ROWS, rows)))]
    inputs, n = subject.part.rows.inputs.take(few), len(few)
    turned = np.roll(np.arange(n), 1)
    before = answers(subject.coding, subject.predict(inputs))
    size = 1.0 / np.maximum(before.std(axis=0), 1e-300)
    each = max(1, TOGETHER // n)
    changes = []
    for start in range(0, len(every), each):
        chosen = every[start : start + each]
        tiled = inputs.take(np.tile(np.arange(len(inputs)), len(chosen)))
        for i, block in enumerate(chosen):
            block.put_taken(tiled[i * n : (i + 1) * n], inputs, turned)
        after = answers(subject.coding, subject.predict(tiled)).reshape(len(chosen), n, -1)
        changes.append((np.abs(after - before) * size).mean(axis=(1, 2)))
    return first(every, np.concatenate(changes), most)
