"""A CSV of 30 columns of numbers, the last of which follows from the others.

`python -m tests.bench.numbers ROWS FILE` writes it.
"""

import subprocess
import sys
from pathlib import Path

COLUMNS = 30


def write(rows: int, path: Path) -> None:
    """In a process of its own, so that this one stays small."""
    subprocess.run([sys.executable, "-m", "tests.bench.numbers", str(rows), str(path)], check=True)


def main() -> None:
    """Write the file."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((int(sys.argv[1]), COLUMNS - 1))
    target = np.sin(inputs[:, 0]) + inputs[:, 1:5].sum(axis=1) + 0.1 * rng.standard_normal(len(inputs))
    frame = pl.DataFrame({f"x{j}": inputs[:, j] for j in range(COLUMNS - 1)} | {"y": target})
    frame.write_csv(sys.argv[2], float_precision=6)


if __name__ == "__main__":
    main()
