"""What counts as missing: by its spelling in text, by its value in numbers."""

from pathlib import Path

import polars as pl
import pytest

from netrain.data.reading import Reading
from netrain.data.table import read_table

X = [1.5, None, None, None, 3.0]


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        ("x;y\n1,5;a\n-200;a\n-200,0;b\n;c\n3;d\n", Reading(separator=";", decimal=",", missing=["", -200])),
        ("x,y\n1.5,a\n-200,a\n-2e2,b\n,c\n3,d\n", Reading(missing=["", "-200"])),
    ],
)
def test_a_number_is_missing_however_it_is_written(tmp_path: Path, text: str, reading: Reading) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text)
    frame = read_table(str(path), reading).frame
    assert frame["x"].to_list() == X
    assert frame["y"].to_list() == ["a", "a", "b", "c", "d"]


def test_the_same_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pl.DataFrame({"x": [1.5, -200.0, 7.0, None, 3.0], "y": [1, 2, -200, 4, 5]}).write_parquet(path)
    frame = read_table(str(path), Reading(missing=("-200",))).frame
    assert frame["x"].to_list() == [1.5, None, 7.0, None, 3.0]
    assert frame["y"].to_list() == [1.0, 2.0, None, 4.0, 5.0]
