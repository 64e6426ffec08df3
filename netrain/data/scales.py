"""Scalings fitted on training rows: from numbers to inputs of a size that networks like."""

from __future__ import annotations

from statistics import NormalDist
from typing import Annotated, Literal, Self, assert_never

import numpy as np
from pydantic import Field, model_validator

from netrain.data.columns import Log, MinMax, Quantile, Robust, Scale, Standardize, Unscaled
from netrain.inputs import Floats
from netrain.spec import Positive, Spec

FLOAT32 = 3e38  # what is left as it stands must still be a float32
FAR = 1e6  # deviations; no training row is farther than sqrt(n) from the mean, so this bounds strangers alone
LOWEST = 1e-7  # the rank of the smallest training value, of 1: -5.2 deviations
NOUGHT = 1e-290  # between numbers below it a slope may overflow
TINY = 1e-12  # a deviation below this share of the mean is rounding


class FittedAffine(Spec):
    """(x - centre) * slope, then a smooth clip where there is a bound."""

    kind: Literal["affine"] = "affine"
    centre: float
    slope: float
    log: bool = False  # of sign(x) log(1 + |x|)
    bound: Positive | None = None  # None: no clip
    far: Annotated[Positive, Field(le=FLOAT32)] = FAR  # what lies beyond it is cut off

    def __call__(self, x: Floats) -> Floats:
        """float64 [n] -> [n]."""
        if self.log:
            x = signed_log(x)
        with np.errstate(over="ignore"):  # what overflows is far
            scaled: Floats = np.clip((x - self.centre) * self.slope, -self.far, self.far)
        return scaled if self.bound is None else scaled / np.sqrt(1.0 + np.square(scaled / self.bound))


class FittedQuantile(Spec):
    """The standard normal score of x among the quantiles kept, linear between them, level beyond them."""

    kind: Literal["quantile"] = "quantile"
    quantiles: Annotated[tuple[float, ...], Field(min_length=1)]
    scores: tuple[float, ...]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if len(self.scores) != len(self.quantiles) or list(self.quantiles) != sorted(set(self.quantiles)):
            raise ValueError("quantiles rise, and each has a score")
        return self

    def __call__(self, x: Floats) -> Floats:
        """float64 [n] -> [n]."""
        return np.interp(x, self.quantiles, self.scores)


FittedScale = Annotated[FittedAffine | FittedQuantile, Field(discriminator="kind")]


def fit_scale(scale: Scale, x: Floats) -> FittedAffine | FittedQuantile:
    """A scaling fitted on the values [n] of the training rows, n > 0. A constant column becomes 0."""
    match scale:
        case Standardize():
            return standard(x)
        case Log():
            fitted = standard(signed_log(x))
            return FittedAffine(centre=fitted.centre, slope=fitted.slope, log=True)
        case Robust():
            return robust(scale, x)
        case MinMax():
            low, high = float(x.min()), float(x.max())
            return FittedAffine(centre=low, slope=inverse(high - low, low))
        case Quantile():
            return by_rank(scale, x)
        case Unscaled():
            return FittedAffine(centre=0.0, slope=1.0, far=FLOAT32)
        case _:
            assert_never(scale)


def standard(x: Floats) -> FittedAffine:
    """Mean 0, deviation 1."""
    with np.errstate(over="ignore"):
        mean, deviation = float(x.mean()), float(x.std())
    if not np.isfinite([mean, deviation]).all():  # squares overflow: by the largest
        size = float(np.abs(x).max())
        mean, deviation = float((x / size).mean()) * size, float((x / size).std()) * size
    return FittedAffine(centre=mean, slope=inverse(deviation, mean))


def robust(scale: Robust, x: Floats) -> FittedAffine:
    """Median 0, interquartile range 1; where that is 0, the whole range 2."""
    low, lower, median, upper, high = (float(q) for q in np.quantile(x, (0.0, 0.25, 0.5, 0.75, 1.0)))
    slope = inverse(upper - lower, median) if upper > lower else 2.0 * inverse(high - low, median)
    return FittedAffine(centre=median, slope=slope, bound=scale.bound)


def by_rank(scale: Quantile, x: Floats) -> FittedQuantile:
    """Tied values take the middle of their ranks."""
    shares = np.linspace(0.0, 1.0, min(scale.points, len(x)))
    kept = np.quantile(x, shares)
    kept[np.abs(kept) < NOUGHT] = 0.0
    quantiles, first, counts = np.unique(kept, return_index=True, return_counts=True)
    middle = np.clip(shares[first] + (shares[first + counts - 1] - shares[first]) / 2.0, LOWEST, 1.0 - LOWEST)
    normal = NormalDist()
    return FittedQuantile(
        quantiles=tuple(quantiles.tolist()), scores=tuple(normal.inv_cdf(share) for share in middle.tolist())
    )


def inverse(spread: float, around: float) -> float:
    """1 / spread, and 0 where the spread is only rounding of the numbers around which it lies."""
    return 1.0 / spread if spread > max(TINY * abs(around), 1e-300) else 0.0


def signed_log(x: Floats) -> Floats:
    """sign(x) log(1 + |x|)."""
    return np.sign(x) * np.log1p(np.abs(x))
