"""The folds of a bag: which of its networks does not train on a row, but validates on it."""

from __future__ import annotations

from netrain.data.lots import Drawing, Numbers, fold_of_groups, fold_of_rows, groups
from netrain.data.split import Group, KFold, Random, Split
from netrain.errors import DataError
from netrain.wording import counted


def bag_folds(split: Split, drawing: Drawing, bag: int) -> Numbers:
    """The fold of each row, from 0, drawn as the split draws: by group, or alike in the target, or by lot alone.

    Raises DataError for fewer rows or groups than networks.
    """
    if isinstance(split, Group) or (isinstance(split, KFold) and split.by == "group"):
        group = groups(drawing, split.column)
        check(bag, int(group.max()) + 1, "group", drawing)
        return fold_of_groups(group, bag, drawing)
    check(bag, drawing.n, "row", drawing)
    plain = (isinstance(split, Random) and not split.stratify) or (isinstance(split, KFold) and split.by == "plain")
    return fold_of_rows(KFold(folds=bag, by="plain" if plain else "stratified"), drawing)


def check(bag: int, there: int, what: str, drawing: Drawing) -> None:
    """Raise DataError where a network would have nothing to validate on."""
    if there < bag:
        raise DataError(
            f"too few {what}s to train on for a bag of {bag} networks: {counted(there, what)}",
            where=drawing.table.path,
            hint=f"`training.bag: {there}` at most" if there > 1 else "`training.bag: 1`",
        )
