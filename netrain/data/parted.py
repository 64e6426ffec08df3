"""The record of a split, by which the same rows are found again."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from netrain.data.lots import PARTS, TRAIN, VALID, Numbers, Parts
from netrain.errors import CheckpointError, DataError
from netrain.spec import Spec

LETTERS = "tve-"  # of the parts
FOLDS = "abcdefghijklmnopqrst"  # of a bag


class Start(Spec):
    """What a training knows of the run that it starts from, where that one was trained on the same table."""

    rows: str = Field(
        description="t for each row of the file that it was trained on, also by a start of its own, else -"
    )
    settings: tuple[str, ...] = Field((), description="KEY=VALUE that would part the rows as they were there")


class SplitRecord(Spec):
    """Which rows went where, as `split.json` keeps it: a letter for each row of the file."""

    fingerprint: str = Field(description="sha256 of the table's content")
    rows: str = Field(description="t train, v valid, e test, - not used; in the order of the file")
    folds: str = Field("", description="of a bag the fold of each row to train on: a, b, ...")
    start: Start | None = Field(None, description="of a training that starts from another run's weights")

    @model_validator(mode="after")
    def _folds_fit(self) -> Self:
        marks = sorted(set(self.folds) - {"-"})
        where = [c != "-" for c in self.folds]
        if self.folds and (where != [c == LETTERS[TRAIN] for c in self.rows] or marks != list(FOLDS[: len(marks)])):
            raise ValueError("the folds are not those of the rows to train on")
        if self.start is not None and len(self.start.rows) != len(self.rows):
            raise ValueError("the run that it starts from had other rows")
        return self

    @classmethod
    def of(cls, fingerprint: str, parts: Parts, used: NDArray[np.bool_], folds: Numbers | None = None) -> SplitRecord:
        """From the parts of the rows that have a target, and which of the file's rows these are.

        `folds`: of the rows to train on, for a bag.
        """
        letters = np.full(len(used), ord("-"), np.uint8)
        letters[used] = np.frombuffer(LETTERS.encode(), np.uint8)[parts]
        held = ""
        if folds is not None:
            marks = np.full(len(used), ord("-"), np.uint8)
            marks[letters == ord(LETTERS[TRAIN])] = np.frombuffer(FOLDS.encode(), np.uint8)[folds]
            held = marks.tobytes().decode()
        return cls(fingerprint=fingerprint, rows=letters.tobytes().decode(), folds=held)

    def part(self, name: str) -> Numbers:
        """The numbers of a part's rows, from 0. A bag validates on the rows that it trains on, each out of fold."""
        letters = np.frombuffer(self.rows.encode(), np.uint8)
        name = "train" if self.folds and name == "valid" else name
        return np.flatnonzero(letters == ord(LETTERS[PARTS.index(name)]))

    def held(self) -> Numbers | None:
        """The fold of each row to train on, from 0; None where there is no bag."""
        if not self.folds:
            return None
        marks = np.frombuffer(self.folds.encode(), np.uint8)
        return marks[self.part("train")].astype(np.intp) - ord(FOLDS[0])

    def member(self, number: int) -> SplitRecord:
        """That of a network of the bag, from 1: its fold validates."""
        letters = np.frombuffer(self.rows.encode(), np.uint8).copy()
        rows = self.part("train")
        held = self.held()
        assert held is not None
        letters[rows[held == number - 1]] = ord(LETTERS[VALID])
        return SplitRecord(fingerprint=self.fingerprint, rows=letters.tobytes().decode(), start=self.start)

    def started(self, before: SplitRecord, settings: tuple[str, ...]) -> SplitRecord:
        """That of a training which starts from a run with the record `before`; the same where its table is another."""
        if (before.fingerprint, len(before.rows)) != (self.fingerprint, len(self.rows)):
            return self
        seen = before.seen()
        seen[before.part("train")] = True
        rows = np.where(seen, ord(LETTERS[TRAIN]), ord("-")).astype(np.uint8).tobytes().decode()
        return self.model_copy(update={"start": Start(rows=rows, settings=settings)})

    def seen(self) -> NDArray[np.bool_]:
        """Which rows of the file the weights that it starts from were trained on."""
        if self.start is None:
            return np.zeros(len(self.rows), bool)
        marked: NDArray[np.bool_] = np.frombuffer(self.start.rows.encode(), np.uint8) == ord(LETTERS[TRAIN])
        return marked

    def check(self, fingerprint: str, n: int, path: str, networks: int) -> None:
        """Raise DataError when the table is not the one that was split, CheckpointError for another bag."""
        if len(set(self.folds) - {"-"}) != (networks if networks > 1 else 0):
            message = f"the record of the split is not of {networks} networks"
            raise CheckpointError(message, hint="put the old `split.json` back, or train anew")
        if fingerprint != self.fingerprint or n != len(self.rows):
            raise DataError(
                "the table has changed since the run was made",
                where=path,
                hint="bring the old table back, or score the new one as a whole with `--data`",
            )
