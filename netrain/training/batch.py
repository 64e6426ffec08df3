"""Some of the training rows, gathered in memory that the next ones write over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netrain.inputs import Floats, Inputs, Rows
from netrain.nn.memory import aligned


@dataclass(frozen=True)
class Batch:
    """n rows, and room for the gradient by the outputs [n, k]."""

    inputs: Inputs
    y: NDArray[Any]
    weights: NDArray[np.float32] | None
    grad: Floats

    def __getitem__(self, rows: slice) -> Batch:
        weights = None if self.weights is None else self.weights[rows]
        return Batch(self.inputs[rows], self.y[rows], weights, self.grad[rows])

    def sources(self, train: Rows) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """What is gathered into what; columns of which there are none are left out."""
        pairs = [(train.inputs.num, self.inputs.num), (train.inputs.cat, self.inputs.cat), (train.y, self.y)]
        if train.weights is not None and self.weights is not None:
            pairs.append((train.weights, self.weights))
        return [(source, to) for source, to in pairs if to.size]


class Gather:
    """Batches of up to `size` rows."""

    def __init__(self, train: Rows, size: int, grad: Floats) -> None:
        def room(like: NDArray[Any]) -> NDArray[Any]:
            return aligned((size, *like.shape[1:]), like.dtype)

        inputs = Inputs(room(train.inputs.num), room(train.inputs.cat))
        self._train = train
        self._all = Batch(inputs, room(train.y), None if train.weights is None else room(train.weights), grad)
        self._lend(size)

    def __call__(self, rows: NDArray[np.intp]) -> Batch:
        """The rows named."""
        if len(rows) != self._n:
            self._lend(len(rows))
        for source, to in self._sources:
            source.take(rows, 0, to, "clip")  # which spares the check of each index, and with it a copy
        return self._batch

    def _lend(self, n: int) -> None:
        self._n, self._batch = n, self._all[:n]
        self._sources = self._batch.sources(self._train)
