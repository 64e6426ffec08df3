"""Layers of an ensemble inside one network: rows come member by member, and members share some or no weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats
from netrain.nn.init import Constant, Draw, Init, Within
from netrain.nn.layer import Layer
from netrain.nn.memory import sum_over_rows
from netrain.nn.params import Buffer, Param

# All of them see the rows of k members one after the other, so that a layer that all share needs one product:
# [..., d] of k * n rows. `by_member` makes [k, n, d] of it.


@final
class Adapt(Layer):
    """y_i = r_i x_i, a factor for each input of each member (Wen et al., 2020).

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
        self._x, y = by_member(x, self.k), self._y.like(x)
        np.multiply(self._x, self.r[:, None, :], out=by_member(y, self.k))
        return y

    def backward(self, dy: Floats) -> Floats:
        split = by_member(dy, self.k)
        np.einsum("knd,knd->kd", split, self._x, out=self.dr)
        np.multiply(split, self.r[:, None, :], out=split)
        return dy


@final
class BatchEnsemble(Layer):
    """y_i = s_i ((r_i x_i) w) + b_i with one w for all members (Wen et al., 2020)."""

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
        self._x, a, u, y = by_member(x, self.k), self._a.like(x), self._u.like(x), self._y.like(x)
        np.multiply(self._x, self.r[:, None, :], out=by_member(a, self.k))
        np.matmul(a.reshape(-1, self.n_in), self.w, out=u.reshape(-1, self.n_out))
        split = by_member(y, self.k)
        np.multiply(by_member(u, self.k), self.s[:, None, :], out=split)
        np.add(split, self.b[:, None, :], out=split)
        return y

    def backward(self, dy: Floats) -> Floats:
        a, u, da = self._a.like(dy), self._u.like(dy), self._da.like(dy)
        split = by_member(dy, self.k)
        sum_over_rows(split, out=self.db)
        np.einsum("knd,knd->kd", split, by_member(u, self.k), out=self.ds)
        np.multiply(split, self.s[:, None, :], out=split)
        flat = dy.reshape(-1, self.n_out)
        np.matmul(a.reshape(-1, self.n_in).T, flat, out=self.dw)
        np.matmul(flat, self.w.T, out=da.reshape(-1, self.n_in))
        split = by_member(da, self.k)
        np.einsum("knd,knd->kd", split, self._x, out=self.dr)
        np.multiply(split, self.r[:, None, :], out=split)
        return da


@final
class Separate(Layer):
    """y_i = x_i w_i + b_i: a linear layer of its own for each member."""

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
        self._x, y = by_member(x, self.k), self._y.like(x)
        split = by_member(y, self.k)
        np.matmul(self._x, self.w, out=split)
        np.add(split, self.b[:, None, :], out=split)
        return y

    def backward(self, dy: Floats) -> Floats:
        split, dx = by_member(dy, self.k), self._dx.like(dy)
        np.matmul(self._x.transpose(0, 2, 1), split, out=self.dw)
        sum_over_rows(split, out=self.db)
        np.matmul(split, self.w.transpose(0, 2, 1), out=by_member(dx, self.k))
        return dx


@final
class Ensemble(Layer):
    """A body for the rows of k members: [n, d] -> [k * n, n_out], each row given to every member. Keeps names.

    `own`: training gives each member rows of its own, member by member, [k * n, d] -> [k * n, n_out].
    """

    def __init__(self, k: int, n_in: int, body: Layer, *, own: bool) -> None:
        self.k, self.n_in, self.body, self.own = k, n_in, body, own
        self.n_out, self.has_modes = body.n_out, body.has_modes or own

    def params(self) -> dict[str, Param]:
        return self.body.params()

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.body.bind(values, grads, rows * self.k, dtype)
        self._x = Buffer(rows * self.k, self.n_in, dtype)
        self._dx = Buffer(rows, self.n_in, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:
        self._given_to_all = not self.own or rng is None
        if self._given_to_all:
            spread = self._x.like(np.broadcast_to(x, (self.k, *x.shape)))
            np.copyto(spread, x)
            x = spread.reshape(-1, self.n_in)
        return self.body.forward(x, rng)

    def backward(self, dy: Floats) -> Floats:
        dx = self.body.backward(dy)
        if not self._given_to_all:
            return dx
        split = by_member(dx, self.k)
        return np.add.reduce(split, axis=0, out=self._dx.like(split[0]))


def by_member(x: Floats, k: int) -> Floats:
    """Rows of k members [..., d] as [k, n, d], a view."""
    return x.reshape(k, -1, x.shape[-1])
