"""What a network is fed: the meeting point of the data, which makes it, and the network, which eats it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


@dataclass(frozen=True)
class Inputs:
    """n rows: `num` float32 [n, d_num] without NaN; `cat` int32 [n, d_cat], 0 = missing or unseen.

    `held` [n]: the member of a bag that has not seen each row, and alone answers for it.
    """

    num: Floats
    cat: NDArray[np.int32]
    held: NDArray[np.intp] | None = None

    def __len__(self) -> int:
        return len(self.num)

    def __getitem__(self, rows: slice) -> Inputs:
        return Inputs(self.num[rows], self.cat[rows], None if self.held is None else self.held[rows])

    def take(self, rows: NDArray[np.intp]) -> Inputs:
        """The rows named, copied."""
        return Inputs(self.num[rows], self.cat[rows], None if self.held is None else self.held[rows])


@dataclass(frozen=True)
class Rows:
    """Inputs with their targets: y float32 [n, k] or int32 [n]; weights float32 [n], or None for ones."""

    inputs: Inputs
    y: NDArray[Any]
    weights: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.inputs)
