"""The residual connection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import final

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats
from netrain.nn.layer import Layer
from netrain.nn.params import Buffer, Param


@final
class Residual(Layer):
    """y = x + block(x) (He et al., 2016). The block keeps its names, and its width."""

    def __init__(self, block: Layer) -> None:
        self.block, self.n_out, self.has_modes = block, block.n_out, block.has_modes

    def params(self) -> dict[str, Param]:
        return self.block.params()

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        self.block.bind(values, grads, rows, dtype)
        self._y = Buffer(rows, self.n_out, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:
        return np.add(x, self.block.forward(x, rng), out=self._y.like(x))

    def backward(self, dy: Floats) -> Floats:
        kept = self._y.like(dy)  # the block may overwrite dy
        np.copyto(kept, dy)
        return np.add(kept, self.block.backward(dy), out=kept)
