"""A small table to train on, and what the program says."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl


@dataclass(frozen=True)
class Said:
    """What the program left: exit code, stdout and stderr."""

    code: int
    out: str
    err: str


Program = Callable[..., Said]


def small_table(n: int = 200, seed: int = 0) -> pl.DataFrame:
    """Numbers, categories with few and many levels, missing cells; a class and a value to predict."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=n), rng.normal(size=n)
    city = rng.integers(0, 30, n)
    score = x + 0.5 * (city % 3) + 0.1 * rng.normal(size=n)
    return pl.DataFrame(
        {
            "x": pl.Series([None if i % 17 == 0 else v for i, v in enumerate(x.tolist())], dtype=pl.Float64),
            "z": z,
            "colour": [["red", "green", None][i % 3] for i in range(n)],
            "city": [f"city {c}" for c in city],
            "label": ["yes" if s > 0.5 else "no" for s in score],
            "value": 100.0 * score,
        }
    )
