"""The linear layer."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
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
        self._x: Floats | None = None
        self._dy: Floats | None = None

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:  # noqa: ARG002
        if x is not self._x:  # mostly it is the view that the layer before lends at every step
            self._x, self._out = lasting(x), self._y.like(x)
            self._flat_x, self._flat_out = flat(x), flat(self._out)
            self._x_across, self._counted = self._flat_x.T, self._ones[: len(self._flat_x)]
        self._flat_x.dot(self.w, self._flat_out)  # quicker to call than matmul
        return np.add(self._out, self.b, out=self._out)

    def backward(self, dy: Floats) -> Floats:
        if dy is not self._dy:
            self._dy, self._slope = lasting(dy), self._dx.like(dy)
            self._flat_dy, self._flat_slope = flat(dy), flat(self._slope)
        self._x_across.dot(self._flat_dy, self.dw)
        self._counted.dot(self._flat_dy, self.db)  # quicker than a sum over the rows
        if self.data < self.n_in:
            self._flat_dy.dot(self._w_across, self._flat_slope)
        return self._slope


def lasting(x: Floats) -> Floats | None:
    """x itself where `flat` of it is a view, so that it is the same memory at the next step; else None."""
    return x if x.ndim == 2 or x.flags.c_contiguous else None


def flat(x: Floats) -> Floats:
    """[..., n] -> [rows, n], the same memory where that can be."""
    return x if x.ndim == 2 else x.reshape(prod(x.shape[:-1]), x.shape[-1])
