"""The scaling layer in front of the first linear one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats
from netrain.nn.init import Constant
from netrain.nn.layer import Layer
from netrain.nn.params import Buffer, Param


@final
class FrontScale(Layer):
    """y = s x, a factor for each input that learns fast: a soft choice of features (Holzmueller et al., 2024).

    `data` as in `Linear`.
    """

    rate = 6.0

    def __init__(self, n: int, *, data: int = 0) -> None:
        self.n_out, self.data = n, data

    def params(self) -> dict[str, Param]:
        return {"s": Param((self.n_out,), Constant(value=1.0), decay=True, rate=self.rate)}

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.s, self.ds = values["s"], grads["s"]
        self._y = Buffer(rows, self.n_out, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:  # noqa: ARG002
        self._x = x
        return np.multiply(x, self.s, out=self._y.like(x))

    def backward(self, dy: Floats) -> Floats:
        np.einsum("ij,ij->j", dy.reshape(-1, self.n_out), self._x.reshape(-1, self.n_out), out=self.ds)
        rest = dy[..., self.data :]
        return np.multiply(rest, self.s[self.data :], out=rest)
