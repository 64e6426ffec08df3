"""How the network learned: the log of epochs as columns, thinned where it is long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

MOST = 600  # epochs that are shown


def learning(
    logged: Iterable[Mapping[str, Any]], best_epoch: int, metrics: Iterable[str], units: list[dict[str, str | int]]
) -> dict[str, Any]:
    """The losses, the validation metrics named, rates and norms of the epochs logged. First, best and last are kept.

    `units`: of each layer with an activation at the best weights, as `nn.units` tells them.
    """
    log = list(logged)
    shown = [log[i] for i in thinned(len(log), best_epoch)]
    valid = {name: [epoch["valid"].get(name) for epoch in shown] for name in dict.fromkeys(["loss", *metrics])}
    return {
        "epochs": [epoch["epoch"] for epoch in shown],
        "train": {"loss": [epoch["train"].get("loss") for epoch in shown]},
        "valid": {name: figures for name, figures in valid.items() if any(f is not None for f in figures)},
        **{name: [epoch[name] for epoch in shown] for name in ("learning_rate", "gradient_norm", "update_norm")},
        "best_epoch": best_epoch,
        "seconds": [epoch["seconds"] for epoch in shown],
        "units": units,
    }


def thinned(n: int, best_epoch: int) -> list[int]:
    """Which of n epochs to show, evenly, from 0."""
    if n <= MOST:
        return list(range(n))
    last = n - 1
    even = {round(i * last / (MOST - 2)) for i in range(MOST - 1)}
    return sorted(even | {min(max(best_epoch - 1, 0), last)})
