"""Tables below each other, of files that may be of different formats."""

from pathlib import Path

import polars as pl
import pytest
from files import read

from netrain.data.table import joined
from netrain.errors import DataError


def test_rows_below_each_other(tmp_path: Path) -> None:
    one = read(tmp_path, "n,t,m\n1,x,1\n,,\n2,y,\n", "one.csv")
    two = read(tmp_path, '\n{"t": 7, "m": 2.5, "n": 4}\n{"n": 5, "m": "a"}\n', "two.jsonl")
    three = read(tmp_path, "m,n,t\n,6,z\n", "three.csv")
    table = joined([one, two, three])
    assert table.frame.to_dict(as_series=False) == {
        "n": [1, 2, 4, 5, 6],
        "t": ["x", "y", "7", None, "z"],
        "m": ["1", None, "2.5", "a", None],
    }
    places = ["one.csv:2", "one.csv:4", "two.jsonl:2", "two.jsonl:3", "three.csv:2"]
    assert [table.where(row) for row in range(5)] == [f"{tmp_path}/{place}" for place in places]
    taken = table.take(table.frame["n"].to_numpy() > 1).take(table.records[:2] * 0 + [3, 1])
    assert [taken.where(row) for row in range(2)] == [f"{tmp_path}/three.csv:2", f"{tmp_path}/two.jsonl:2"]
    assert table.notes == ("one.csv: dropped 1 row that is wholly empty",)
    assert table.path == f"{tmp_path}/one.csv, {tmp_path}/two.jsonl, {tmp_path}/three.csv"
    assert table.fingerprint != joined([two, one, three]).fingerprint


def test_one_alone_and_rows_taken_before(tmp_path: Path) -> None:
    one = read(tmp_path, "n\n1\n2\n3\n", "one.csv")
    assert joined([one]).frame.equals(one.frame)
    some = joined([one.take(one.records[:0]), one.take(one.records[1:2]), one])
    assert [some.where(row).rpartition(":")[2] for row in range(4)] == ["3", "2", "3", "4"]


def test_whole_numbers_become_plain_text(tmp_path: Path) -> None:
    one, two = read(tmp_path, "n\n1\n2\n", "one.csv"), read(tmp_path, "n\nx\n", "two.csv")
    assert joined([one, two]).frame["n"].to_list() == ["1", "2", "x"]
    assert joined([one, one]).frame["n"].dtype == pl.Float64


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("a,c", "two.csv: has no `b` and has `c` besides, unlike "),
        ("a", "two.csv: has no `b`, unlike "),
        ("b,a,c,d", "two.csv: has `c`, `d` besides, unlike "),
    ],
)
def test_other_columns(tmp_path: Path, header: str, message: str) -> None:
    one = read(tmp_path, "a,b\n1,2\n", "one.csv")
    two = read(tmp_path, f"{header}\n{header}\n", "two.csv")
    with pytest.raises(DataError) as error:
        joined([one, two])
    assert message in str(error.value)
