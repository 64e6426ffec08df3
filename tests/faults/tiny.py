"""A tiny training, and the bytes it leaves."""

from pathlib import Path

from netrain.runs.run import Run

TINY = """\
data: {path: table.csv, target: label, columns: {value: drop, city: drop}}
model: {name: mlp, hidden: [4], norm: batch, dropout: 0.1}
training: {epochs: 3, batch_size: 64, stop: never, save_every: 0, average: ema, schedule: constant}
report: {page: false}
"""


def checkpoints(run: Path) -> list[bytes]:
    """The bytes of both."""
    return [(run / "checkpoints" / f"{name}.safetensors").read_bytes() for name in ("best", "last")]


def figures(run: Path) -> list[dict[str, object]]:
    """The log, without what a clock says."""
    return [{**epoch, "seconds": 0} for epoch in Run(run).logged()]
