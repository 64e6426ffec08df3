"""Activations that learn how much of themselves to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats
from netrain.nn.activations import Activation
from netrain.nn.init import Constant
from netrain.nn.layer import Layer
from netrain.nn.memory import blocks
from netrain.nn.params import Buffer, Param


@final
class Parametric(Layer):
    """y = x + a (f(x) - x), with an `a` for each unit that starts at 1 (Holzmueller et al., 2024)."""

    rate = 0.1

    def __init__(self, n: int, activation: Activation) -> None:
        self.n_out, self.activation = n, activation

    def params(self) -> dict[str, Param]:
        return {"a": Param((self.n_out,), Constant(value=1.0), decay=True, rate=self.rate)}

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.a, self.da = values["a"], grads["a"]
        self._f = Buffer(rows, self.n_out, dtype)
        self._kept = Buffer(rows, self.n_out, dtype)
        self._bend = Buffer(rows, self.n_out, dtype)  # f(x) - x
        self._y = Buffer(rows, self.n_out, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:  # noqa: ARG002
        self._x, f, bend, y = x, self._f.like(x), self._bend.like(x), self._y.like(x)
        for some in blocks(x, f, self._kept.like(x)):
            self.activation.forward(*some)
        np.subtract(f, x, out=bend)
        np.multiply(bend, self.a, out=y)
        return np.add(y, x, out=y)

    def backward(self, dy: Floats) -> Floats:
        bend, straight = self._bend.like(dy), self._y.like(dy)
        np.einsum("ij,ij->j", dy.reshape(-1, self.n_out), bend.reshape(-1, self.n_out), out=self.da)
        # dx = dy (1 - a) + a f'(x) dy
        np.multiply(dy, 1.0 - self.a, out=straight)
        for each in blocks(dy, self._x, self._f.like(dy), self._kept.like(dy)):
            self.activation.backward(*each)
        np.multiply(dy, self.a, out=dy)
        return np.add(dy, straight, out=dy)
