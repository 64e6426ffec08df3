"""The linear layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats
from netrain.nn.init import Constant, Draw, Init
from netrain.nn.layer import Layer
from netrain.nn.params import Buffer, Param

ZERO = Constant()


@final
class Linear(Layer):
    """y = x w + b. `first`: the input is data, so no gradient by it is made (`backward` returns dy)."""

    def __init__(self, n_in: int, n_out: int, init: Init, *, first: bool = False, bias: Draw = ZERO) -> None:
        self.n_in, self.n_out, self.init, self.first, self.bias = n_in, n_out, init, first, bias

    def params(self) -> dict[str, Param]:
        return {
            "w": Param((self.n_in, self.n_out), self.init, decay=True),
            "b": Param((self.n_out,), self.bias),
        }

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.w, self.b = values["w"], values["b"]
        self.dw, self.db = grads["w"], grads["b"]
        self._y = Buffer(rows, self.n_out, dtype)
        self._dx = Buffer(0 if self.first else rows, self.n_in, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:  # noqa: ARG002
        self._x = x
        y = np.matmul(x, self.w, out=self._y.like(x))
        return np.add(y, self.b, out=y)

    def backward(self, dy: Floats) -> Floats:
        flat_x, flat_dy = self._x.reshape(-1, self.n_in), dy.reshape(-1, self.n_out)
        np.matmul(flat_x.T, flat_dy, out=self.dw)
        np.add.reduce(flat_dy, axis=0, out=self.db)
        if self.first:
            return dy
        return np.matmul(dy, self.w.T, out=self._dx.like(dy))
