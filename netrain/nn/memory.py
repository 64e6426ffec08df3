"""Memory for the sake of speed: on lines of the cache, kept for the next call, worked on in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from math import prod
from threading import local
from typing import TYPE_CHECKING, Any, TypeVar

from netrain.lazy import np

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

    Arrays = tuple[NDArray[Any], ...]

Room = TypeVar("Room")

LINE = 64  # bytes
BLOCK = 32768  # numbers of a piece: a few arrays of them fit into a cache of 1 MB
KEPT = 1 << 18  # numbers of the largest array that is kept
SHAPES = 64  # of which arrays are kept; whoever goes through more starts anew


def aligned(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Zeros that start on a line of the cache: no vector of a processor's straddles two, and products gain a tenth."""
    size = prod(shape) * np.dtype(dtype).itemsize
    memory = np.zeros(size + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + size].view(dtype).reshape(shape)


class Scratch(local):
    """Arrays by shape and type, each thread its own. Called by one formula at a time, which is done when it returns."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], Any] = {}

    def __call__(self, count: int, shape: tuple[int, ...], dtype: DTypeLike) -> Arrays:
        """`count` arrays, the same at every such call, with anything in them."""
        key = (count, shape, dtype)
        found: Arrays | None = self._kept.get(key)
        if found is None:
            found = tuple(aligned(shape, dtype) for _ in range(count))
            if found[0].size <= KEPT:
                self._keep(key, found)
        return found

    def room(self, kind: Callable[[int, int, DTypeLike], Room], k: int, n: int, dtype: DTypeLike) -> Room:
        """All the arrays of a formula over k x n numbers, the same at every such call: one look-up."""
        key = (kind, k, n, dtype)
        found: Room | None = self._kept.get(key)
        if found is None:
            found = kind(k, n, dtype)
            if k * n <= KEPT:
                self._keep(key, found)
        return found

    def _keep(self, key: tuple[Any, ...], arrays: object) -> None:
        if len(self._kept) == SHAPES:
            self._kept.clear()
        self._kept[key] = arrays


scratch = Scratch()


@lru_cache(maxsize=SHAPES)
def full(shape: tuple[int, ...], dtype: DTypeLike, value: float) -> NDArray[Any]:
    """A number throughout, the same array at every such call, read-only; for pieces, as `blocks` gives them.

    NumPy takes the larger of two arrays six times as fast as the larger of an array and a number.
    """
    made = aligned(shape, dtype)
    made.fill(value)
    made.flags.writeable = False
    return made


def sum_over_rows(x: NDArray[Any], out: NDArray[Any]) -> NDArray[Any]:
    """[..., n, m] -> [..., m]: a product with ones, where rows are short fifteen times as fast as a sum."""
    sums: NDArray[Any] = np.matmul(full((x.shape[-2],), x.dtype, 1.0), x, out=out)
    return sums


def blocks(*arrays: NDArray[Any]) -> Iterable[Arrays]:
    """The same rows of arrays of one shape, some rows after the other."""
    size = arrays[0].size
    if size <= BLOCK:
        return (arrays,)
    rows = max(1, BLOCK * len(arrays[0]) // size)
    return [tuple(array[at : at + rows] for array in arrays) for at in range(0, len(arrays[0]), rows)]
