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
    """y = x w + b. The first `data` inputs are data: no gradient by them is made, and `backward` leaves them out."""

    def __init__(self, n_in: int, n_out: int, init: Init, *, data: int = 0, bias: Draw = ZERO) -> None:
        self.n_in, self.n_out, self.init, self.data, self.bias = n_in, n_out, init, data, bias

    def params(self) -> dict[str, Param]:
        return {
            "w": Param((self.n_in, self.n_out), self.init, decay=True),
            "b": Param((self.n_out,), self.bias),
        }

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.w, self.b = values["w"], values["b"]
        self.dw, self.db = grads["w"], grads["b"]
        self._w_across = self.w[self.data :].T
        self._ones = np.ones(rows, dtype)
        self._y = Buffer(rows, self.n_out, dtype)
        self._dx = Buffer(rows, self.n_in - self.data, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:  # noqa: ARG002
        y = self._y.like(x)
        self._x = flat(x)
        self._x.dot(self.w, flat(y))  # quicker to call than matmul
        return np.add(y, self.b, out=y)

    def backward(self, dy: Floats) -> Floats:
        flat_dy = flat(dy)
        self._x.T.dot(flat_dy, self.dw)
        self._ones[: len(flat_dy)].dot(flat_dy, self.db)  # quicker than a sum over the rows
        dx = self._dx.like(dy)
        if self.data < self.n_in:
            flat_dy.dot(self._w_across, flat(dx))
        return dx


def flat(x: Floats) -> Floats:
    """[..., n] -> [rows, n], the same memory."""
    return x if x.ndim == 2 else x.reshape(-1, x.shape[-1])
