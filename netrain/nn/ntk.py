"""The linear layer in the parametrisation of the neural tangent kernel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats
from netrain.nn.init import Constant, Init, Stretched
from netrain.nn.layer import Layer
from netrain.nn.memory import sum_over_rows
from netrain.nn.params import Buffer, Param


@final
class NtkLinear(Layer):
    """y = x w / sqrt(n_in) + b: weights are about 1 and steps alike for any width (Jacot et al., 2018).

    `init` is that of the weights of a linear layer without the division. Biases learn at a tenth of the rate.
    `data` as in `Linear`.
    """

    bias_rate = 0.1

    def __init__(self, n_in: int, n_out: int, init: Init, *, data: int = 0) -> None:
        self.n_in, self.n_out, self.init, self.data = n_in, n_out, init, data
        self.scale = n_in**-0.5

    def params(self) -> dict[str, Param]:
        return {
            "w": Param((self.n_in, self.n_out), Stretched(init=self.init, by=1.0 / self.scale), decay=True),
            "b": Param((self.n_out,), Constant(), rate=self.bias_rate),
        }

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.w, self.b = values["w"], values["b"]
        self.dw, self.db = grads["w"], grads["b"]
        self._y = Buffer(rows, self.n_out, dtype)
        self._dx = Buffer(rows, self.n_in - self.data, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:  # noqa: ARG002
        self._x = x
        y = np.matmul(x, self.w, out=self._y.like(x))
        np.multiply(y, self.scale, out=y)
        return np.add(y, self.b, out=y)

    def backward(self, dy: Floats) -> Floats:
        flat_x, flat_dy = self._x.reshape(-1, self.n_in), dy.reshape(-1, self.n_out)
        sum_over_rows(flat_dy, out=self.db)
        np.multiply(flat_dy, self.scale, out=flat_dy)
        np.matmul(flat_x.T, flat_dy, out=self.dw)
        dx = self._dx.like(dy)
        return np.matmul(dy, self.w[self.data :].T, out=dx) if self.data < self.n_in else dx
