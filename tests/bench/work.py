"""The work that every contender does: networks, batches, and a table that can be learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netrain.inputs import Inputs, Rows
from netrain.nn.build import Shape, build
from netrain.nn.models import Mlp
from netrain.nn.network import Network

ROWS = 50_000
LEVELS = 100  # of each one-hot column


@dataclass(frozen=True)
class Work:
    """A network by its widths, inputs and outputs included, and the rows of a step and of an epoch."""

    widths: tuple[int, ...]
    batch: int
    one_hot: bool = False
    epoch: int = ROWS

    @property
    def name(self) -> str:
        """Widths @ batch."""
        return f"{'-'.join(map(str, self.widths))} @ {self.batch}" + (" one-hot" if self.one_hot else "")

    @property
    def heaviest(self) -> int:
        """Multiplications of the largest product of a step."""
        return self.batch * max(a * b for a, b in zip(self.widths, self.widths[1:], strict=False))


WORKS = (
    Work((10, 64, 64, 2), 32),
    Work((10, 64, 64, 2), 256),
    Work((54, 256, 256, 256, 7), 256),
    Work((784, 512, 512, 10), 128),
    Work((784, 2048, 2048, 10), 512, epoch=20 * 512),
    Work((1000, 128, 2), 256, one_hot=True),
)


def wanted(only: Sequence[str] | None) -> list[Work]:
    """The works whose names hold one of the texts; all of them where there are none."""
    return [work for work in WORKS if not only or any(text in work.name for text in only)]


def table(work: Work, rows: int = ROWS) -> Rows:
    """float32 rows, and classes that depend on them, with some noise."""
    rng = np.random.default_rng(0)
    d, k = work.widths[0], work.widths[-1]
    if work.one_hot:
        x = np.zeros((rows, d), np.float32)
        for start in range(0, d, LEVELS):
            x[np.arange(rows), start + rng.integers(0, LEVELS, rows)] = 1.0
    else:
        x = rng.standard_normal((rows, d), np.float32)
    score = x @ rng.standard_normal((d, k), np.float32)
    score += 0.5 * float(score.std()) * rng.standard_normal(score.shape, np.float32)
    return Rows(Inputs(x, np.zeros((rows, 0), np.int32)), score.argmax(axis=1).astype(np.int32))


def network(work: Work) -> Network:
    """Netrain's, with ReLU: all contenders start from its weights."""
    hidden = work.widths[1:-1]
    return build(Mlp(hidden=hidden), Shape(work.widths[0], (), work.widths[-1]), seed=0, rows=max(work.batch, 2048))


def start(work: Work) -> list[tuple[np.ndarray, np.ndarray]]:
    """The weights [n_in, n_out] and biases [n_out] that training starts from, layer by layer."""
    named = network(work).flat.named
    parts = [*(f"hidden.{i}.linear" for i in range(len(work.widths) - 2)), "out"]
    return [(named[f"{part}.w"].copy(), named[f"{part}.b"].copy()) for part in parts]


def batches(n: int, size: int, steps: int, seed: int) -> list[np.ndarray]:
    """The rows of so many steps, shuffled anew for every pass over the table."""
    rng = np.random.default_rng(seed)
    found: list[np.ndarray] = []
    while len(found) < steps:
        order = rng.permutation(n)
        found += [order[at : at + size] for at in range(0, n - size + 1, size)]
    return found[:steps]


def cross_entropy(logits: np.ndarray, y: np.ndarray) -> float:
    """The mean over the rows, in float64."""
    z = logits.astype(np.float64)
    z -= z.max(axis=1, keepdims=True)
    return float((np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(y)), y]).mean())
