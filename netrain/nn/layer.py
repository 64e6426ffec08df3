"""The contract of a layer, and layers in a row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats
from netrain.nn.params import Param


class Layer(ABC):
    """A differentiable map of the last axis: [..., n_in] -> [..., n_out].

    An output belongs to its layer until that layer's next `forward`; `backward` may overwrite its argument. An
    activation may overwrite the output before it, which that layer does not look at again.
    """

    n_out: int
    has_modes: bool = False  # whether training differs from predicting, so that `forward` needs its generator

    @abstractmethod
    def params(self) -> dict[str, Param]:
        """The parameters by name, declared before memory exists."""

    @abstractmethod
    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        """Take the views of the parameters and of their gradients; make workspaces for up to `rows` rows."""

    @abstractmethod
    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:
        """The output. `rng` is None when predicting."""

    @abstractmethod
    def backward(self, dy: Floats) -> Floats:
        """The gradient by the input, after writing those by the parameters; for the last `forward`."""


class Chain(Layer):
    """Named layers, one after the other."""

    def __init__(self, layers: Mapping[str, Layer]) -> None:
        self.layers = dict(layers)
        self.n_out = list(self.layers.values())[-1].n_out
        self.has_modes = any(layer.has_modes for layer in self.layers.values())
        self._in_order = tuple(self.layers.values())
        self._reversed = self._in_order[::-1]

    def params(self) -> dict[str, Param]:
        return {f"{name}.{key}": p for name, layer in self.layers.items() for key, p in layer.params().items()}

    def bind(self, values: Mapping[str, Floats], grads: Mapping[str, Floats], rows: int, dtype: DTypeLike) -> None:
        for name, layer in self.layers.items():
            layer.bind(below(values, name), below(grads, name), rows, dtype)

    def forward(self, x: Floats, rng: np.random.Generator | None) -> Floats:
        for layer in self._in_order:
            x = layer.forward(x, rng)
        return x

    def backward(self, dy: Floats) -> Floats:
        for layer in self._reversed:
            dy = layer.backward(dy)
        return dy


def below(named: Mapping[str, Floats], prefix: str) -> dict[str, Floats]:
    """The entries `prefix.key`, as `key`."""
    return {key[len(prefix) + 1 :]: value for key, value in named.items() if key.startswith(f"{prefix}.")}
