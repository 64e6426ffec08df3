"""Whether what is called 70% likely happens in 70 of 100 rows."""

from __future__ import annotations

from typing import Any

import numpy as np

from netrain.inputs import Floats
from netrain.report.numbers import bins_of, effective, wilson

BINS, FEWEST = 10, 10  # bins, and rows in each


def calibration(y: Floats, p: Floats, weights: Floats) -> dict[str, Any]:
    """Bins of equal rows by probability: the mean predicted, the share observed, its Wilson 95% interval."""
    predicted, observed, rows, size = [], [], [], []
    for chosen in bins_of(p, BINS, FEWEST):
        w = weights[chosen]
        if w.sum() > 0.0:
            predicted.append(float(np.average(p[chosen], weights=w)))
            observed.append(float(np.average(y[chosen], weights=w)))
            rows.append(len(chosen))
            size.append(effective(w))
    low, high = wilson(np.array(observed), np.array(size)) if rows else (np.zeros(0), np.zeros(0))
    return {"predicted": predicted, "observed": observed, "rows": rows, "low": low, "high": high}
