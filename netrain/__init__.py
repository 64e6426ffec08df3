"""netrain: a table and a YAML file become a trained neural network, in NumPy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from netrain.version import __version__

if TYPE_CHECKING:
    from netrain.runs.bundle import Bundle

__all__ = ["__version__", "load"]


def load(checkpoint: str | Path) -> Bundle:
    """The trained network of a checkpoint file or a run: `load("runs/iris-1").predict(frame)`.

    `latest` and `best` stand for runs here, unless a file has that name. Raises CheckpointError for a file that is not
    a whole checkpoint.
    """
    from netrain.runs.bundle import load_bundle
    from netrain.runs.catalogue import chosen
    from netrain.runs.run import find_checkpoint

    return load_bundle(find_checkpoint(chosen(Path(checkpoint))[0]))
