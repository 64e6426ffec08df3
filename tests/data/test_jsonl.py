"""JSON lines: columns from keys, types as in a CSV, and what is wrong with a line."""

from pathlib import Path

import polars as pl
import pytest
from files import PLAIN, read

from netrain.data.table import read_table, stream_table
from netrain.errors import DataError


def test_keys_types_and_lines(tmp_path: Path) -> None:
    content = '{"n": 1, "t": "x"}\r\n\n{"t": 5, " late": true, "n": -2.5e1}\n{"n": null, "t": "NA"}\n{"n": "3"}'
    table = read(tmp_path, content, "t.jsonl")
    assert table.frame.to_dict(as_series=False) == {
        "n": [1.0, -25.0, 3.0],
        "t": ["x", "5", None],
        "late": [None, "true", None],
    }
    assert table.notes == ("dropped 1 row that is wholly empty",)
    assert [table.where(row).rpartition(":")[2] for row in range(3)] == ["1", "3", "5"]


def test_types_do_not_depend_on_where_text_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrain.data.content.BLOCK", 100)
    lines = ['{"a": 1.50, "b": 12345678901234567890}'] * 300 + ['{"a": "word", "b": 1}', '{"c": 1}']
    table = read(tmp_path, "\n".join(lines), "t.ndjson")
    assert table.frame["a"][0] == "1.50"
    assert table.frame["b"][0] == 12345678901234567890.0
    assert table.frame["c"].to_list() == [None] * 301 + [1.0]
    assert len(table.notes) == 1
    assert "`b` holds whole numbers beyond 2^53" in table.notes[0]


def test_a_stream_has_the_columns_that_come_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrain.data.content.BLOCK", 100)
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1}\n' * 100 + '{"b": "x"}\n')
    batches = list(stream_table(str(path), PLAIN, text=["b", "none"], numbers=["a"], rows=40))
    assert [batch.columns for batch in batches] == [["a", "b"]] * 3
    assert pl.concat(batches, how="vertical_relaxed")["b"].drop_nulls().to_list() == ["x"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"a": 1}\n{"a": 1', "t.jsonl:2: not JSON"),
        ('{"a": 1}\n\nword\n', "t.jsonl:3: not JSON"),
        ('{"a": 1}{"a": 2}\n', "t.jsonl:1: not JSON: extra data, at character 9"),
        ('{"a": 1}\n[1, 2]\n', "t.jsonl:2: not an object"),
        ("5\n", "t.jsonl:1: not an object"),
        ('{"a": 1}\n{"a": [1]}\n', "t.jsonl:2: `a` holds a list"),
        ('{"a": 1, "b": {"c": 2}}\n', "t.jsonl:1: `b` holds an object"),
        ('{"a": 1, "b": 2, "a": 3}\n', "t.jsonl:1: the key `a` stands twice"),
        ('{"a": 1, "a ": 3}\n', "two keys name the column `a`"),
        ('{"a": 1}\n{"": 3}\n', "column 2 has values and no name"),
        ("{}\n{}\n", "objects without keys"),
        ('{"a": null}\n', "no data rows"),
        ('{"a": Infinity}\n', "`a` has 1 cell that is no finite number"),
        ('{"a": ' + "[" * 100_000, "t.jsonl:1: values are nested too deep"),
        ('{"a": "\\ud800"}\n', "half of a surrogate pair"),
        ("<html>\n", "looks like a web page"),
        (b'{"a": "\xe9"}\n', "`data.encoding: latin-1`"),
    ],
)
def test_what_is_wrong(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, content, "t.jsonl")
    assert message in str(error.value).replace(f"{tmp_path}/", "")


def test_long_lines_and_ever_new_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrain.data.jsonl.MAX_CELLS", 100)
    with pytest.raises(DataError, match="20 different keys"):
        read(tmp_path, "".join(f'{{"k{i}": 1}}\n' for i in range(20)), "t.jsonl")
    monkeypatch.setattr("netrain.data.content.BLOCK", 50)
    monkeypatch.setattr("netrain.data.jsonl.MAX_RECORD", 100)
    with pytest.raises(DataError, match=r"t.jsonl:2: a line of more than 64 MB"):
        read(tmp_path, '{"a": 1}\n{"a": "' + "x" * 300, "t.jsonl")


def test_declared_numbers(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": "1"}\n\n{"a": "2,5"}\n')
    with pytest.raises(DataError, match=r"t.jsonl:3: `a` has 1 cell that is no finite number, first `2,5`"):
        read_table(str(path), PLAIN, numbers=["a"])
