"""What no single key of a config can tell: keys that do not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from netrain.data.split import Files, ordered
from netrain.yaml12 import Document

if TYPE_CHECKING:
    from netrain.config import Config


def check_together(config: Config, document: Document) -> None:
    """Raise ConfigError for keys that do not go together."""
    if not config.data.path:
        raise document.error(("data", "path"), "`data.path` is empty")
    split, bag = config.data.split, config.training.bag
    if bag > 1 and ordered(split):
        raise document.error(
            ("training", "bag"),
            f"the split is by an order, and a bag would train on rows that follow those it validates on: `bag: {bag}`",
            "`training.bag: 1`, or `data.split: random` where the order does not matter",
        )
    if bag == 1 and not split.valid and not (isinstance(split, Files) and split.valid_path):
        check_watched(config, document)


def check_watched(config: Config, document: Document) -> None:
    """Raise ConfigError for a stop rule that watches validation rows: there are none."""
    watching = [rule for rule in config.training.stop if rule.name in ("patience", "target")]
    if watching:
        raise document.error(
            ("data", "split", "valid"),
            f"without validation rows nothing can be watched by `training.stop: {watching[0].name}`",
            "`training.stop: never`, or a share for `data.split.valid`",
        )
