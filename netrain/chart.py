"""A curve drawn in characters."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite, log10

MARK, ASCII_MARK = "•", "*"


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
