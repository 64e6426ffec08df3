"""The contract of what stands for numbers, before the first layer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from numpy.typing import DTypeLike, NDArray

from netrain.inputs import Floats
from netrain.nn.params import Param


class Curves(ABC):
    """`size` functions of each of `m` numbers, each number with its own: [n, m] -> [n, m * size].

    Inside, numbers come first: one batched product serves them all.
    """

    m: int
    size: int

    @abstractmethod
    def params(self) -> dict[str, Param]:
        """As `Layer.params`."""

    @abstractmethod
    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        """As `Layer.bind`."""

    @abstractmethod
    def start(self, x: Floats, y: NDArray[Any]) -> None:
        """Look at the training rows once: numbers [n, m], targets as `Rows.y`."""

    @abstractmethod
    def forward(self, x: Floats, out: Floats) -> None:
        """Fill out [n, m, size] from numbers [m, n]."""

    @abstractmethod
    def backward(self, dy: Floats) -> None:
        """Write the gradients by the parameters, from dy [n, m, size] of the last forward; numbers need none."""
