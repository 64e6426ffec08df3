"""A CSV of 1,000,000 x 30 numbers to arrays, against `polars.read_csv`: `python -m tests.bench.reader`."""

import tempfile
from functools import partial
from pathlib import Path

from tests.bench.numbers import COLUMNS, write
from tests.bench.timing import Contender, alternate, child, figures_of, parser, tell, timed


def only(contender: str, path: str) -> None:
    """The work of one contender, timed without its imports."""
    import polars as pl

    from netrain.data.features import fit_columns
    from netrain.data.infer import infer
    from netrain.data.reading import Reading
    from netrain.data.table import read_table

    def inputs() -> object:
        table = read_table(path, Reading())
        preprocessor, _ = fit_columns(table.frame, infer(table.frame, {"y"}, {}).columns)
        return preprocessor.transform(table.frame)

    match contender:
        case "polars":
            timed(lambda: pl.read_csv(path))
        case "polars, to float32":
            timed(lambda: pl.read_csv(path).to_numpy().astype("float32"))
        case "netrain":
            timed(lambda: read_table(path, Reading()))
        case "netrain, to float32":
            timed(inputs)
        case _:  # what every process of these holds before it reads
            timed(lambda: None)


def main() -> None:
    """Measure and tell."""
    options = parser(__doc__ or "", rounds=5)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--only", nargs=2, metavar=("CONTENDER", "FILE"))
    chosen = options.parse_args()
    if chosen.only:
        only(*chosen.only)
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "numbers.csv")
        write(chosen.rows, path)
        names = ("polars", "netrain", "polars, to float32", "netrain, to float32")
        contenders: dict[str, Contender] = {
            name: partial(child, "-m", "tests.bench.reader", "--only", name, path) for name in (*names, "imports alone")
        }
        measured = alternate(contenders, chosen.rounds)
    figures = figures_of(measured)
    figures["netrain / polars"] = measured["netrain"].seconds / measured["polars"].seconds
    figures["the same, to float32"] = measured["netrain, to float32"].seconds / measured["polars, to float32"].seconds
    arrays = {"netrain": 8 * COLUMNS, "netrain, to float32": 8 * COLUMNS + 4 * (COLUMNS - 1)}  # bytes a row
    for name, size in arrays.items():
        figures[f"{name}, peak less its arrays, MB"] = measured[name].peak - size * chosen.rows / 2**20
    tell(figures, as_json=chosen.json)


if __name__ == "__main__":
    main()
