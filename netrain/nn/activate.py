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
    """y = f(x), element by element."""

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
        self._y = Buffer(rows, self.n_out, dtype)
        self._kept = Buffer(rows, self.n_out, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:  # noqa: ARG002
        self._x, y = x, self._y.like(x)
        for some in blocks(x, y, self._kept.like(x)):
            self.activation.forward(*some)
        return y

    def backward(self, dy: Floats) -> Floats:
        for some in blocks(dy, self._x, self._y.like(dy), self._kept.like(dy)):
            self.activation.backward(*some)
        return dy
