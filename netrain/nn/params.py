"""All parameters as one vector, gradients as another; layers hold named views of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import DTypeLike

from netrain.inputs import Floats
from netrain.nn.init import Draw
from netrain.nn.memory import LINE, aligned
from netrain.random import stream


@dataclass(frozen=True)
class Param:
    """A parameter before memory exists. `decay`: weight decay applies; `trained=False`: a running statistic.

    `rate` is a factor on the learning rate, and its square one on weight decay (as in Holzmueller et al., 2024).
    """

    shape: tuple[int, ...]
    init: Draw
    decay: bool = False
    trained: bool = True
    rate: float = 1.0

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


class Flat:
    """The memory of all parameters: `values` [p + s] and `grads` [p], with s running statistics at the end.

    `values[:decay]` are the decayed parameters and `values[:trained]` the trained ones. Where those two meet stand
    the parameters of the usual rate, in one piece. Of either, those that fill whole lines of the cache come first, so
    that each of them starts on one unless others stand aside before it.
    """

    def __init__(self, params: Mapping[str, Param], dtype: DTypeLike) -> None:
        line = LINE // np.dtype(dtype).itemsize

        def place(name: str) -> tuple[bool, bool, float, bool]:
            param = params[name]
            return not param.decay, not param.trained, aside(param), param.size % line > 0

        order = sorted(params, key=place)
        self.params = {name: params[name] for name in order}
        self.decay = sum(p.size for p in params.values() if p.decay)
        self.trained = sum(p.size for p in params.values() if p.trained)
        self.values: Floats = aligned((sum(p.size for p in params.values()),), dtype)
        self.grads: Floats = aligned((self.trained,), dtype)
        self.named = self._views(self.values)
        self.named_grads = self._views(self.grads)

    def draw(self, seed: int) -> None:
        """Start every parameter from its initialisation."""
        for index, name in enumerate(sorted(self.params)):
            param = self.params[name]
            self.named[name][...] = param.init.draw(stream(seed, "init", index), param.shape)

    def pieces(self) -> list[tuple[int, int, int, float]]:
        """The trained parameters as (start, end of the decayed, end, rate): neighbours of one rate together."""
        found: list[tuple[int, int, int, float]] = []
        at = 0
        for param in self.params.values():
            if not param.trained:
                break
            start, decayed, end = at, at + param.size * param.decay, at + param.size
            if found and found[-1][3] == param.rate and (not param.decay or found[-1][1] == at):
                start, before, _, _ = found.pop()
                decayed = decayed if param.decay else before
            found.append((start, decayed, end, param.rate))
            at = end
        return found

    def _views(self, vector: Floats) -> dict[str, Floats]:
        views, start = {}, 0
        for name, param in self.params.items():
            if start + param.size > len(vector):  # running statistics have no gradient
                break
            views[name] = vector[start : start + param.size].reshape(param.shape)
            start += param.size
        return views


def aside(param: Param) -> float:
    """The place of a rate among parameters that are decayed, or not: the usual one where the two meet."""
    usual = param.rate == 1.0
    if param.decay:
        return float("inf") if usual else param.rate
    return 0.0 if usual else param.rate


class Buffer:
    """Memory for up to `rows` rows of `width` numbers, lent as a view with the leading axes of a batch."""

    def __init__(self, rows: int, width: int, dtype: DTypeLike) -> None:
        self.memory: Floats = aligned((rows, width), dtype)
        self._lead: tuple[int, ...] = (rows,)
        self._view = self.memory

    def like(self, x: Floats) -> Floats:
        """[..., any] -> the same memory at every call, as [..., width]."""
        lead = x.shape[:-1]
        if lead != self._lead:
            self._lead = lead
            self._view = self.memory[: prod(lead)].reshape(*lead, self.memory.shape[1])
        return self._view
