"""How sure a metric is: intervals over resampled rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netrain.lazy import np

if TYPE_CHECKING:
    from netrain.metrics.scores import Array, Scores

AT_ONCE = 1 << 15  # numbers that weightings take which are scored together: they fit a cache


def bootstrap(
    scores: Scores,
    rng: np.random.Generator,
    weights: Array | None = None,
    draws: int = 1000,
    level: float = 0.95,
) -> dict[str, tuple[float, float] | None]:
    """Percentile intervals of every metric, under row weights [n] or none, over resampled rows (Efron, 1979).

    Draws in which a metric is not defined are left out; it is None where more than half are. Fewer draws, but 200 at
    least, are made of more than 20,000 rows.
    """
    point, n = scores.score(weights), scores.n
    if n == 0:
        return dict.fromkeys(point)
    at_once = max(1, AT_ONCE // scores.takes)
    draws = max(200, min(draws, 20_000_000 // n))
    found: dict[str, list[Array]] = {name: [] for name in point}
    for first in range(0, draws, at_once):
        times = np.stack([drawn(n, rng) for _ in range(first, min(first + at_once, draws))])
        for name, values in scores.each(times if weights is None else times * weights).items():
            found[name].append(values[~np.isnan(values)])
    defined = {name: np.concatenate(parts) for name, parts in found.items()}
    tails = [(1.0 - level) / 2.0, (1.0 + level) / 2.0]
    return {
        name: None if point[name] is None or 2 * len(values) < draws else _pair(np.quantile(values, tails))
        for name, values in defined.items()
    }


def drawn(n: int, rng: np.random.Generator) -> Array:
    """How often each of n rows is drawn, in n draws. [n]."""
    times: Array = np.bincount(rng.integers(0, n, n), minlength=n).astype(np.float64)
    return times


def _pair(ends: Array) -> tuple[float, float]:
    return float(ends[0]), float(ends[1])
