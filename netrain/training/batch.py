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
    """n rows, their targets and weights once for each output of theirs, and room for the gradient by outputs [m, k]."""

    inputs: Inputs
    y: NDArray[Any]
    weights: NDArray[np.float32] | None
    grad: Floats

    def first(self, n: int, m: int) -> Batch:
        """The first n rows with m outputs."""
        weights = None if self.weights is None else self.weights[:m]
        return Batch(self.inputs[:n], self.y[:m], weights, self.grad[:m])

    def sources(self, train: Rows) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """What is gathered into what; columns of which there are none are left out."""
        n = len(self.inputs)
        pairs = [(train.inputs.num, self.inputs.num), (train.inputs.cat, self.inputs.cat), (train.y, self.y[:n])]
        if train.weights is not None and self.weights is not None:
            pairs.append((train.weights, self.weights[:n]))
        return [(source, to) for source, to in pairs if to.size]

    def copies(self) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """What of the rows' targets and weights is copied to where, for the other outputs of each row."""
        n = len(self.inputs)
        whole = [self.y] if self.weights is None else [self.y, self.weights]
        return [(part[:n], part[n:].reshape(-1, *part[:n].shape)) for part in whole if len(part) > n]


class Gather:
    """Batches of up to `size` rows. `grad` has room for as many outputs a row as the network gives."""

    def __init__(self, train: Rows, size: int, grad: Floats) -> None:
        def room(n: int, like: NDArray[Any]) -> NDArray[Any]:
            return aligned((n, *like.shape[1:]), like.dtype)

        inputs = Inputs(room(size, train.inputs.num), room(size, train.inputs.cat))
        weights = None if train.weights is None else room(len(grad), train.weights)
        self._train, self._outputs = train, len(grad) // size
        self._all = Batch(inputs, room(len(grad), train.y), weights, grad)
        self._lend(size)

    def __call__(self, rows: NDArray[np.intp]) -> Batch:
        """The rows named."""
        if len(rows) != self._n:
            self._lend(len(rows))
        for source, to in self._sources:
            source.take(rows, 0, to, "clip")  # which spares the check of each index, and with it a copy
        for part, others in self._copies:
            np.copyto(others, part)
        return self._batch

    def _lend(self, n: int) -> None:
        self._n, self._batch = n, self._all.first(n, n * self._outputs)
        self._sources, self._copies = self._batch.sources(self._train), self._batch.copies()
