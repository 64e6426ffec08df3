"""Numbers as waves."""

from __future__ import annotations

from collections.abc import Mapping
from math import pi
from typing import Any, final

import numpy as np
from numpy.typing import DTypeLike, NDArray

from netrain.inputs import Floats
from netrain.nn.embeddings import Pbld, Plr
from netrain.nn.init import Near, Normal, Within
from netrain.nn.memory import blocks, full, sum_over_rows
from netrain.nn.numeric import Curves
from netrain.nn.params import Buffer, Param


@final
class Waves(Curves):
    """PLR: relu(v w + b) with v = (cos 2 pi f x, sin 2 pi f x)."""

    def __init__(self, m: int, spec: Plr) -> None:
        self.m, self.spec, self.size = m, spec, spec.size

    def params(self) -> dict[str, Param]:
        f, rate = self.spec.frequencies, self.spec.rate
        near = Within(bound=(2 * f) ** -0.5)
        return {
            "frequency": Param((self.m, f), Near(std=self.spec.sigma), rate=rate),
            "w": Param((self.m, 2 * f, self.size), near, decay=True, rate=rate),
            "b": Param((self.m, self.size), near, rate=rate),
        }

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.frequency, self.w, self.b = values["frequency"], values["w"], values["b"]
        self.dfrequency, self.dw, self.db = grads["frequency"], grads["w"], grads["b"]
        f, rows = self.spec.frequencies, rows * self.m
        self._v = Buffer(rows, 2 * f, dtype)
        self._dv = Buffer(rows, 2 * f, dtype)
        self._y = Buffer(rows, self.size, dtype)

    def start(self, x: Floats, y: NDArray[Any]) -> None:
        """Nothing is learned of the rows."""

    def forward(self, x: Floats, out: Floats) -> None:
        f = self.spec.frequencies
        self._x = x
        v, y = self._v.like(x[:, :, None]), self._y.like(x[:, :, None])
        angle = v[:, :, f:]
        np.multiply(x[:, :, None], 2 * pi * self.frequency[:, None, :], out=angle)
        np.cos(angle, out=v[:, :, :f])
        np.sin(angle, out=angle)
        np.matmul(v, self.w, out=y)
        np.add(y, self.b[:, None, :], out=y)
        for (some,) in blocks(y):
            np.maximum(some, full(some.shape, some.dtype, 0.0), out=some)
        out[...] = y.transpose(1, 0, 2)

    def backward(self, dy: Floats) -> None:
        f, x = self.spec.frequencies, self._x
        v, dv, y = self._v.like(x[:, :, None]), self._dv.like(x[:, :, None]), self._y.like(x[:, :, None])
        np.multiply(dy.transpose(1, 0, 2), y > 0.0, out=y)
        np.matmul(v.transpose(0, 2, 1), y, out=self.dw)
        sum_over_rows(y, out=self.db)
        np.matmul(y, self.w.transpose(0, 2, 1), out=dv)
        # the slope of the cosine is -sin, that of the sine is cos
        np.multiply(dv[:, :, f:], v[:, :, :f], out=dv[:, :, f:])
        np.multiply(dv[:, :, :f], v[:, :, f:], out=dv[:, :, :f])
        np.subtract(dv[:, :, f:], dv[:, :, :f], out=dv[:, :, f:])
        np.matmul(x[:, None, :], dv[:, :, f:], out=self.dfrequency[:, None, :])
        np.multiply(self.dfrequency, 2 * pi, out=self.dfrequency)


@final
class PhasedWaves(Curves):
    """PBLD: (h w + b, x) with h = cos(2 pi f x + phase)."""

    def __init__(self, m: int, spec: Pbld) -> None:
        self.m, self.spec, self.size = m, spec, spec.size

    def params(self) -> dict[str, Param]:
        f, rate, made = self.spec.frequencies, self.spec.rate, self.size - 1
        near = Within(bound=f**-0.5)
        return {
            "frequency": Param((self.m, f), Normal(std=self.spec.sigma), decay=True, rate=rate),
            "phase": Param((self.m, f), Within(bound=pi), decay=True, rate=rate),
            "w": Param((self.m, f, made), near, decay=True, rate=rate),
            "shift": Param((self.m, made), near, decay=True, rate=rate),
        }

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.frequency, self.phase, self.w, self.shift = (values[n] for n in self.params())
        self.dfrequency, self.dphase, self.dw, self.dshift = (grads[n] for n in self.params())
        f, rows = self.spec.frequencies, rows * self.m
        self._angle = Buffer(rows, f, dtype)
        self._h = Buffer(rows, f, dtype)
        self._y = Buffer(rows, self.size - 1, dtype)

    def start(self, x: Floats, y: NDArray[Any]) -> None:
        """Nothing is learned of the rows."""

    def forward(self, x: Floats, out: Floats) -> None:
        self._x = x
        angle, h, y = (buffer.like(x[:, :, None]) for buffer in (self._angle, self._h, self._y))
        np.multiply(x[:, :, None], 2 * pi * self.frequency[:, None, :], out=angle)
        np.add(angle, self.phase[:, None, :], out=angle)
        np.cos(angle, out=h)
        np.matmul(h, self.w, out=y)
        np.add(y, self.shift[:, None, :], out=y)
        out[:, :, :-1] = y.transpose(1, 0, 2)
        out[:, :, -1] = x.T

    def backward(self, dy: Floats) -> None:
        x = self._x
        angle, h, y = (buffer.like(x[:, :, None]) for buffer in (self._angle, self._h, self._y))
        np.copyto(y, dy[:, :, :-1].transpose(1, 0, 2))
        np.matmul(h.transpose(0, 2, 1), y, out=self.dw)
        sum_over_rows(y, out=self.dshift)
        np.matmul(y, self.w.transpose(0, 2, 1), out=h)
        np.sin(angle, out=angle)
        np.multiply(h, angle, out=h)
        np.negative(h, out=h)
        sum_over_rows(h, out=self.dphase)
        np.matmul(x[:, None, :], h, out=self.dfrequency[:, None, :])
        np.multiply(self.dfrequency, 2 * pi, out=self.dfrequency)
