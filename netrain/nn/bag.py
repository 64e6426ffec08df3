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
    """The answer is the pooled one of all networks; of rows that name one in `Inputs.held`, that one's alone.

    Parameters are named `bag.0.NAME`, `bag.1.NAME`, ...; the networks take turns in the workspaces of one.
    """

    def __init__(self, network: Network, networks: int, pool: Pool) -> None:
        self.networks, self.members, self._network, self._pool = networks, network.members, network, pool
        params = {of_member(i, name): param for i in range(networks) for name, param in network.flat.params.items()}
        self.flat = Flat(params, network.flat.values.dtype)

    @property
    def largest_product(self) -> int:
        """The multiplications that a row costs in the largest matrix product."""
        return self._network.largest_product

    def put(self, number: int, network: Network) -> None:
        """Take a copy of a network's parameters as those of one of them, from 0."""
        for name, view in network.flat.named.items():
            self.flat.named[of_member(number, name)][...] = view

    def predict(self, x: Inputs) -> Floats:
        """Outputs [n, n_out] of any number of rows, in memory of their own."""
        if x.held is None:
            return self._pool(np.stack([self.one(number).predict(x) for number in range(self.networks)]))
        out = np.empty((len(x), self._network.n_out), self.flat.values.dtype)
        for number in range(self.networks):
            rows = np.flatnonzero(x.held == number)
            out[rows] = self.one(number).predict(x.take(rows))
        return out

    def one(self, number: int) -> Network:
        """One of them, from 0, until another is asked for."""
        for name, view in self._network.flat.named.items():
            view[...] = self.flat.named[of_member(number, name)]
        return self._network


def of_member(number: int, name: str) -> str:
    """The name of a parameter of one of them."""
    return f"bag.{number}.{name}"
