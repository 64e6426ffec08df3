"""A part of a split that stays without rows: why, and the way out."""

from __future__ import annotations

from math import ceil

from netrain.data.split import Group, KFold, Random, Split
from netrain.errors import DataError
from netrain.wording import counted

VERBS = {"train": "train on", "valid": "validate on", "test": "test on"}


def too_few_groups(split: Group | KFold, there: int, where: str) -> DataError:
    """The error for fewer groups than parts."""
    message = f"the split's column `{split.column}` names {counted(there, 'group')}"
    if isinstance(split, KFold):
        without = "`data.split.valid: 0` for none to validate on, or `data.split: kfold` draws single rows"
        return DataError(
            f"{message}; beside one to test on, one is left for train and valid", where=where, hint=without
        )
    parts = [name for name in VERBS if getattr(split, name, 1.0)]
    fewer = "`data.split.test: 0` for none to test on, or " if there == 2 and len(parts) == 3 else ""
    return DataError(
        f"{message}; {', '.join(parts[:-1])} and {parts[-1]} take one each",
        where=where,
        hint=f"{fewer}`data.split: random` draws single rows",
    )


def empty_part(name: str, share: float, n: int, split: Split, where: str) -> DataError:
    """The error for a part without rows."""
    message = f"the split leaves no row to {VERBS[name]}, of {counted(n, 'row')}"
    if name in type(split).model_fields and isinstance(share, float):
        without = f"`data.split.{name}: 0` for none"
        if isinstance(split, Random) and split.stratify and round(n * share):
            return DataError(
                f"{message}: each class keeps one to train on",
                where=where,
                hint=f"`data.split.stratify: false` draws from all rows alike; or {without}",
            )
        larger = min(max(2 * share, ceil(100 / n) / 100), 0.4)
        more = f", or a larger share, such as `data.split.{name}: {larger:g}`" if larger > share else ""
        return DataError(
            f"{message}: a share of {share:g} is too small",
            where=where,
            hint=f"more rows{more}; or {without}",
        )
    if name == "train":
        return DataError(message, where=where, hint="smaller shares for `data.split.valid` and `data.split.test`")
    return DataError(message, where=where, hint="a table with more rows, or fewer folds")
