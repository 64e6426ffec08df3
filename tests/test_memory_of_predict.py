"""The memory of `predict` does not grow with the rows of its table."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl

from netrain.commands.predict import ROWS

CONFIG = """\
data: {path: small.csv, target: y}
model: {name: mlp, hidden: [16]}
training: {epochs: 1, stop: never}
"""


def peak(folder: Path, *arguments: str) -> float:
    """The peak memory of `netrain ARGUMENTS`, in MB."""
    running = subprocess.Popen([sys.executable, "-m", "netrain", *arguments, "-q"], cwd=folder)
    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0
    return usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1024)


def test_predict_holds_a_few_batches(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    values = rng.standard_normal((8 * ROWS, 24))
    frame = pl.DataFrame({f"x{j}": column for j, column in enumerate(values.T)}).with_columns(y=pl.col("x0"))
    frame[:500].write_csv(tmp_path / "small.csv", float_precision=6)
    sizes = {}
    for name, times in (("short", 1), ("long", 4)):
        pl.concat([frame] * times).write_csv(tmp_path / f"{name}.csv", float_precision=6)
        sizes[name] = (tmp_path / f"{name}.csv").stat().st_size / 2**20
    (tmp_path / "config.yaml").write_text(CONFIG)
    peak(tmp_path, "train", "config.yaml", "--run-dir", "run")
    peaks = {name: peak(tmp_path, "predict", f"{name}.csv", "-c", "run", "-o", f"{name}.out.csv") for name in sizes}
    assert pl.scan_csv(tmp_path / "long.out.csv").select(pl.len()).collect().item() == 32 * ROWS
    assert sizes["long"] - sizes["short"] > 80.0
    assert peaks["long"] - peaks["short"] < 30.0
