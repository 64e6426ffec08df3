"""Which rows train, which validate, which test: the choices. How each one draws stands in `lots`."""

from __future__ import annotations

from typing import Annotated, Literal, Protocol, Self, TypeVar

from pydantic import Field, model_validator

from netrain.spec import ByName, Count, Flag, Share, Spec

Valid = Annotated[Share, Field(description="share of the rows that choose the best epoch; 0: none")]
Test = Annotated[Share, Field(description="share of the rows that are kept for the final figures; 0: none")]

# `apart` are the columns that the split is made by and that are no features therefore.


class Shares(Protocol):
    """A split by shares of the rows."""

    valid: float
    test: float


S = TypeVar("S", bound=Shares)


def leave_rows(split: S) -> S:
    """The split. Raises ValueError where nothing is left to train on."""
    if split.valid + split.test >= 1:
        raise ValueError("`valid` and `test` together must leave rows to train on")
    return split


class Random(Spec):
    """By lot; `stratify` gives every part the classes, or the tenths of a numeric target, in the same shares."""

    name: Literal["random"] = "random"
    valid: Valid = 0.15
    test: Test = 0.15
    stratify: Flag = Field(True, description="the same shares of each class, or tenth of the target, in every part")

    @property
    def apart(self) -> tuple[str, ...]:
        """None."""
        return ()

    _shares = model_validator(mode="after")(leave_rows)


class InOrder(Spec):
    """In the order of the table: the first rows train, the last ones test."""

    name: Literal["in_order"] = "in_order"
    valid: Valid = 0.15
    test: Test = 0.15

    @property
    def apart(self) -> tuple[str, ...]:
        """None."""
        return ()

    _shares = model_validator(mode="after")(leave_rows)


class Time(Spec):
    """By a column of numbers or dates: the earliest rows train, the latest test. Equal times stay together."""

    name: Literal["time"] = "time"
    column: str = Field(description="the column with the time")
    valid: Valid = 0.15
    test: Test = 0.15

    @property
    def apart(self) -> tuple[str, ...]:
        """None: time may be a feature."""
        return ()

    _shares = model_validator(mode="after")(leave_rows)


class Group(Spec):
    """By lot of groups, such as patients: the rows of a group stay together."""

    name: Literal["group"] = "group"
    column: str = Field(description="the column that names the group; no feature")
    valid: Valid = 0.15
    test: Test = 0.15

    @property
    def apart(self) -> tuple[str, ...]:
        """The groups' column."""
        return (self.column,)

    _shares = model_validator(mode="after")(leave_rows)


class Named(Spec):
    """By a column that names the part of each row."""

    name: Literal["column"] = "column"
    column: str = Field(description="the column that names the part; no feature")
    train: tuple[str, ...] = Field(("train", "training"), description="words for rows to train on")
    valid: tuple[str, ...] = Field(("valid", "validation", "val", "dev"), description="words for validation")
    test: tuple[str, ...] = Field(("test",), description="words for rows to test on")

    @property
    def apart(self) -> tuple[str, ...]:
        """The parts' column."""
        return (self.column,)


class Files(Spec):
    """By file: other tables validate and test."""

    name: Literal["files"] = "files"
    test_path: str = Field(description="the table to test on; relative to the config")
    valid_path: str = Field("", description="the table that chooses the best epoch; none: a share of the first")
    valid: Valid = 0.15

    @property
    def apart(self) -> tuple[str, ...]:
        """None."""
        return ()


class KFold(Spec):
    """K networks, each tested on its fold and trained on the others, or on what lies before it (Stone, 1974)."""

    name: Literal["kfold"] = "kfold"
    folds: Annotated[Count, Field(ge=2, le=100)] = Field(5, description="how many networks are trained")
    fold: Annotated[int, Field(ge=0, strict=True)] = Field(0, description="train this fold alone, from 1; 0: all")
    by: Literal["stratified", "plain", "group", "time"] = Field(
        "stratified", description="as the splits of these names; `time` trains on what lies before a fold"
    )
    column: str = Field("", description="of the groups, or of the time")
    valid: Valid = 0.15

    @property
    def apart(self) -> tuple[str, ...]:
        """The groups' column."""
        return (self.column,) if self.by == "group" else ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.fold > self.folds:
            raise ValueError(f"`fold: {self.fold}` of {self.folds} folds")
        if (self.by in ("group", "time")) != bool(self.column):
            raise ValueError("`column` goes with `by: group` and `by: time`, and they need it")
        return self


Split = Annotated[Random | InOrder | Time | Group | Named | Files | KFold, Field(discriminator="name"), ByName]


def ordered(split: Split) -> bool:
    """Whether a split is by an order of the rows, so that parts by lot would train on what follows."""
    return isinstance(split, InOrder | Time) or (isinstance(split, KFold) and split.by == "time")
