"""Numbers as piecewise linear curves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from netrain.inputs import Floats
from netrain.nn.edges import quantile_edges, tree_edges
from netrain.nn.embeddings import Ple
from netrain.nn.init import Constant, Within
from netrain.nn.memory import sum_over_rows
from netrain.nn.numeric import Curves
from netrain.nn.params import Buffer, Param

FAR = 1e30  # no bound, and yet a number that a checkpoint may hold


@final
class Pieces(Curves):
    """x line + b + v w, where v says how much of each piece of the number line lies below x.

    v_p = (x - left_p) * slope_p between 0 and 1; the first piece is not bounded below, nor the last above.
    """

    def __init__(self, m: int, spec: Ple) -> None:
        self.m, self.spec, self.size = m, spec, spec.size

    def params(self) -> dict[str, Param]:
        pieces, rate = (self.m, self.spec.bins), self.spec.rate
        near = Within(bound=self.size**-0.5)
        return {
            "w": Param((*pieces, self.size), Constant(), decay=True, rate=rate),
            "line": Param((self.m, self.size), near, rate=rate),
            "b": Param((self.m, self.size), near, rate=rate),
            "left": Param(pieces, Constant(), trained=False),
            "slope": Param(pieces, Constant(value=1.0), trained=False),
            "low": Param(pieces, Constant(), trained=False),
            "high": Param(pieces, Constant(value=1.0), trained=False),
        }

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.w, self.line, self.b = values["w"], values["line"], values["b"]
        self.dw, self.dline, self.db = grads["w"], grads["line"], grads["b"]
        self.left, self.slope = values["left"], values["slope"]
        self.low, self.high = values["low"], values["high"]
        self._v = Buffer(rows * self.m, self.spec.bins, dtype)
        self._y = Buffer(rows * self.m, self.size, dtype)
        self._line = Buffer(rows * self.m, self.size, dtype)

    def start(self, x: Floats, y: NDArray[Any]) -> None:
        """The edges of the pieces, from the training rows. A number with few edges leaves pieces unused, always 0."""
        for part, value in ((self.left, 0.0), (self.slope, 0.0), (self.low, 0.0), (self.high, 0.0)):
            part.fill(value)
        for j in range(self.m):
            column = x[:, j].astype(np.float64)
            bins = self.spec.bins
            edges = quantile_edges(column, bins) if self.spec.edges == "quantile" else tree_edges(column, y, bins)
            n = len(edges) - 1
            self.left[j, :n] = edges[:-1]
            self.slope[j, :n] = 1.0 / np.diff(edges)
            self.high[j, :n] = 1.0
            self.low[j, 0], self.high[j, n - 1] = -FAR, FAR

    def forward(self, x: Floats, out: Floats) -> None:
        self._x = x
        v, y, line = (buffer.like(x[:, :, None]) for buffer in (self._v, self._y, self._line))
        np.subtract(x[:, :, None], self.left[:, None, :], out=v)
        np.multiply(v, self.slope[:, None, :], out=v)
        np.maximum(v, self.low[:, None, :], out=v)
        np.minimum(v, self.high[:, None, :], out=v)
        np.matmul(v, self.w, out=y)
        np.multiply(x[:, :, None], self.line[:, None, :], out=line)
        np.add(y, line, out=y)
        np.add(y, self.b[:, None, :], out=y)
        out[...] = y.transpose(1, 0, 2)

    def backward(self, dy: Floats) -> None:
        x = self._x
        v, y = self._v.like(x[:, :, None]), self._y.like(x[:, :, None])
        np.copyto(y, dy.transpose(1, 0, 2))
        np.matmul(v.transpose(0, 2, 1), y, out=self.dw)
        np.matmul(x[:, None, :], y, out=self.dline[:, None, :])
        sum_over_rows(y, out=self.db)
