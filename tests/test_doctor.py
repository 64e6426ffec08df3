"""The doctor: every finding on a table made to have it, silence on tables without, and its way out mends."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from netrain.commands.check import check
from netrain.finding import Finding, setting
from netrain.yaml12 import load

N = 600
ROOT = Path(__file__).parents[1]
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
    return of | {"nth": pl.Series(range(7, 7 + N))}


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
    Case(telling, "leak", ("duration",)),
    Case(counted, "id", ("nth",)),
    Case(named, "id", ("customerID",)),
    Case(empty, "nearly_empty", ("cabin",)),
    Case(constant, "constant", ("country", "zero")),
    Case(twice, "repeated", (), sets=("data.duplicates=drop",)),
    Case(against, "contradicting", ("y",), mends=False),
    Case(rare, "rare_class", ("y",), sets=("data.min_class_rows=3",)),
    Case(strange, "unseen", ("shop",)),
    Case(timed, "time_order", ("day",), sets=("data.split.name=time", "data.split.column=day")),
    Case(patients, "groups", ("patient_id",), sets=("data.split.name=group", "data.split.column=patient_id")),
    Case(dated, "dates", ("seen",)),
]


def found(columns: Columns, folder: Path, *sets: str) -> tuple[Finding, ...]:
    path = folder / "table.csv"
    pl.DataFrame(columns).write_csv(path)
    return check(path, ["y"], "fast", sets).findings


@pytest.mark.parametrize("seed", range(3))
def test_a_clean_table_has_no_finding(seed: int, tmp_path: Path) -> None:
    assert found(clean(seed), tmp_path) == ()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.make.__name__)
def test_each_fault_is_named_and_nothing_else(case: Case, tmp_path: Path) -> None:
    findings = found(case.make(clean()), tmp_path)
    assert {(f.kind, f.columns) for f in findings} == {(case.kind, case.columns)}
    assert all(column in findings[0].message for column in case.columns)
    if case.sets:
        assert findings[0].settings == case.sets


@pytest.mark.parametrize("case", [c for c in CASES if c.mends], ids=lambda case: case.make.__name__)
def test_what_the_doctor_says_to_set_mends_it(case: Case, tmp_path: Path) -> None:
    columns = case.make(clean())
    settings = found(columns, tmp_path)[0].settings
    assert found(columns, tmp_path, *settings) == ()


def test_numbers_that_rise_with_the_target_give_it_away(tmp_path: Path) -> None:
    of = clean()
    y = of["x"] * 40.0 + of["z"] * 40.0 + pl.Series(np.random.default_rng(1).normal(size=N))
    assert found(of | {"y": y}, tmp_path) == ()
    leaky = found(of | {"y": y, "log_price": (y - y.min() + 1.0).log()}, tmp_path)
    assert [(f.kind, f.columns) for f in leaky] == [("leak", ("log_price",))]


def test_a_number_named_id_is_left_out_and_named(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    of = clean() | {"order_id": pl.Series(rng.choice(10**6, N, replace=False))}
    (finding,) = found(of, tmp_path)
    assert (finding.kind, finding.columns, finding.left_out) == ("id", ("order_id",), True)


def test_a_number_without_gaps_that_is_the_only_column_stays(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    pl.DataFrame({"id": range(100), "y": [3.0 * i + i % 7 for i in range(100)]}).write_csv(path)
    checked = check(path, ["y"], "fast", [])
    assert checked.patient.inputs == ("id",)


def test_cost_is_of_the_network_that_is_trained(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    pl.DataFrame(clean()).write_csv(path)
    small = check(path, ["y"], "fast", ["model={name: mlp, hidden: [4]}", "training.batch_size=100"]).cost
    assert small.parameters == (5 * 4 + 4) + (4 * 2 + 2)
    assert small.steps == 5  # 420 rows to train on
    large = check(path, ["y"], "fast", ["model={name: mlp, hidden: [1024, 1024]}", "training.batch_size=100"]).cost
    assert large.memory > small.memory + 4 * 4 * (large.parameters - small.parameters)
    assert large.seconds > small.seconds


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer", "diabetes"])
def test_shipped_tables_raise_no_alarm(name: str) -> None:
    assert check(ROOT / "configs" / f"{name}.yaml", [], "", []).findings == ()


@pytest.mark.parametrize("column", ["age", "emp.var.rate", "a b", 'quo"te', "naïve"])
def test_a_setting_names_any_column(column: str) -> None:
    key, _, value = setting("drop", "data", "columns", column).rpartition("=")
    assert value == "drop"
    last = key.removeprefix("data.columns.")
    assert load(f"{last}: 1", "here").data == {column: 1}


def test_rows_dropped_are_told_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    pl.DataFrame(rare(twice(clean()))).write_csv(path)
    checked = check(path, ["y"], "fast", ["data.duplicates=drop", "data.min_class_rows=3"])
    notes = " | ".join(checked.patient.experiment.notes)
    assert "dropped 197 rows equal to an earlier one" in notes
    assert "dropped 3 rows of `y` with fewer than 3 rows: `maybe`, `perhaps`" in notes
    assert len(checked.patient.frame) == 400
