"""The layer that applies an activation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats
from netrain.nn.activations import Activation
from netrain.nn.layer import Layer
from netrain.nn.memory import blocks
from netrain.nn.params import Buffer, Param


@final
class Activate(Layer):
    """y = f(x), element by element. An activation that needs no x to go back is written over it."""

    def __init__(self, n: int, activation: Activation) -> None:
        self.n_out, self.activation = n, activation

    def params(self) -> dict[str, Param]:
        return {}

    def bind(
        self,
        values: Mapping[str, Floats],  # noqa: ARG002
        grads: Mapping[str, Floats],  # noqa: ARG002
        rows: int,
        dtype: DTypeLike,
    ) -> None:
        self._y = Buffer(0 if self.activation.in_place else rows, self.n_out, dtype)
        self._kept = Buffer(rows, self.n_out, dtype)
        self._x = self._dy = np.empty((0, self.n_out), dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:  # noqa: ARG002
        if x is not self._x:  # mostly it is the view that the layer before lends at every step
            self._x, self._out = x, x if self.activation.in_place else self._y.like(x)
            self._seen, self._dy = blocks(x, self._out, self._kept.like(x)), self._x[:0]
        for some in self._seen:
            self.activation.forward(*some)
        return self._out

    def backward(self, dy: Floats) -> Floats:
        if dy is not self._dy:
            self._dy = dy
            self._slopes = [(*slope, *seen) for slope, seen in zip(blocks(dy), self._seen, strict=True)]
        for some in self._slopes:
            self.activation.backward(*some)
        return dy
