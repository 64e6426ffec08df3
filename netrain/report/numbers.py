"""Figures as JSON has them: plain, finite or null, with the digits that a chart can show."""

from __future__ import annotations

from math import isfinite
from typing import Any

import numpy as np

from netrain.inputs import Floats

DIGITS = 6  # that are kept of a figure
LONGEST = 100  # characters of a cell or level that are shown
Z95 = 1.959963984540054  # of a normal 95% interval


def tidy(value: Any) -> Any:
    """A figure without arrays and without what is not finite, floats rounded."""
    if isinstance(value, dict):
        return {str(key): tidy(part) for key, part in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return tidy(value.tolist())
    if isinstance(value, list | tuple):
        return [tidy(part) for part in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if isfinite(value) else None
    return value


def short(text: str) -> str:
    """A text of a table, cut where it is long."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def wilson(share: Floats, n: Floats) -> tuple[Floats, Floats]:
    """The 95% interval of a share of n rows (Wilson, 1927)."""
    z = Z95 * Z95 / n
    centre = (share + z / 2.0) / (1.0 + z)
    half = np.sqrt(np.maximum(share * (1.0 - share), 0.0) * z + z * z / 4.0) / (1.0 + z)
    low: Floats = np.maximum(centre - half, 0.0)
    high: Floats = np.minimum(centre + half, 1.0)
    return low, high


def effective(weights: Floats) -> float:
    """As many rows of one weight tell as much (Kish, 1965)."""
    squares = float(np.square(weights).sum())
    return float(weights.sum()) ** 2 / squares if squares > 0.0 else 0.0


def bins_of(values: Floats, most: int, each: int) -> list[np.ndarray]:
    """The numbers of the rows, in up to `most` bins of equal rows by their values, of `each` rows at least.

    Rows of one value share a bin.
    """
    bins = max(1, min(most, len(values) // each))
    cuts = np.quantile(values, np.linspace(0.0, 1.0, bins + 1)[1:-1]) if len(values) else np.zeros(0)
    number = np.searchsorted(cuts, values)
    return [rows for b in range(bins) if len(rows := np.flatnonzero(number == b))]


def edges_of(values: Floats, bins: int) -> Floats:
    """Where equal bins begin and end that hold all values. [bins + 1]."""
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    room = max(0.5, 1e-6 * max(abs(low), abs(high)))
    if not high / 2.0 - low / 2.0 > 1e-9 * room:
        low, high = low - room, high + room
    edges: Floats = np.linspace(low / 2.0, high / 2.0, bins + 1) * 2.0  # so that the whole range is finite
    return edges


def bin_of(values: Floats, edges: Floats) -> np.ndarray:
    """The number of each value's bin; the last one holds its right edge."""
    return np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)


def quantiles_of(values: Floats, levels: list[float], weights: Floats | None) -> Floats:
    """Quantiles of weighted rows."""
    if weights is None or not weights.sum() > 0.0:
        return np.quantile(values, levels)
    return np.quantile(values, levels, weights=weights, method="inverted_cdf")
