"""Predictions for 1,000,000 x 30 numbers, from CSV to CSV, start-up included: `python -m tests.bench.predict`."""

import sys
import tempfile
from functools import partial
from itertools import pairwise
from pathlib import Path

from tests.bench.numbers import write
from tests.bench.timing import Contender, alternate, child, figures_of, parser, program, tell, timed

CONFIG = """\
data: {path: small.csv, target: y, split: {valid: 0, test: 0}}
model: {name: mlp, hidden: [64, 64]}
training: {epochs: 1, stop: never}
"""


def polars_and_numpy(path: str, output: str) -> None:
    """The same by hand, with all rows in memory: read, standardise, two hidden layers, write."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(0)
    sizes = (29, 64, 64, 1)
    weights = [rng.standard_normal(shape).astype(np.float32) for shape in pairwise(sizes)]

    def work() -> None:
        x = pl.read_csv(path).drop("y").to_numpy()
        x = ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)
        y = np.empty((len(x), 1), np.float32)
        for start in range(0, len(x), 2048):
            out = x[start : start + 2048]
            for w in weights[:-1]:
                out = np.maximum(out @ w, 0.0)
            y[start : start + 2048] = out @ weights[-1]
        pl.DataFrame({"prediction": y[:, 0]}).write_csv(output)

    timed(work)


def main() -> None:
    """Measure and tell."""
    options = parser(__doc__ or "", rounds=5)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--only", nargs=2, metavar=("FILE", "OUTPUT"))
    chosen = options.parse_args()
    if chosen.only:
        polars_and_numpy(*chosen.only)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tables = {"all rows": chosen.rows, "a tenth": chosen.rows // 10}
        for what, rows in (*tables.items(), ("small", 10_000)):
            write(rows, folder / f"{what}.csv")
        (folder / "config.yaml").write_text(CONFIG)
        netrain = (sys.executable, "-m", "netrain")
        program((*netrain, "train", "config.yaml", "--run-dir", "run", "--quiet"), folder=folder)
        predict = {
            what: (*netrain, "predict", f"{what}.csv", "-c", "run", "-o", f"{what}.out.csv", "-q") for what in tables
        }
        contenders: dict[str, Contender] = {
            **{f"netrain, {what}": partial(program, command, folder=folder) for what, command in predict.items()},
            "polars and numpy": partial(
                child, "-m", "tests.bench.predict", "--only", folder / "all rows.csv", folder / "by hand.csv"
            ),
        }
        measured = alternate(contenders, chosen.rounds)
    whole, tenth = measured["netrain, all rows"], measured["netrain, a tenth"]
    figures = figures_of(measured)
    figures["rows a second, start-up included"] = chosen.rows / whole.seconds
    figures["rows a second, start-up aside"] = (chosen.rows - chosen.rows // 10) / (whole.seconds - tenth.seconds)
    figures["netrain / polars and numpy"] = whole.seconds / measured["polars and numpy"].seconds
    figures["peak of all rows / of a tenth"] = whole.peak / tenth.peak
    tell(figures, as_json=chosen.json)


if __name__ == "__main__":
    main()
