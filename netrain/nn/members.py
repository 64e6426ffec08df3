"""Layers of an ensemble inside one network: its members are the first axis, and share some or no weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats
from netrain.nn.init import Constant, Draw, Init, Within
from netrain.nn.layer import Layer
from netrain.nn.params import Buffer, Param


@final
class Adapt(Layer):
    """y_i = r_i x_i, a factor for each input of each member (Wen et al., 2020): [k, n, d] -> [k, n, d].

    All that the members of a TabM-mini do not share beside their last layers (Gorishniy et al., 2025).
    """

    def __init__(self, k: int, n: int, init: Draw) -> None:
        self.k, self.n_out, self.init = k, n, init

    def params(self) -> dict[str, Param]:
        return {"r": Param((self.k, self.n_out), self.init, decay=True)}

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.r, self.dr = values["r"], grads["r"]
        self._y = Buffer(rows, self.n_out, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:  # noqa: ARG002
        self._x = x
        return np.multiply(x, self.r[:, None, :], out=self._y.like(x))

    def backward(self, dy: Floats) -> Floats:
        np.einsum("knd,knd->kd", dy, self._x, out=self.dr)
        return np.multiply(dy, self.r[:, None, :], out=dy)


@final
class BatchEnsemble(Layer):
    """y_i = s_i ((r_i x_i) w) + b_i with one w for all members (Wen et al., 2020): [k, n, n_in] -> [k, n, n_out]."""

    def __init__(self, k: int, n_in: int, n_out: int, init: Init, adapters: Draw) -> None:
        self.k, self.n_in, self.n_out, self.init, self.adapters = k, n_in, n_out, init, adapters

    def params(self) -> dict[str, Param]:
        k, near = self.k, Within(bound=self.n_in**-0.5, alike=True)
        return {
            "r": Param((k, self.n_in), self.adapters, decay=True),
            "w": Param((self.n_in, self.n_out), self.init, decay=True),
            "s": Param((k, self.n_out), Constant(value=1.0), decay=True),
            "b": Param((k, self.n_out), near),
        }

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.r, self.w, self.s, self.b = (values[name] for name in "rwsb")
        self.dr, self.dw, self.ds, self.db = (grads[name] for name in "rwsb")
        self._a = Buffer(rows, self.n_in, dtype)
        self._da = Buffer(rows, self.n_in, dtype)
        self._u = Buffer(rows, self.n_out, dtype)
        self._y = Buffer(rows, self.n_out, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:  # noqa: ARG002
        self._x, a, u, y = x, self._a.like(x), self._u.like(x), self._y.like(x)
        np.multiply(x, self.r[:, None, :], out=a)
        np.matmul(a, self.w, out=u)
        np.multiply(u, self.s[:, None, :], out=y)
        return np.add(y, self.b[:, None, :], out=y)

    def backward(self, dy: Floats) -> Floats:
        a, u, da = self._a.like(dy), self._u.like(dy), self._da.like(dy)
        np.add.reduce(dy, axis=1, out=self.db)
        np.einsum("knd,knd->kd", dy, u, out=self.ds)
        np.multiply(dy, self.s[:, None, :], out=dy)
        np.matmul(a.reshape(-1, self.n_in).T, dy.reshape(-1, self.n_out), out=self.dw)
        np.matmul(dy, self.w.T, out=da)
        np.einsum("knd,knd->kd", da, self._x, out=self.dr)
        return np.multiply(da, self.r[:, None, :], out=da)


@final
class Separate(Layer):
    """y_i = x_i w_i + b_i, each member its own weights: [k, n, n_in] -> [k, n, n_out]."""

    def __init__(self, k: int, n_in: int, n_out: int, init: Init) -> None:
        self.k, self.n_in, self.n_out, self.init = k, n_in, n_out, init

    def params(self) -> dict[str, Param]:
        return {
            "w": Param((self.k, self.n_in, self.n_out), self.init, decay=True),
            "b": Param((self.k, self.n_out), Within(bound=self.n_in**-0.5)),
        }

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.w, self.b = values["w"], values["b"]
        self.dw, self.db = grads["w"], grads["b"]
        self._y = Buffer(rows, self.n_out, dtype)
        self._dx = Buffer(rows, self.n_in, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:  # noqa: ARG002
        self._x = x
        y = np.matmul(x, self.w, out=self._y.like(x))
        return np.add(y, self.b[:, None, :], out=y)

    def backward(self, dy: Floats) -> Floats:
        np.matmul(self._x.transpose(0, 2, 1), dy, out=self.dw)
        np.add.reduce(dy, axis=1, out=self.db)
        return np.matmul(dy, self.w.transpose(0, 2, 1), out=self._dx.like(dy))


@final
class Ensemble(Layer):
    """A body whose layers see [k, n, d], for rows that all members share or that are theirs: [n, d] -> [k * n, n_out].

    `own`: in training the rows come member by member, [k * n, d] -> [k * n, n_out]. Keeps the body's names.
    """

    def __init__(self, k: int, n_in: int, body: Layer, *, own: bool) -> None:
        self.k, self.n_in, self.body, self.own = k, n_in, body, own
        self.n_out, self.has_modes = body.n_out, body.has_modes or own

    def params(self) -> dict[str, Param]:
        return self.body.params()

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.body.bind(values, grads, rows * self.k, dtype)
        self._sum = Buffer(rows, self.n_in, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:
        self._shared = not self.own or rng is None
        shape = (self.k, len(x) if self._shared else len(x) // self.k, self.n_in)
        spread = np.broadcast_to(x, shape) if self._shared else x.reshape(shape)
        return self.body.forward(spread, rng).reshape(-1, self.n_out)

    def backward(self, dy: Floats) -> Floats:
        dx = self.body.backward(dy.reshape(self.k, -1, self.n_out))
        if not self._shared:
            return dx.reshape(-1, self.n_in)
        return np.add.reduce(dx, axis=0, out=self._sum.like(dx[0]))
