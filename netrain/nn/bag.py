"""Networks of one model, each trained on rows of its own, that answer as one."""

from __future__ import annotations

from typing import final

import numpy as np

from netrain.inputs import Floats, Inputs
from netrain.nn.network import Network
from netrain.nn.params import Flat
from netrain.nn.pool import Pool


@final
class Bag:
    """The answer is the pooled one of all members; of rows that name one in `Inputs.held`, that one's alone.

    All parameters are named `bag.0.NAME`, `bag.1.NAME`, ...; the members take turns in the workspaces of one network.
    """

    def __init__(self, network: Network, members: int, pool: Pool) -> None:
        self.members, self._network, self._pool = members, network, pool
        params = {of_member(i, name): param for i in range(members) for name, param in network.flat.params.items()}
        self.flat = Flat(params, network.flat.values.dtype)

    @property
    def largest_product(self) -> int:
        """The multiplications that a row costs in the largest matrix product."""
        return self._network.largest_product

    def put(self, member: int, network: Network) -> None:
        """Take a copy of a network's parameters as those of a member."""
        for name, view in network.flat.named.items():
            self.flat.named[of_member(member, name)][...] = view

    def predict(self, x: Inputs) -> Floats:
        """Outputs [n, n_out] of any number of rows, in memory of their own."""
        if x.held is None:
            return self._pool(np.stack([self._answer(member, x) for member in range(self.members)]))
        out = np.empty((len(x), self._network.n_out), self.flat.values.dtype)
        for member in range(self.members):
            rows = np.flatnonzero(x.held == member)
            out[rows] = self._answer(member, x.take(rows))
        return out

    def _answer(self, member: int, x: Inputs) -> Floats:
        for name, view in self._network.flat.named.items():
            view[...] = self.flat.named[of_member(member, name)]
        return self._network.predict(x)


def of_member(member: int, name: str) -> str:
    """The name of a member's parameter."""
    return f"bag.{member}.{name}"
