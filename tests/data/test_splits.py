"""Every way to split: the parts are disjoint and of their size, and what belongs together stays together."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netrain.data.lots import PARTS, TEST, TRAIN, UNUSED, VALID, Drawing, draw, tenths
from netrain.data.parted import SplitRecord
from netrain.data.split import Files, Group, InOrder, KFold, Named, Random, Split, Time
from netrain.data.table import Table
from netrain.errors import DataError
from netrain.random import stream

N = 200


def drawing(
    n: int = N, *, strata=None, files=None, seed: int = 0, folder: Path | None = None, **columns: list[object]
) -> Drawing:
    rng = np.random.default_rng(5)
    frame = pl.DataFrame(
        {
            "time": rng.permutation(n).astype(float),
            "date": [f"2024-01-{1 + i % 28:02}" for i in range(n)],
            "group": [f"g{i % 23}" for i in range(n)],
            "part": [["Train", "val", "test"][i % 3] for i in range(n)],
            **columns,
        }
    )
    if folder is not None:  # for messages that name a line
        frame.write_csv(folder / "table.csv")
    table = Table(frame, str((folder or Path()) / "table.csv"), "0", np.arange(n))
    strata = np.arange(n) % 4 if strata is None else strata
    files = np.zeros(n, np.intp) if files is None else files
    return Drawing(table, strata, files, stream(seed, "split"))


SPLITS = {
    "random": Random(),
    "in_order": InOrder(),
    "time": Time(column="time"),
    "group": Group(column="group"),
    "column": Named(column="part"),
    "files": Files(test_path="other.csv"),
    "kfold": KFold(),
    "kfold_plain": KFold(by="plain", fold=2),
    "kfold_group": KFold(by="group", column="group", fold=3),
    "kfold_time": KFold(by="time", column="time", fold=2),
}
every_split = pytest.mark.parametrize("split", SPLITS.values(), ids=SPLITS)
TWO_FILES = (np.arange(N) >= 150) * 2


def test_every_split_has_a_case() -> None:
    assert {type(split) for split in SPLITS.values()} == set(get_args(get_args(Split)[0]))


@every_split
def test_a_seed_is_a_split_and_every_part_has_rows(split: Split) -> None:
    a, b = (draw(split, drawing(files=TWO_FILES)) for _ in range(2))
    np.testing.assert_array_equal(a, b)
    assert {TRAIN, VALID, TEST} <= set(a.tolist())
    assert (UNUSED in a) == (split.name == "kfold" and split.by == "time")


@every_split
def test_the_record_finds_the_same_rows_again(split: Split) -> None:
    parts = draw(split, drawing(files=TWO_FILES))
    used = np.ones(N + 20, bool)
    used[::11] = False  # rows of the file without a target
    used[np.flatnonzero(used)[N:]] = False
    record = SplitRecord.model_validate_json(SplitRecord.of("f", parts, used).model_dump_json())
    for number, name in enumerate(PARTS):
        np.testing.assert_array_equal(record.part(name), np.flatnonzero(used)[parts == number])
    record.check("f", N + 20, "table.csv", 1)
    for fingerprint, n in (("g", N + 20), ("f", N + 19)):
        with pytest.raises(DataError, match="the table has changed"):
            record.check(fingerprint, n, "table.csv", 1)


@settings(deadline=None, max_examples=60)
@given(
    strata=st.lists(st.integers(0, 5), min_size=12, max_size=120),
    valid=st.sampled_from([0.0, 0.1, 0.25]),
    test=st.sampled_from([0.1, 0.3]),
    seed=st.integers(0, 5),
)
def test_stratified_shares_are_met_in_every_stratum(strata: list[int], valid: float, test: float, seed: int) -> None:
    each = np.array(strata * 2)
    parts = draw(Random(valid=valid, test=test), drawing(len(each), strata=each, seed=seed))
    for stratum in set(strata):
        size = int((each == stratum).sum())
        for part, share in ((VALID, valid), (TEST, test)):
            assert abs(int((parts[each == stratum] == part).sum()) - size * share) <= 1
        assert (parts[each == stratum] == TRAIN).any()


def test_in_order_and_time_are_in_order() -> None:
    parts = draw(InOrder(valid=0.2, test=0.1), drawing())
    np.testing.assert_array_equal(parts, [TRAIN] * 140 + [VALID] * 40 + [TEST] * 20)
    chosen = drawing()
    time = chosen.table.values("time")
    parts = draw(Time(column="time"), chosen)
    assert time[parts == TRAIN].max() < time[parts == VALID].min()
    assert time[parts == VALID].max() < time[parts == TEST].min()


def test_equal_times_stay_together_and_dates_are_times() -> None:
    chosen = drawing()
    dates = chosen.table.frame["date"].to_numpy()
    parts = draw(Time(column="date"), chosen)
    assert all(len(set(parts[dates == date])) == 1 for date in set(dates))
    assert max(dates[parts == TRAIN]) < min(dates[parts == TEST])
    with pytest.raises(DataError, match="does not read as a date"):
        draw(Time(column="group"), drawing())


@pytest.mark.parametrize("split", [Group(column="group"), *(KFold(by="group", column="group", fold=k) for k in (1, 4))])
def test_groups_stay_together(split: Split) -> None:
    chosen = drawing()
    groups = chosen.table.frame["group"].to_numpy()
    parts = draw(split, chosen)
    assert all(len(set(parts[groups == group])) == 1 for group in set(groups))


@pytest.mark.parametrize(("by", "column"), [("plain", ""), ("stratified", ""), ("group", "group")])
def test_every_row_tests_in_just_one_fold(by: str, column: str) -> None:
    folds = [draw(KFold(by=by, column=column, fold=k), drawing()) == TEST for k in range(1, 6)]
    np.testing.assert_array_equal(np.sum(folds, axis=0), 1)
    if by == "stratified":
        assert all(abs(fold[np.arange(N) % 4 == s].sum() - 10) <= 1 for fold in folds for s in range(4))


def test_folds_by_time_train_on_what_lies_before() -> None:
    time = drawing().table.values("time")
    for k in range(1, 6):
        parts = draw(KFold(by="time", column="time", fold=k), drawing())
        assert time[parts == TRAIN].max() < time[parts == VALID].min()
        assert time[parts == VALID].max() < time[parts == TEST].min()
        assert abs((parts == TEST).sum() - N / 6) <= 1


def test_a_declared_format_tells_the_time() -> None:
    dates = [f"{1 + i % 12:02}/{1 + i * 7 // 12 % 12:02}/2024" for i in range(N)]  # either could be the day
    chosen = drawing(when=dates)
    with pytest.raises(DataError, match="does not read as a date"):
        draw(Time(column="when"), chosen)
    parts = draw(Time(column="when"), replace(drawing(when=dates), formats={"when": "%d/%m/%Y"}))
    months = np.array([int(date[3:5] + date[:2]) for date in dates])
    assert months[parts == TRAIN].max() < months[parts == TEST].min()


def test_numbers_may_name_the_parts() -> None:
    split = Named(column="part", train=("0",), valid=("1",), test=("2",))
    parts = draw(split, drawing(part=[float(i % 3) for i in range(N)]))
    np.testing.assert_array_equal(parts, np.arange(N) % 3)


def test_a_column_names_the_parts(tmp_path: Path) -> None:
    parts = draw(Named(column="part"), drawing())
    np.testing.assert_array_equal(parts, np.arange(N) % 3)
    with pytest.raises(DataError, match=r"table.csv:3: `maybe` names no part"):
        draw(Named(column="part"), drawing(folder=tmp_path, part=["train", "maybe"] * 100))


def test_files_are_parts() -> None:
    files = np.repeat([0, 1, 2], [120, 30, 50])
    both = draw(Files(test_path="t.csv", valid_path="v.csv"), drawing(files=files))
    np.testing.assert_array_equal(both, files)
    one = draw(Files(test_path="t.csv", valid=0.25), drawing(files=(files == 2) * 2))
    assert (one[150:] == TEST).all()
    assert abs((one[:150] == VALID).sum() - 37.5) <= 1


def test_what_cannot_be_split_is_refused(tmp_path: Path) -> None:
    for split, message in {
        Random(valid=0.1, test=0.1): "no row to validate on, of 4 rows",
        KFold(by="plain", folds=9): "too few rows for 9 folds: 4",
    }.items():
        with pytest.raises(DataError, match=message):
            draw(split, drawing(4, strata=np.zeros(4, np.intp)))
    with pytest.raises(DataError, match="is missing in 1 row, first here"):
        draw(Group(column="group"), drawing(folder=tmp_path, group=[None, *["a", "b"] * 99, "c"]))


def test_tenths_are_tenths() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    assert np.bincount(tenths(values)).tolist() == [100] * 10
    assert values[tenths(values) == 0].max() < values[tenths(values) == 9].min()


@pytest.mark.parametrize("n", [4, 5, 7, 10, 12, 13, 20])
@pytest.mark.parametrize("valid", [0.15, 0.3])
def test_few_numbers_are_split_as_few_classes_are(n: int, valid: float) -> None:
    split = Random(valid=valid)
    values = replace(drawing(n, strata=tenths(np.random.default_rng(n).normal(size=n))), by_tenths=True)
    assert np.bincount(draw(split, values), minlength=3).all()
    fold = draw(KFold(folds=2, valid=0.4), values)
    assert np.bincount(fold, minlength=3).all()


def test_tenths_of_enough_rows_stay_tenths() -> None:
    values = replace(drawing(20, strata=tenths(np.random.default_rng(0).normal(size=20))), by_tenths=True)
    assert (values.strata_for(np.arange(20), 0.15, 0.15) == values.strata).all()


def test_a_few_large_groups_fill_every_part() -> None:
    parts = draw(Group(column="group"), drawing(group=[f"g{i % 3}" for i in range(N)]))
    assert np.bincount(parts, minlength=3).all()
    assert np.bincount(draw(Group(column="group", test=0.0), drawing(group=["a", "b"] * 100)))[:2].all()
    greedy = Group(column="group", valid=0.2, test=0.7)
    assert np.bincount(draw(greedy, drawing(group=[f"g{i % 3}" for i in range(N)])), minlength=3).all()


@pytest.mark.parametrize(("groups", "way_out"), [(1, "data.split: random"), (2, "data.split.test: 0")])
def test_too_few_groups_are_counted(groups: int, way_out: str) -> None:
    with pytest.raises(
        DataError, match=f"`group` names {groups} group.*; train, valid and test take one each"
    ) as caught:
        draw(Group(column="group"), drawing(group=[f"g{i % groups}" for i in range(N)]))
    assert way_out in str(caught.value.problems[0].hint)
