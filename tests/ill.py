"""Tables with one fault each, for the doctor."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from netrain.commands.check import check
from netrain.finding import Finding

N = 600
Columns = dict[str, pl.Series]


def clean(seed: int = 0) -> Columns:
    """Two noisy numbers and a category that bear on a class."""
    rng = np.random.default_rng(seed)
    x, z = rng.normal(size=(2, N))
    y = x + z + rng.normal(size=N) > 0
    return {
        "x": pl.Series(x),
        "z": pl.Series(z),
        "colour": pl.Series([["red", "green", "blue"][i % 3] for i in rng.permutation(N)]),
        "y": pl.Series(np.where(y, "yes", "no")),
    }


def days(n: int) -> pl.Series:
    return pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 1, 1) + pl.duration(days=n - 1), eager=True).cast(pl.String)


def copied(of: Columns) -> Columns:
    return of | {"paid": of["y"].replace_strict({"yes": 1, "no": 0})}


def nearly_copied(of: Columns) -> Columns:
    """A copy with one row in a hundred turned."""
    right = of["y"] == "yes"
    return of | {"after": pl.Series([bool(b) != (i % 100 == 7) for i, b in enumerate(right)]).cast(pl.Int8)}


def telling(of: Columns) -> Columns:
    """A number that is no copy, and tells more than the others together."""
    rng = np.random.default_rng(5)
    return of | {"duration": pl.Series(rng.normal(size=N)) + 2.0 * (of["y"] == "yes").cast(pl.Float64)}


def counted(of: Columns) -> Columns:
    return of | {"nth": pl.Series(range(1, 1 + N))}


def named(of: Columns) -> Columns:
    return of | {"customerID": pl.Series([f"c-{i * 37 % N}" for i in range(N)])}


def empty(of: Columns) -> Columns:
    return of | {"cabin": pl.Series([1.5 + i if i % 40 == 0 else None for i in range(N)])}


def constant(of: Columns) -> Columns:
    return of | {"country": pl.Series(["CH"] * N), "zero": pl.Series([0] * N)}


def twice(of: Columns) -> Columns:
    """The last third repeats the first."""
    rows = [*range(400), *range(200)]
    return {name: column[rows] for name, column in of.items()}


def against(of: Columns) -> Columns:
    """The last third repeats the first, with the other answer."""
    turned = twice(of)
    other = turned["y"].replace_strict({"yes": "no", "no": "yes"})
    return turned | {"y": pl.concat([turned["y"][:400], other[400:]])}


def rounded(of: Columns) -> Columns:
    """Numbers of few digits: some rows are equal by chance, many are but for one column."""
    return of | {"x": of["x"].round(1), "z": of["z"].round(1)}


def doubled(of: Columns) -> Columns:
    """Every row twice, by lot."""
    rows = np.random.default_rng(11).permutation(N) // 2
    return {name: column[rows] for name, column in rounded(of).items()}


def added_to(of: Columns) -> Columns:
    """A third of the rows once more below."""
    rows = [*range(N), *range(N // 3)]
    return {name: column[rows] for name, column in rounded(of).items()}


def opposed(of: Columns) -> Columns:
    """Every row twice, with either answer."""
    order = np.random.default_rng(11).permutation(N)
    return doubled(of) | {"y": pl.Series(np.where(order % 2, "yes", "no"))}


def rare(of: Columns) -> Columns:
    return of | {"y": pl.Series([*of["y"][:-3].to_list(), "maybe", "perhaps", "perhaps"])}


def strange(of: Columns) -> Columns:
    """Half of the rows have a level of their own."""
    rng = np.random.default_rng(3)
    return of | {"shop": pl.Series([f"s{i}" if i % 3 == 0 else f"t{i % 7}" for i in rng.permutation(N)])}


def timed(of: Columns) -> Columns:
    return of | {"day": days(N)}


def patients(of: Columns) -> Columns:
    return of | {"patient_id": pl.Series([i * 7 % 60 + 1000 for i in range(N)])}


def dated(of: Columns) -> Columns:
    """Days up to 12, so that they could be months."""
    rng = np.random.default_rng(4)
    return of | {"seen": pl.Series([f"{d:02}/{m:02}/2021" for d, m in rng.integers(1, 13, (N, 2))])}


def comma(of: Columns) -> Columns:
    return of | {"fare": pl.Series([f"{i * 37 % 997},{i % 10}" for i in range(N)])}


def thousands(of: Columns) -> Columns:
    return of | {"pay": pl.Series([f"{i * 37 % 97 + 1},{i % 1000:03}" for i in range(N)])}


def about(of: Columns) -> Columns:
    return of | {"age": pl.Series(["about 30" if i == 3 else str(i * 37 % 97) for i in range(N)])}


def sparse(of: Columns) -> Columns:
    """As text, most levels stand in a row or two: many are in no training row."""
    rng = np.random.default_rng(8)
    return of | {"pulse": pl.Series(["oops" if i == 599 else str(v) for i, v in enumerate(rng.integers(0, 250, N))])}


def unmeasured(of: Columns) -> Columns:
    """Every sixth number is a word, so that the column would be left out as text."""
    rng = np.random.default_rng(9)
    return of | {"dose": pl.Series(["None" if i % 6 == 0 else f"{v:.4f}" for i, v in enumerate(rng.normal(size=N))])}


def priced(of: Columns) -> Columns:
    return of | {"pay": pl.Series([f"${i * 37 % 997}.{i % 10}0" for i in range(N)])}


def shared(of: Columns) -> Columns:
    return of | {"rate": pl.Series([f"{i * 37 % 97}%" for i in range(N)])}


def zipped(of: Columns) -> Columns:
    return of | {"zip": pl.Series([f"{i * 37 % 29:05}" for i in range(N)])}


def coded(of: Columns) -> Columns:
    """A tenth of the cells says -200 for missing."""
    z = pl.Series([-200.0 if i % 10 == 0 else v for i, v in enumerate(of["z"])])
    return of | {"z": z}


@dataclass(frozen=True)
class Case:
    """A table with one fault: what is to be found, in which columns, and whether its settings silence it."""

    make: Callable[[Columns], Columns]
    kind: str
    columns: tuple[str, ...]
    mends: bool = True
    sets: tuple[str, ...] = field(default=())


CASES = [
    Case(copied, "leak", ("paid",)),
    Case(nearly_copied, "leak", ("after",)),
    Case(telling, "suspect", ("duration",)),
    Case(comma, "misread", ("fare",), mends=False),
    Case(thousands, "misread", ("pay",), mends=False),
    Case(about, "misread", ("age",)),
    Case(sparse, "misread", ("pulse",)),
    Case(unmeasured, "misread", ("dose",)),
    Case(priced, "misread", ("pay",), mends=False),
    Case(shared, "misread", ("rate",), mends=False),
    Case(zipped, "misread", ("zip",), sets=("data.columns.zip=categorical",)),
    Case(coded, "sentinel", ("z",)),
    Case(counted, "id", ("nth",)),
    Case(named, "id", ("customerID",)),
    Case(empty, "nearly_empty", ("cabin",)),
    Case(constant, "constant", ("country", "zero")),
    Case(twice, "repeated", (), sets=("data.duplicates=drop",)),
    Case(against, "contradicting", ("y",), mends=False),
    Case(doubled, "repeated", (), sets=("data.duplicates=drop",)),
    Case(added_to, "repeated", (), sets=("data.duplicates=drop",)),
    Case(opposed, "contradicting", ("y",), mends=False),
    Case(rare, "rare_class", ("y",), sets=("data.min_class_rows=3",)),
    Case(strange, "unseen", ("shop",)),
    Case(timed, "time_order", ("day",), sets=("data.split={name: time, column: day}",)),
    Case(patients, "groups", ("patient_id",), sets=("data.split={name: group, column: patient_id}",)),
    Case(dated, "dates", ("seen",)),
]


def found(columns: Columns, folder: Path, *sets: str) -> tuple[Finding, ...]:
    path = folder / "table.csv"
    pl.DataFrame(columns).write_csv(path)
    return check(path, ["y"], "fast", sets).findings
