"""Which inputs of a network are whose: the block of each column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from netrain.data.features import Preprocessor
from netrain.data.fitted import Fitted, FittedEmbedding
from netrain.inputs import Inputs


@dataclass(frozen=True)
class Block:
    """A column with its inputs: numeric ones, or the number of a level to embed."""

    fitted: Fitted
    num: slice
    cat: slice

    def put(self, into: Inputs, of: Inputs) -> None:
        """Overwrite the block with that of other inputs of as many rows."""
        into.num[:, self.num] = of.num[:, self.num]
        into.cat[:, self.cat] = of.cat[:, self.cat]

    def put_taken(self, into: Inputs, of: Inputs, rows: np.ndarray) -> None:
        """Overwrite the block with that of the rows named of other inputs."""
        into.num[:, self.num] = of.num[rows, self.num]
        into.cat[:, self.cat] = of.cat[rows, self.cat]


def blocks(preprocessor: Preprocessor) -> Iterator[Block]:
    """The block of each column, in order."""
    start, embedded = 0, 0
    for fitted in preprocessor.columns:
        learned = int(isinstance(fitted, FittedEmbedding))
        yield Block(fitted, slice(start, start + fitted.width), slice(embedded, embedded + learned))
        start, embedded = start + fitted.width, embedded + learned
