"""Which rows train, which validate, which test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from netrain.errors import DataError
from netrain.lazy import np
from netrain.spec import ByName, Flag, Share, Spec

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARTS = ("train", "valid", "test")
LETTERS = "tve"  # of the parts, in the record; `-` is a row of no part

# Every split has  assign(classes, seed) -> the number of its part for each row, uint8 [n]
# with the class number of each row, or zeros where the target has no classes.


class Random(Spec):
    """By lot; `stratify` gives every part the classes in the same shares."""

    name: Literal["random"] = "random"
    valid: Share = Field(0.15, description="share of the rows that choose the best epoch; 0: none")
    test: Share = Field(0.15, description="share of the rows that are kept for the final figures; 0: none")
    stratify: Flag = Field(True, description="for classes: the same shares of each class in every part")

    @model_validator(mode="after")
    def _leaves_rows_to_train(self) -> Self:
        if self.valid + self.test >= 1:
            raise ValueError("`valid` and `test` together must leave rows to train on")
        return self

    def assign(self, classes: NDArray[np.int32], rng: np.random.Generator) -> NDArray[np.uint8]:
        """Part numbers [n]. Every class keeps a row to train on; a class of one row is only trained on."""
        groups = classes if self.stratify else np.zeros_like(classes)
        sizes = np.bincount(groups)
        test = apportion(sizes * self.test, np.maximum(sizes - 1, 0))
        valid = apportion(sizes * self.valid, np.maximum(sizes - 1 - test, 0))
        parts = np.zeros(len(groups), np.uint8)
        shuffled = rng.permutation(len(groups))
        ordered = shuffled[np.argsort(groups[shuffled], kind="stable")]
        for rows, n_valid, n_test in zip(np.split(ordered, np.cumsum(sizes)[:-1]), valid, test, strict=True):
            parts[rows[:n_valid]] = PARTS.index("valid")
            parts[rows[n_valid : n_valid + n_test]] = PARTS.index("test")
        for part, share in (("valid", self.valid), ("test", self.test)):
            if share and not (parts == PARTS.index(part)).any():
                raise DataError(
                    f"{len(groups)} rows are too few for a {part} part of {share:g}",
                    hint=f"more rows, or `data.split.{part}: 0`",
                )
        return parts


Split = Annotated[Random, ByName]


def apportion(quotas: NDArray[np.floating], most: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers near the quotas that sum to the rounded total, by largest remainders; none above `most`."""
    counts: NDArray[np.int64] = np.minimum(np.floor(quotas).astype(np.int64), most)
    left = round(float(quotas.sum())) - int(counts.sum())
    by_remainder = np.argsort(-(quotas - np.floor(quotas)), kind="stable")
    open_groups = by_remainder[counts[by_remainder] < most[by_remainder]]
    counts[open_groups[: max(left, 0)]] += 1
    return counts


class SplitRecord(Spec):
    """Which rows went where, as `split.json` keeps it: a letter for each row of the file."""

    fingerprint: str = Field(description="sha256 of the table's content")
    rows: str = Field(description="t train, v valid, e test, - left out; in the order of the file")

    @classmethod
    def of(cls, fingerprint: str, parts: NDArray[Any], used: NDArray[np.bool_]) -> SplitRecord:
        """From part numbers of the used rows, and which of the file's rows are used."""
        letters = np.full(len(used), ord("-"), np.uint8)
        letters[used] = np.frombuffer(LETTERS.encode(), np.uint8)[parts]
        return cls(fingerprint=fingerprint, rows=letters.tobytes().decode())

    def part(self, name: str) -> NDArray[np.intp]:
        """The numbers of a part's rows, from 0."""
        letters = np.frombuffer(self.rows.encode(), np.uint8)
        return np.flatnonzero(letters == ord(LETTERS[PARTS.index(name)]))

    def check(self, fingerprint: str, n: int, path: str) -> None:
        """Raise DataError when the table is not the one that was split."""
        if fingerprint != self.fingerprint or n != len(self.rows):
            raise DataError(
                "the table has changed since the run was made",
                where=path,
                hint="bring the old table back, or score the new one as a whole with `--data`",
            )
