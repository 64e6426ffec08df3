"""From the columns of a table to one dense row: numbers pass, categories become learned vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import final

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats, Inputs
from netrain.nn.init import Normal
from netrain.nn.params import Buffer, Param


@final
class Entry:
    """`num` beside the vectors of `cat`: Inputs of n rows -> [n, n_num + d_cat * size].

    `levels` counts each categorical column's levels with the 0 of missing and unseen.
    """

    def __init__(self, n_num: int, levels: Sequence[int], size: int) -> None:
        self.n_num, self.levels, self.size = n_num, tuple(levels), size
        self.n_out = n_num + len(self.levels) * size

    def params(self) -> dict[str, Param]:
        """One table [levels, size] a categorical column."""
        init = Normal(std=self.size**-0.5)
        return {f"{j}": Param((levels, self.size), init, decay=True) for j, levels in enumerate(self.levels)}

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        """As `Layer.bind`."""
        self._tables = [values[f"{j}"] for j in range(len(self.levels))]
        self._grads = [grads[f"{j}"] for j in range(len(self.levels))]
        self._y = Buffer(rows if self.levels else 0, self.n_out, dtype)

    def forward(self, x: Inputs) -> Floats:
        """[n, n_out]; without categories it is `x.num` itself."""
        if not self.levels:
            return x.num
        y, self._cat = self._y.like(x.num), x.cat
        y[:, : self.n_num] = x.num
        for j, table in enumerate(self._tables):
            np.take(table, x.cat[:, j], axis=0, out=y[:, self._columns(j)], mode="clip")
        return y

    def backward(self, dy: Floats) -> None:
        """Write the gradients of the tables; the inputs need none."""
        for j, grad in enumerate(self._grads):
            grad.fill(0.0)
            add_rows(grad, self._cat[:, j], dy[:, self._columns(j)])

    def _columns(self, j: int) -> slice:
        start = self.n_num + j * self.size
        return slice(start, start + self.size)


def add_rows(total: Floats, index: np.ndarray, rows: Floats) -> None:
    """total[index[i]] += rows[i] for every i, also where an index repeats."""
    order = np.argsort(index, kind="stable")
    ordered = index[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    total[ordered[starts]] += np.add.reduceat(rows[order], starts, axis=0)
