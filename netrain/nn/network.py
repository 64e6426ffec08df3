"""A network: an entry for the columns, a body of layers, and the one vector that holds its parameters."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from netrain.inputs import Floats, Inputs
from netrain.nn.embedding import Entry
from netrain.nn.layer import Layer, below
from netrain.nn.params import Flat
from netrain.nn.pool import Pool, mean
from netrain.nn.start import dropouts, start_from_rows
from netrain.random import stream


class Predictor(Protocol):
    """What answers for rows: a network, or a bag of them."""

    flat: Flat
    members: int  # that each row goes through

    @property
    def largest_product(self) -> int:
        """The multiplications that a row costs in the largest matrix product."""

    def predict(self, x: Inputs) -> Floats:
        """Outputs [n, n_out] of any number of rows, in memory of their own."""


class Network:
    """Declared by its parts, then bound: parameters are drawn from `seed`, workspaces hold `rows` rows.

    An ensemble of `members` gives that many outputs for each row, member by member; with `own` it takes rows member
    by member in training, too. `pool` makes one output of theirs.
    """

    def __init__(
        self,
        entry: Entry,
        body: Layer,
        *,
        seed: int,
        rows: int,
        dtype: DTypeLike = np.float32,
        members: int = 1,
        own: bool = False,
        pool: Pool = mean,
    ) -> None:
        self.members, self.batches, self._pool = members, members if own else 1, pool
        self.entry, self.body, self.rows = entry, body, rows
        self.n_out, self.has_modes = body.n_out, body.has_modes
        self._dropouts = tuple(dropouts(body))
        self.has_dropout = bool(self._dropouts)
        entry_params = {f"embedding.{name}": param for name, param in entry.params().items()}
        self.flat = Flat(entry_params | body.params(), dtype)
        self.flat.draw(seed)
        named, grads = self.flat.named, self.flat.named_grads
        entry.bind(below(named, "embedding"), below(grads, "embedding"), rows * self.batches, dtype)
        body.bind(named, grads, rows, dtype)

    def start(self, x: Inputs, y: NDArray[Any], seed: int) -> None:
        """Look at the training rows once, before the first step: x of n rows and y as `Rows.y`."""
        rng = stream(seed, "start")
        self.entry.start(x, y)
        some = np.sort(rng.permutation(len(x))[: self.rows])
        start_from_rows(self.body, self.entry.forward(x.take(some)), rng)

    def ease(self, factor: float) -> None:
        """Dropout at this part of its rates from now on."""
        for layer in self._dropouts:
            layer.factor = factor

    @property
    def largest_product(self) -> int:
        """The multiplications that a row costs in the largest matrix product."""
        return max(p.size for p in self.body.params().values() if len(p.shape) == 2)

    def forward(self, x: Inputs, rng: np.random.Generator | None = None) -> Floats:
        """Outputs [members * n, n_out] of at most `rows` rows; they belong to the network until its next forward.

        With an `rng` x holds a batch for each of `batches` members, one after the other.
        """
        return self.body.forward(self.entry.forward(x), rng)

    def backward(self, dy: Floats) -> None:
        """Write `flat.grads` for the last forward. Overwrites dy [members * n, n_out]."""
        dx = self.body.backward(dy)
        if self.entry.learns:
            self.entry.backward(dx)

    def slopes(self, x: Inputs, weights: Floats) -> Floats:
        """The gradients of a sum of the outputs, weights [n_out], by what the entry makes of at most `rows` rows.

        [n, entry.n_out], in memory of their own; the outputs are the mean over the members, of which there must be
        several: where there is one, a first layer that is fed data makes none. Overwrites `flat.grads`.
        """
        assert self.members > 1
        out = self.forward(x)
        return self.body.backward(np.tile((weights / self.members).astype(out.dtype), (len(out), 1))).copy()

    def predict(self, x: Inputs) -> Floats:
        """Outputs [n, n_out] of any number of rows, in memory of their own."""
        out = np.empty((len(x), self.n_out), self.flat.values.dtype)
        for start in range(0, len(x), self.rows):
            rows = slice(start, start + self.rows)
            given = self.forward(x[rows])
            out[rows] = given if self.members == 1 else self._pool(given.reshape(self.members, -1, self.n_out))
        return out
