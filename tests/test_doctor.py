"""The doctor: every finding on a table made to have it, silence on tables without, and its way out mends."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score
from small import Program

from netrain.commands.check import check
from netrain.doctor.leaks import area
from netrain.finding import Finding, setting
from netrain.yaml12 import load

N = 600
ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden" / "findings.txt"
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


@pytest.mark.parametrize("seed", range(3))
def test_a_clean_table_has_no_finding(seed: int, tmp_path: Path) -> None:
    assert found(clean(seed), tmp_path) == ()


def test_rows_that_validate_one_network_of_a_bag_and_train_the_others_are_no_copies(tmp_path: Path) -> None:
    assert found(clean(0), tmp_path, "training.bag=3", "data.split.test=0") == ()
    doubled = found(twice(clean(0)), tmp_path, "training.bag=3", "data.split.test=0")
    assert [finding.kind for finding in doubled] == ["repeated"]
    assert "valid rows are equal" in doubled[0].message


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.make.__name__)
def test_each_fault_is_named_and_nothing_else(case: Case, tmp_path: Path) -> None:
    findings = found(case.make(clean()), tmp_path)
    assert {(f.kind, f.columns) for f in findings} == {(case.kind, case.columns)}
    assert all(column in findings[0].message for column in case.columns)
    if case.sets:
        assert findings[0].settings == case.sets


def test_every_finding_reads_as_pinned(tmp_path: Path) -> None:
    """`NETRAIN_GOLDEN=write` writes the texts anew."""
    told = "\n".join(f"== {c.make.__name__}\n{found(c.make(clean()), tmp_path)[0]}\n" for c in CASES)
    if os.environ.get("NETRAIN_GOLDEN") == "write":
        GOLDEN.write_text(told, encoding="utf-8")
    assert told == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("case", [c for c in CASES if c.mends], ids=lambda case: case.make.__name__)
def test_what_the_doctor_says_to_set_mends_it(case: Case, tmp_path: Path) -> None:
    columns = case.make(clean())
    settings = found(columns, tmp_path)[0].settings
    assert found(columns, tmp_path, *settings) == ()


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_codes_are_seen_in_every_format(suffix: str, tmp_path: Path) -> None:
    table, path = pl.DataFrame(zipped(clean())), tmp_path / f"table.{suffix}"
    {"csv": table.write_csv, "jsonl": table.write_ndjson, "parquet": table.write_parquet}[suffix](path)
    findings = check(path, ["y"], "fast", ()).findings
    assert [(f.kind, f.columns) for f in findings] == [("misread", ("zip",))]


def test_a_month_of_two_digits_is_no_code(tmp_path: Path) -> None:
    assert found(clean() | {"month": pl.Series([f"{i % 12 + 1:02}" for i in range(N)])}, tmp_path) == ()


def test_codes_to_predict_are_labels(netrain: Program, tmp_path: Path) -> None:
    of = clean() | {"y": pl.Series([["007", "08", "011"][i * 37 % 3] for i in range(N)])}
    (finding,) = found(of, tmp_path)
    assert finding.settings == ("task=classification", "data.columns.y=categorical")
    assert finding.message in netrain("init", "table.csv", "--target", "y").out
    assert found(of, tmp_path, *finding.settings) == ()


@pytest.mark.parametrize(
    "cells",
    [["0", "0.5", "-0.3"], ["0", "10", "20"], ["1999", "2004", "2011"], ["00.5", "01.5", "2"], ["-01", "02", "3"]],
)
def test_numbers_with_a_zero_are_no_codes(cells: list[str], tmp_path: Path) -> None:
    assert found(clean() | {"n": pl.Series([cells[i * 37 % 3] for i in range(N)])}, tmp_path) == ()


def test_numbers_that_rise_with_the_target_give_it_away(tmp_path: Path) -> None:
    of = clean()
    y = of["x"] * 40.0 + of["z"] * 40.0 + pl.Series(np.random.default_rng(1).normal(size=N))
    assert found(of | {"y": y}, tmp_path) == ()
    leaky = found(of | {"y": y, "log_price": (y - y.min() + 1.0).log()}, tmp_path)
    assert [(f.kind, f.columns) for f in leaky] == [("leak", ("log_price",))]


def test_one_strong_column_among_noise_is_no_leak(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    noise = {f"n{i}": pl.Series(rng.normal(size=N)) for i in range(4)}
    x = pl.Series(rng.normal(size=N))
    y = np.where(x + 0.5 * rng.normal(size=N) > 0, "yes", "no")
    assert found({"x": x, **noise, "y": pl.Series(y)}, tmp_path) == ()


@pytest.mark.parametrize("name", ["patient_age", "household_size", "customer_country", "age_group", "year"])
def test_what_people_are_like_is_no_group(name: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    assert found(clean() | {name: pl.Series(1960 + rng.integers(0, 60, N))}, tmp_path) == ()


def test_a_decimal_comma_is_mended_where_all_numbers_have_it(tmp_path: Path) -> None:
    of = clean()
    whole = {"x": (of["x"] * 100).round(0).cast(pl.Int64), "z": (of["z"] * 100).round(0).cast(pl.Int64), "y": of["y"]}
    (finding,) = found(comma(whole), tmp_path)
    assert (finding.kind, finding.settings) == ("misread", ('data.decimal=","',))
    assert found(comma(whole), tmp_path, *finding.settings) == ()


def test_answers_on_a_scale_are_equal_by_chance(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    mood = rng.normal(size=N)
    scale = {f"q{i}": pl.Series(np.clip(np.round(3 + mood + 0.3 * rng.normal(size=N)), 1, 5)) for i in range(3)}
    y = np.where(mood + rng.normal(size=N) > 0, "yes", "no")
    assert found({**scale, "y": pl.Series(y)}, tmp_path) == ()


@pytest.mark.parametrize("digits", [0, 1])
def test_rows_of_few_digits_are_equal_by_chance(digits: int, tmp_path: Path) -> None:
    of = clean()
    assert found(of | {"x": of["x"].round(digits), "z": of["z"].round(digits)}, tmp_path) == ()


def test_hours_that_come_again_and_trials_that_are_planned_are_no_copies(tmp_path: Path) -> None:
    rng = np.random.default_rng(12)
    y = pl.Series(np.where(rng.random(N) < 0.5, "yes", "no"))
    hour, day = np.arange(N) % 24, np.arange(N) // 24 % 7
    assert found({"hour": pl.Series(hour), "day": pl.Series(day), "y": y}, tmp_path) == ()
    dose, kind = rng.permutation(N) % 60 // 6, rng.permutation(N) % 6
    assert found({"dose": pl.Series(dose), "kind": pl.Series(kind), "y": y}, tmp_path) == ()
    trial = rng.permutation(N) % 60  # ten times each
    assert found({"dose": pl.Series(trial // 6), "kind": pl.Series(trial % 6), "y": y}, tmp_path) == ()


def test_a_table_of_ties_that_is_doubled_has_copies_and_no_contradictions(tmp_path: Path) -> None:
    of = clean()
    ties = of | {"x": (of["x"] * 4).round(0), "z": (of["z"] * 4).round(0)}
    assert found(ties, tmp_path) == ()
    (finding,) = found({name: pl.concat([column, column]) for name, column in ties.items()}, tmp_path)
    assert finding.kind == "repeated"


def test_a_copy_of_one_of_several_targets_is_named(tmp_path: Path) -> None:
    of = clean() | {"v": pl.Series(np.random.default_rng(6).normal(size=N))}
    of |= {"w": of["x"] + of["z"] + pl.Series(np.random.default_rng(7).normal(size=N)), "copy": of["v"] * 2.0}
    path = tmp_path / "t.csv"
    pl.DataFrame(of).drop("y").write_csv(path)
    assert [(f.kind, f.columns) for f in check(path, ["w", "v"], "fast", []).findings] == [("leak", ("copy",))]


def test_a_rare_class_tells_nothing_of_columns(tmp_path: Path) -> None:
    of = clean() | {"y": pl.Series(["fraud" if i in (5, 50, 500, 550) else "no" for i in range(N)])}
    assert found(of, tmp_path) == ()


def test_settings_that_would_not_train_together_are_not_told_as_one(tmp_path: Path) -> None:
    """Of every column a copy, none can be left out."""
    of = {"a": clean()["y"], "b": clean()["y"], "y": clean()["y"]}
    path = tmp_path / "table.csv"
    pl.DataFrame(of).write_csv(path)
    checked = check(path, ["y"], "fast", [])
    assert [f.columns for f in checked.findings if f.kind == "leak"] == [("a",), ("b",)]
    assert checked.mends == ()


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


def worded(numbers: int, words: list[str], share: float) -> pl.Series:
    """Whole numbers, so many different ones, in the place of a share of which words stand by turns."""
    rng = np.random.default_rng(10)
    drawn = zip(rng.random(N) < share, rng.integers(0, numbers, N), strict=True)
    return pl.Series([words[i % len(words)] if word else str(v) for i, (word, v) in enumerate(drawn)])


@pytest.mark.parametrize("share", [0.02, 0.1, 0.45])
@pytest.mark.parametrize("words", [["None"], ["-"], ["unknown", "refused", "not asked"]], ids=len)
def test_words_among_many_numbers_are_missing(words: list[str], share: float, tmp_path: Path) -> None:
    of = clean() | {"n": worded(60, words, share)}
    (finding,) = found(of, tmp_path)
    assert (finding.kind, finding.columns) == ("misread", ("n",))
    checked = check(tmp_path / "table.csv", ["y"], "fast", finding.settings)
    assert checked.findings == ()
    assert checked.patient.frame["n"].dtype == pl.Float64


@pytest.mark.parametrize(
    "cells",
    [
        worded(3, ["3+"], 0.2),  # a digit
        worded(15, ["other"], 0.2),  # few numbers
        worded(60, ["V27"], 0.2),
        worded(60, ["a", "b", "c", "d"], 0.2),  # more words
        worded(30, ["none"], 0.6),  # mostly words
    ],
    ids=["levels", "few numbers", "codes", "many words", "mostly words"],
)
def test_words_among_codes_are_levels(cells: pl.Series, tmp_path: Path) -> None:
    assert found(clean() | {"n": cells}, tmp_path) == ()


def test_a_word_of_many_cells_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    pl.DataFrame(unmeasured(clean())).write_csv(path)
    notes = check(path, ["y"], "fast", []).patient.experiment.notes
    assert any(note.startswith("`dose` is taken for text, as 100 cells are no number, first `None`") for note in notes)


def test_a_column_that_is_misread_is_mended_and_not_left_out(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    pl.DataFrame(sparse(clean())).write_csv(path)
    (mend,) = check(path, ["y"], "fast", []).mends
    assert mend.startswith("data.missing=")
    assert mend.endswith(", oops]")


# The command


def test_check_tells_all_and_strict_is_a_gate(netrain: Program, tmp_path: Path) -> None:
    pl.DataFrame(copied(clean())).write_csv(tmp_path / "t.csv")
    told = netrain("check", "t.csv", "--target", "y")
    assert (told.code, told.err) == (0, "")
    assert "warning: `paid` alone gives `y` away" in told.out
    assert told.out.rstrip().endswith("netrain train t.csv --target y --set data.columns.paid=drop")
    strict = netrain("check", "t.csv", "--target", "y", "--strict", "--json")
    assert strict.code == 8
    document = json.loads(strict.out)
    assert document["error"]["code"] == 8
    (finding,) = document["findings"]
    assert (finding["kind"], finding["columns"], finding["set"]) == ("leak", ["paid"], ["data.columns.paid=drop"])
    assert document["columns"]["colour"] == {"kind": "categorical", "evidence": "3 values: an input each"}
    assert netrain("check", "t.csv", "--target", "y", "--strict", "-q", "-s", "data.columns.paid=drop").code == 0
    assert not (tmp_path / "runs").exists()


def test_train_tells_findings_in_brief_and_reports_them(netrain: Program, tmp_path: Path) -> None:
    pl.DataFrame(named(copied(clean()))).write_csv(tmp_path / "t.csv")
    told = netrain("train", "t.csv", "--target", "y", "--preset", "fast", "-s", "training.epochs=1", "--json")
    assert told.code == 0
    assert told.err.count("warning: ") == 1  # what is left out in any case is a note
    assert "warning: `paid` alone gives `y` away\n  mend: --set data.columns.paid=drop\n" in told.err
    kinds = [(finding["kind"], finding["columns"]) for finding in json.loads(told.out)["findings"]]
    assert kinds == [("leak", ["paid"]), ("id", ["customerID"])]
    resumed = netrain("resume", "runs/t-1", "-s", "training.epochs=2", "--json", "-q")
    assert [(f["kind"], f["columns"]) for f in json.loads(resumed.out)["findings"]] == kinds


def test_the_area_of_rows_told_alike_is_the_one_of_the_rows() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        score, y = rng.integers(0, 6, 50) / 7.0, rng.permutation(50) < 20
        cell = rng.integers(0, 30, 50) % 10 + 10 * np.unique(score, return_inverse=True)[1]
        scores = np.zeros(60)
        scores[cell] = score
        up, down = (np.bincount(cell, of, 60) for of in (y, ~y))
        assert area(up, down, scores) == pytest.approx(roc_auc_score(y, score), rel=1e-12)
