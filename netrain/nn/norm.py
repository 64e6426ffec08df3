"""Normalisation layers."""

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
class LayerNorm(Layer):
    """Each row to mean 0 and variance 1, then y = gain * x + bias (Ba et al., 2016)."""

    epsilon = 1e-5  # added to the variance

    def __init__(self, n: int) -> None:
        self.n_out = n

    def params(self) -> dict[str, Param]:
        return {"gain": Param((self.n_out,), Constant(value=1.0)), "bias": Param((self.n_out,), Constant())}

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.gain, self.bias = values["gain"], values["bias"]
        self.dgain, self.dbias = grads["gain"], grads["bias"]
        self._unit = Buffer(rows, self.n_out, dtype)  # the normalised rows
        self._y = Buffer(rows, self.n_out, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:  # noqa: ARG002
        unit, y = self._unit.like(x), self._y.like(x)
        np.subtract(x, x.mean(axis=-1, keepdims=True), out=unit)
        np.multiply(unit, unit, out=y)
        self._scale = 1.0 / np.sqrt(y.mean(axis=-1, keepdims=True) + self.epsilon)
        np.multiply(unit, self._scale, out=unit)
        np.multiply(unit, self.gain, out=y)
        return np.add(y, self.bias, out=y)

    def backward(self, dy: Floats) -> Floats:
        unit, work = self._unit.like(dy), self._y.like(dy)
        np.multiply(dy, unit, out=work)
        np.add.reduce(work.reshape(-1, self.n_out), axis=0, out=self.dgain)
        np.add.reduce(dy.reshape(-1, self.n_out), axis=0, out=self.dbias)
        # dx = scale * (g - mean(g) - unit * mean(g * unit)) with g = dy * gain
        np.multiply(dy, self.gain, out=dy)
        np.multiply(dy, unit, out=work)
        np.multiply(unit, work.mean(axis=-1, keepdims=True), out=unit)
        np.subtract(dy, dy.mean(axis=-1, keepdims=True), out=dy)
        np.subtract(dy, unit, out=dy)
        np.multiply(dy, self._scale, out=dy)
        return dy
