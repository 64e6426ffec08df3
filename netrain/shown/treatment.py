"""What became of each column of a table, in the terms of the config."""

from __future__ import annotations

from typing import Any, assert_never

from netrain.config import Config
from netrain.data.columns import Numeric
from netrain.data.features import Preprocessor
from netrain.data.fitted import Fitted, FittedBoolean, FittedDatetime, FittedEmbedding, FittedNumeric, FittedOneHot
from netrain.data.scales import FLOAT32, FittedAffine, FittedQuantile


def treatments(preprocessor: Preprocessor, config: Config) -> list[dict[str, Any]]:
    """Each column with its kind and the facts that say most of it, as JSON data."""
    return [treatment(fitted, config) for fitted in preprocessor.columns]


def treatment(fitted: Fitted, config: Config) -> dict[str, Any]:
    """The facts of one column."""
    head = {"column": fitted.column, "kind": fitted.kind}
    match fitted:
        case FittedNumeric():
            return head | {"scale": scale(fitted, config), "fill": fitted.fill, "indicator": fitted.indicator}
        case FittedOneHot() | FittedEmbedding():
            return head | {"levels": fitted.levels.count}
        case FittedDatetime():
            return head | {"format": fitted.format, "parts": list(fitted.parts), "elapsed": bool(fitted.elapsed)}
        case FittedBoolean():
            return head
        case _:
            assert_never(fitted)


def scale(fitted: FittedNumeric, config: Config) -> str:
    """The name of the scaling in a config; what is fitted tells all but `min_max` from `standardize`."""
    match fitted.scale:
        case FittedQuantile():
            return "quantile"
        case FittedAffine(log=True):
            return "log"
        case FittedAffine(bound=float()):
            return "robust"
        case FittedAffine(far=far) if far == FLOAT32:
            return "none"
        case FittedAffine():
            spec = config.data.columns.get(fitted.column, Numeric())
            named = spec.scale.name if isinstance(spec, Numeric) else ""
            return named if named == "min_max" else "standardize"
        case _:
            assert_never(fitted.scale)


def told(of: dict[str, Any]) -> str:
    """The facts of a column in a line."""
    match of["kind"]:
        case "numeric":
            marked = "yes" if of["indicator"] else "no"
            more = f"scale {of['scale']}, impute {of['fill']:.6g}, indicator {marked}"
        case "datetime":
            elapsed = " and the time elapsed" if of["elapsed"] else ""
            more = f"format {of['format']}, {' '.join(of['parts']) or 'no parts'}{elapsed}"
        case "one_hot" | "embedding":
            more = f"{of['levels']:,} levels"
        case _:
            more = ""
    return f"{of['column']}: {of['kind']}" + (f", {more}" if more else "")
