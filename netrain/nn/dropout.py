"""Dropout."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats
from netrain.nn.chance import keep
from netrain.nn.layer import Layer
from netrain.nn.params import Buffer, Param


@final
class Dropout(Layer):
    """Each number is 0 with probability `rate`, else scaled by 1 / (1 - rate) (Srivastava et al., 2014).

    Nothing happens when predicting. `factor` is a part of the rate, for training to move.
    """

    has_modes = True
    factor = 1.0

    def __init__(self, n: int, rate: float) -> None:
        self.n_out, self.rate = n, rate

    def params(self) -> dict[str, Param]:
        return {}

    def bind(
        self,
        values: Mapping[str, Floats],  # noqa: ARG002
        grads: Mapping[str, Floats],  # noqa: ARG002
        rows: int,
        dtype: DTypeLike,
    ) -> None:
        self._mask = Buffer(rows, self.n_out, dtype)  # 0, or 1 / (1 - rate)
        self._y = Buffer(rows, self.n_out, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:
        self._kept_all = rng is None
        if rng is None:
            return x
        mask = self._mask.like(x)
        keep(mask, self.rate * self.factor, rng)
        return np.multiply(x, mask, out=self._y.like(x))

    def backward(self, dy: Floats) -> Floats:
        return dy if self._kept_all else np.multiply(dy, self._mask.like(dy), out=dy)
