"""Which of very many columns are worth a closer look."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netrain.report.blocks import Block
from netrain.report.subject import Subject, answers

ROWS, FEWEST_ROWS = 64, 4  # that are looked at
TOGETHER = 256  # rows of a prediction


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
    order = np.argsort(-np.nan_to_num(np.concatenate(changes)), kind="stable")[:most]
    return [every[i] for i in np.sort(order)]
