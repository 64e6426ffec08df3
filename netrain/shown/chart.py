"""Curves drawn in characters."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, isfinite, log10, nan

MARK, ASCII_MARK = "•", "*"
STEPS, ASCII_STEPS = "▁▂▃▄▅▆▇█", "_.-=#"
POINTS = 256  # that a curve remembers, at most


def log_chart(
    x: Sequence[float], y: Sequence[float], *, width: int, height: int, mark: str, at: float | None = None
) -> list[str]:
    """Lines that show y against x > 0 on a logarithmic axis; `at` is an x to point out below the axis.

    What lies far above the first value is cut off, so that the rest keeps its shape.
    """
    points = [(log10(a), b) for a, b in zip(x, y, strict=True) if isfinite(b)]
    if not points:
        return []
    left, right = points[0][0], max(points[-1][0], points[0][0] + 1e-9)
    low = min(b for _, b in points)
    high = max(b for _, b in points[: max(1, len(points) // 4)])
    high += 0.5 * (high - low) or abs(low) or 1.0
    labels = [f"{high:.4g}", f"{low:.4g}"]
    margin = max(map(len, labels)) + 1
    columns = max(10, width - margin - 1)

    def column(place: float) -> int:
        return round((place - left) / (right - left) * (columns - 1))

    grid = [[" "] * columns for _ in range(height)]
    for place, value in points:
        share = (min(value, high) - low) / (high - low)
        grid[round((1.0 - share) * (height - 1))][column(place)] = mark
    edge = [labels[0], *[""] * (height - 2), labels[1]]
    lines = [f"{label:>{margin - 1}} |{''.join(row).rstrip()}" for label, row in zip(edge, grid, strict=True)]
    lines.append(" " * margin + "+" + "-" * columns)
    ticks = [" "] * columns
    for power in range(int(-(-left // 1)), int(right // 1) + 1):
        start = column(power)
        word = f"1e{power}"
        if start + len(word) <= columns and not any(c != " " for c in ticks[max(0, start - 1) : start + len(word)]):
            ticks[start : start + len(word)] = word
    lines.append(" " * (margin + 1) + "".join(ticks).rstrip())
    if at is not None:
        lines.append(" " * (margin + 1 + column(log10(at))) + "^")
    return lines


class Curve:
    """The course of a figure in bounded memory: when it is full, neighbours become their mean."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.last: float | None = None
        self._points: list[float] = []
        self._pending: list[float] = []  # of the next point
        self._stride = 1  # figures to a point

    def add(self, value: float | None) -> None:
        self.last = value
        self._pending.append(nan if value is None else value)
        if len(self._pending) < self._stride:
            return
        self._points.append(mean(self._pending))
        self._pending.clear()
        if len(self._points) == POINTS:
            self._points = [mean(self._points[i : i + 2]) for i in range(0, POINTS, 2)]
            self._stride *= 2

    def drawn(self, width: int, steps: str) -> str:
        """One of the steps for each column, blank where nothing is finite.

        The scale leaves out the tenth that is highest and the tenth that is lowest: first losses may be huge.
        """
        n, points = len(self._points), self._points
        if n > width:
            points = [mean(points[i * n // width : (i + 1) * n // width]) for i in range(width)]
        ordered = sorted(filter(isfinite, points)) or [0.0]
        out = (len(ordered) + 6) // 10
        low, high = ordered[out], ordered[-1 - out]
        if low == high:
            low, high = ordered[0], ordered[-1]
        scale = (len(steps) - 1) / (high - low) if 0 < high - low < inf else 0.0
        levels = ((min(max(point, low), high) - low) * scale for point in points)
        return "".join(steps[round(level)] if isfinite(level) else " " for level in levels)


def mean(values: list[float]) -> float:
    """Of those that are finite."""
    finite = [value for value in values if isfinite(value)]
    return sum(finite) / len(finite) if finite else nan
