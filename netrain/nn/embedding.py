"""From the columns of a table to one dense row: numbers pass, categories become learned vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from netrain.inputs import Floats, Inputs
from netrain.nn.init import Normal
from netrain.nn.layer import below
from netrain.nn.numeric import Curves
from netrain.nn.params import Buffer, Param


@final
class Entry:
    """`num` beside the vectors of `cat`: Inputs of n rows -> [n, n_num + d_cat * size].

    `levels` counts each categorical column's levels with the 0 of missing and unseen. With `curves`, the numbers at
    `places` of `num` stand in front, as [m * curves.size]. `std` is the deviation of the vectors at the start.
    """

    def __init__(
        self,
        n_num: int,
        levels: Sequence[int],
        size: int,
        *,
        curves: Curves | None = None,
        places: Sequence[int] = (),
        std: float | None = None,
    ) -> None:
        self.levels, self.size, self.curves = tuple(levels), size, curves
        self.std = size**-0.5 if std is None else std
        self.places = np.array(places if curves else (), np.intp)
        self._others = np.setdiff1d(np.arange(n_num), self.places)
        self._curved = curves.m * curves.size if curves else 0
        self._start = self._curved + len(self._others)  # of the vectors
        self.n_out = self._start + len(self.levels) * size
        self.learns = bool(self.levels) or curves is not None
        self.data = 0 if curves else self._start  # outputs in front that are inputs as they are

    @property
    def sections(self) -> tuple[int, ...]:
        """The widths of the outputs that come from one input."""
        curves = (self.curves.size,) * self.curves.m if self.curves else ()
        return (*curves, *(1,) * len(self._others), *(self.size,) * len(self.levels))

    def params(self) -> dict[str, Param]:
        """One table [levels, size] a categorical column, and what the curves learn."""
        init = Normal(std=self.std)
        tables = {f"{j}": Param((levels, self.size), init, decay=True) for j, levels in enumerate(self.levels)}
        curves = self.curves.params() if self.curves else {}
        return tables | {f"numeric.{name}": param for name, param in curves.items()}

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        """As `Layer.bind`."""
        self._tables = [values[f"{j}"] for j in range(len(self.levels))]
        self._grads = [grads[f"{j}"] for j in range(len(self.levels))]
        if self.curves:
            self.curves.bind(below(values, "numeric"), below(grads, "numeric"), rows, dtype)
        self._y = Buffer(rows if self.learns else 0, self.n_out, dtype)

    def start(self, x: Inputs, y: NDArray[Any]) -> None:
        """Look at the training rows once, with their targets."""
        if self.curves:
            self.curves.start(x.num[:, self.places], y)

    def forward(self, x: Inputs) -> Floats:
        """[n, n_out]; where nothing is learned it is `x.num` itself."""
        if not self.learns:
            return x.num
        y, self._cat = self._y.like(x.num), x.cat
        if self.curves:
            numbers = np.ascontiguousarray(x.num[:, self.places].T)
            self.curves.forward(numbers, self._curves_of(y))
            y[:, self._curved : self._start] = x.num[:, self._others]
        else:
            y[:, : self._start] = x.num
        for j, table in enumerate(self._tables):
            np.take(table, x.cat[:, j], axis=0, out=y[:, self._columns(j)], mode="clip")
        return y

    def backward(self, dy: Floats) -> None:
        """Write the gradients of tables and curves; the inputs need none, so dy may begin after the first `data`."""
        if self.curves:
            self.curves.backward(self._curves_of(dy))
        for j, grad in enumerate(self._grads):
            columns, left_out = self._columns(j), self.n_out - dy.shape[1]
            sum_rows(dy[:, columns.start - left_out : columns.stop - left_out], self._cat[:, j], out=grad)

    def by_input(self, y: Floats) -> tuple[Floats, Floats]:
        """Outputs [n, n_out] summed up over those that come from one input: [n, d_num] and [n, d_cat]."""
        sums = np.add.reduceat(y, np.cumsum((0, *self.sections[:-1])), axis=1)
        order = np.concatenate((self.places, self._others))
        num = np.empty((len(y), len(order)), y.dtype)
        num[:, order] = sums[:, : len(order)]
        return num, sums[:, len(order) :]

    def _columns(self, j: int) -> slice:
        start = self._start + j * self.size
        return slice(start, start + self.size)

    def _curves_of(self, y: Floats) -> Floats:
        """The part of the curves as [n, m, size], a view."""
        return y[:, : self._curved].reshape(len(y), len(self.places), -1)


MANY = 4  # times as many numbers as the rows have: a table is not summed as a whole


def sum_rows(rows: Floats, index: NDArray[np.integer], out: Floats) -> None:
    """out[k] = the sum of rows[i] over all i of which index[i] is k."""
    if out.size > MANY * rows.size:
        levels, at = np.unique(index, return_inverse=True)
        sums = np.empty((len(levels), out.shape[1]), out.dtype)
        sum_rows(rows, at, sums)
        out.fill(0.0)
        out[levels] = sums
        return
    size = rows.shape[1]
    cells = index[:, None] * np.intp(size) + np.arange(size)
    out[...] = np.bincount(cells.reshape(-1), rows.reshape(-1), out.size).reshape(out.shape)
