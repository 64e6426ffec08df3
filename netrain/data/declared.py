"""What a config says of the data: where it is, what it is about, how rows count and are split."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from netrain.data.columns import Categorical, Column, Numeric
from netrain.data.reading import Reading
from netrain.data.split import Random, Split
from netrain.spec import ByName, Count, Positive, Spec, as_list


def unlike(names: tuple[str, ...]) -> tuple[str, ...]:
    """Raise ValueError for a name that stands twice."""
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"`{name}` stands twice")
    return names


class Equal(Spec):
    """Every class counts by its rows."""

    name: Literal["none"] = "none"


class Balanced(Spec):
    """Every class counts alike, however many rows it has (King and Zeng, 2001)."""

    name: Literal["balanced"] = "balanced"


class Given(Spec):
    """Every class counts as you say; those left out by 1."""

    name: Literal["given"] = "given"
    weights: dict[str, Positive] = Field({}, description="the weight of a row of each class")


ClassWeight = Annotated[Equal | Balanced | Given, Field(discriminator="name"), ByName]

Names = Annotated[
    tuple[str, ...],
    Field(min_length=1),
    BeforeValidator(as_list),
    AfterValidator(unlike),
    PlainSerializer(lambda names: names[0] if len(names) == 1 else list(names)),
]


class Data(Reading):
    """The table, how it is read, and what its columns are."""

    path: str = Field(
        description="the table: csv, tsv, jsonl, parquet or ipc, also .gz or .zst; relative to the config"
    )
    target: Names = Field(description="the column to predict; or a list: several numbers, or several of two labels")
    weight: str = Field("", description="a column with the weight of each row; no feature")
    class_weight: ClassWeight = Field(Equal(), description="what a row of each class weighs in training")
    split: Split = Field(Random(), description="which rows train, validate and test")
    columns: dict[str, Column] = Field({}, description="what a column is, where inference should not decide")
    numeric: Annotated[Numeric, ByName] = Field(
        Numeric.model_construct(), description="how a number that `columns` leaves open becomes inputs"
    )
    categorical: Annotated[Categorical, ByName] = Field(
        Categorical.model_construct(), description="how a category that `columns` leaves open becomes inputs"
    )
    missing_target: Literal["error", "drop"] = Field("error", description="what to do with rows without a target")
    duplicates: Literal["keep", "drop"] = Field(
        "keep", description="rows equal to an earlier one in every input, target and weight"
    )
    min_class_rows: Count = Field(1, description="rows of classes that have fewer are left out")

    @model_validator(mode="after")
    def _weight_is_no_target(self) -> Self:
        if self.weight in self.target:
            raise ValueError(f"`{self.weight}` cannot be both `weight` and `target`")
        return self
