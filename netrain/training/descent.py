"""What an optimizer does to parameters that learn at rates of their own."""

from __future__ import annotations

from collections.abc import Mapping

from netrain.inputs import Floats
from netrain.nn.optimizers import Adam, Optimizer, shrink
from netrain.nn.params import Flat


class Descent:
    """One update after the other, of all parameters of one rate at once: `Param.rate` times the scheduled rate."""

    def __init__(self, flat: Flat, optimizer: Optimizer, slots: Mapping[str, Floats]) -> None:
        # decay happens here, so that it may be scheduled
        self._decay = 0.0 if isinstance(optimizer, Adam) else optimizer.weight_decay
        self._optimizer = (
            optimizer if isinstance(optimizer, Adam) else optimizer.model_copy(update={"weight_decay": 0.0})
        )
        self._pieces = []
        for start, decayed, end, rate in flat.pieces():
            part = slice(start, end)
            own = {name: slots[name][part] for name in optimizer.slots}
            self._pieces.append((flat.values[part], flat.grads[part], own, decayed - start, rate))

    def step(self, number: int, rate: float, decay: float) -> None:
        """Update `number`, from 1, at a learning rate, with a part of the weight decay. Uses up the gradients."""
        for params, grads, slots, decayed, factor in self._pieces:
            shrink(params, decayed, rate * factor * factor * self._decay * decay)
            self._optimizer.update(params, grads, slots, step=number, lr=rate * factor, decay=0)
