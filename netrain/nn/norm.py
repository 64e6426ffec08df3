"""Normalisation layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats
from netrain.nn.init import Constant
from netrain.nn.layer import Layer
from netrain.nn.memory import sum_over_rows
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
        sum_over_rows(work.reshape(-1, self.n_out), out=self.dgain)
        sum_over_rows(dy.reshape(-1, self.n_out), out=self.dbias)
        # dx = scale * (g - mean(g) - unit * mean(g * unit)) with g = dy * gain
        np.multiply(dy, self.gain, out=dy)
        np.multiply(dy, unit, out=work)
        np.multiply(unit, work.mean(axis=-1, keepdims=True), out=unit)
        np.subtract(dy, dy.mean(axis=-1, keepdims=True), out=dy)
        np.subtract(dy, unit, out=dy)
        np.multiply(dy, self._scale, out=dy)
        return dy


@final
class BatchNorm(Layer):
    """Each number of a batch's rows to mean 0 and variance 1, then y = gain * x + bias (Ioffe and Szegedy, 2015).

    Predicting, and a batch of a single row, use the running mean and variance, which follow the larger batches.
    """

    has_modes = True
    epsilon = 1e-5  # added to the variance
    momentum = 0.1  # the share of a batch in the running statistics

    def __init__(self, n: int) -> None:
        self.n_out = n

    def params(self) -> dict[str, Param]:
        return {
            "gain": Param((self.n_out,), Constant(value=1.0)),
            "bias": Param((self.n_out,), Constant()),
            "mean": Param((self.n_out,), Constant(), trained=False),
            "variance": Param((self.n_out,), Constant(value=1.0), trained=False),
        }

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.gain, self.bias = values["gain"], values["bias"]
        self.mean, self.variance = values["mean"], values["variance"]
        self.dgain, self.dbias = grads["gain"], grads["bias"]
        self._unit = Buffer(rows, self.n_out, dtype)  # the normalised rows
        self._y = Buffer(rows, self.n_out, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:
        unit, y = self._unit.like(x), self._y.like(x)
        rows = x.size // self.n_out
        self._of_batch = rng is not None and rows > 1
        mean = x.reshape(rows, self.n_out).mean(axis=0) if self._of_batch else self.mean
        np.subtract(x, mean, out=unit)
        variance = self.variance
        if self._of_batch:
            np.multiply(unit, unit, out=y)
            variance = y.reshape(rows, self.n_out).mean(axis=0)
            self.mean += self.momentum * (mean - self.mean)
            self.variance += self.momentum * (variance * (rows / (rows - 1)) - self.variance)  # unbiased
        self._scale = 1.0 / np.sqrt(variance + self.epsilon)
        np.multiply(unit, self._scale, out=unit)
        np.multiply(unit, self.gain, out=y)
        return np.add(y, self.bias, out=y)

    def backward(self, dy: Floats) -> Floats:
        unit, work = self._unit.like(dy), self._y.like(dy)
        rows = dy.size // self.n_out
        np.multiply(dy, unit, out=work)
        sum_over_rows(work.reshape(rows, self.n_out), out=self.dgain)
        sum_over_rows(dy.reshape(rows, self.n_out), out=self.dbias)
        if self._of_batch:  # dx = scale * gain * (dy - mean(dy) - unit * mean(dy * unit)), else scale * gain * dy
            np.multiply(unit, self.dgain / rows, out=unit)
            np.subtract(dy, unit, out=dy)
            np.subtract(dy, self.dbias / rows, out=dy)
        np.multiply(dy, self._scale * self.gain, out=dy)
        return dy
