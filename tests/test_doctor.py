"""The doctor: every finding on a table made to have it, silence on tables without, and its way out mends."""

import json
import os
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from ill import CASES, Case, N, clean, comma, copied, found, named, rare, twice, zipped
from sklearn.metrics import roc_auc_score
from small import Program

from netrain.commands.check import check
from netrain.doctor.leaks import area
from netrain.finding import setting
from netrain.yaml12 import load

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).parent / "golden" / "findings.txt"


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
