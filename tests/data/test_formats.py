"""Every format, plain and packed, gives the same table, whole and streamed."""

import io
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from files import PACK, PLAIN, read, written

from netrain.data.reading import Reading
from netrain.data.table import read_table, stream_table
from netrain.errors import DataError

FORMATS = ["csv", "tsv", "jsonl", "parquet", "ipc"]
FRAME = pl.DataFrame(
    {
        "id": [1, 2, 3, None],
        "size": [0.5, -2.25, None, 1e-7],
        "name": ['Zoë, "Z"', None, "tab\there", "two\nlines"],
        "sunny": [True, False, None, True],
    }
)
READ = FRAME.with_columns(pl.col("id").cast(pl.Float64), pl.col("sunny").cast(pl.String))


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("form", FORMATS)
def test_round_trip(tmp_path: Path, form: str, packing: str) -> None:
    table = read(tmp_path, PACK[packing](written(FRAME, form)), f"t.{form}{packing}")
    assert table.frame.equals(READ, null_equal=True)
    assert table.notes == ()
    path = str(tmp_path / f"t.{form}{packing}")
    batches = list(stream_table(path, PLAIN, text=["name", "sunny"], numbers=["id", "size", "none"], rows=3))
    assert [len(batch) for batch in batches] == [3, 1]
    assert pl.concat(batch.select(FRAME.columns) for batch in batches).equals(READ)


@pytest.mark.parametrize("form", FORMATS)
def test_the_content_counts_before_the_name(tmp_path: Path, form: str) -> None:
    name = "t.csv" if form in ("parquet", "ipc") else "t.txt"
    keys = {} if form in ("parquet", "ipc") else {"format": form}
    assert read(tmp_path, written(FRAME, form), name, **keys).frame.equals(READ)


@pytest.mark.parametrize("form", FORMATS)
def test_the_fingerprint_is_of_the_content_unpacked(tmp_path: Path, form: str) -> None:
    content = written(FRAME, form)
    prints = {read(tmp_path, pack(content), f"t.{form}{suffix}").fingerprint for suffix, pack in PACK.items()}
    assert len(prints) == 1
    assert prints != {read(tmp_path, written(FRAME.reverse(), form), f"t.{form}").fingerprint}


def test_several_streams_one_after_the_other(tmp_path: Path) -> None:
    for packing in (".gz", ".zst"):
        pack = PACK[packing]
        content = pack(b"a,b\n1,2\n") + pack(b"3,4\n") + pack(b"") + pack(b"5,6\n")
        assert read(tmp_path, content, f"t.csv{packing}").frame["a"].to_list() == [1, 3, 5]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_cut_short(tmp_path: Path, form: str, packing: str) -> None:
    content = PACK[packing](written(FRAME, form))
    for length in (1, 3, 4, 9, len(content) // 2, len(content) - 5, len(content) - 1):
        with pytest.raises(DataError, match=r"cut short|corrupt"):
            read(tmp_path, content[:length], f"t.{form}{packing}")


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_corrupt(tmp_path: Path, packing: str) -> None:
    content = bytearray(PACK[packing](b"a,b\n" + b"".join(b"%d,%d\n" % (i, i * i) for i in range(999))))
    content[len(content) // 2 : len(content) // 2 + 8] = b"\xff" * 8
    with pytest.raises(DataError, match=r"compressed file is corrupt|cut short|not utf-8|NUL"):
        read(tmp_path, bytes(content), f"t.csv{packing}")


@pytest.mark.parametrize("form", ["parquet", "ipc"])
def test_a_broken_arrow_file(tmp_path: Path, form: str) -> None:
    content = written(FRAME, form)
    for length in range(8, len(content), 97):
        with pytest.raises(DataError, match="not a whole"):
            read(tmp_path, content[:length], f"t.{form}")


@pytest.mark.parametrize(
    ("name", "content", "keys", "message"),
    [
        ("t.csv", written(FRAME, "parquet"), {"format": "csv"}, "looks like a parquet file"),
        ("t.tsv", written(FRAME, "ipc"), {"format": "tsv"}, "not a TSV file: it looks like an arrow file"),
        ("t.parquet", b"a,b\n1,2\n", {}, "not a parquet file: it looks like text"),
        ("t.csv", b"a,b\n1,2\n", {"format": "ipc"}, "not an arrow file"),
        ("t.parquet", b"<html>", {}, "looks like a web page"),
        ("t.csv", b"PK\x03\x04....", {}, "a zip archive or a spreadsheet"),
        ("t.csv", b" <!DOCTYPE html><p>", {}, "a web page"),
        ("t.csv", PACK[".gz"](PACK[".gz"](b"a,b\n")), {}, "gzip within"),
        ("t.csv", b'{"a": 1}\n', {}, "data.format: jsonl"),
        ("t.csv", b"", {}, "the file is empty"),
        ("t.parquet", b"", {}, "the file is empty"),
        ("t.jsonl", b" \n", {}, "the file is empty"),
        ("t.csv.gz", b"", {}, "cut short"),
        ("t.csv", b"a,b\n1,\x000\n", {}, "t.csv:2: NUL bytes"),
    ],
)
def test_not_what_it_should_be(
    tmp_path: Path, name: str, content: bytes, keys: dict[str, object], message: str
) -> None:
    with pytest.raises(DataError) as error:
        read(tmp_path, content, name, **keys)
    assert message in str(error.value)


def test_no_file(tmp_path: Path) -> None:
    for path, message in ((tmp_path, "a directory"), (tmp_path / "none.csv", "no such table")):
        with pytest.raises(DataError, match=message):
            read_table(str(path), PLAIN)


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, form: str, packing: str) -> None:
    content = PACK[packing](written(FRAME, form))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    (batch,) = stream_table("-", Reading(), text=["name"], numbers=["size"], rows=9)
    assert batch["size"].equals(READ["size"])
    assert batch["name"].equals(READ["name"])


def test_standard_input_in_another_encoding_with_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    content = "# von Hand\nname;n\n# und\nJürgen;1,5\n".encode("latin-1")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    reading = Reading(encoding="latin-1", comment="#", separator=";", decimal=",")
    (batch,) = stream_table("-", reading, text=["name"], numbers=["n"], rows=9)
    assert batch.rows() == [("Jürgen", 1.5)]


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_file_of_many_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setattr("netrain.data.content.BLOCK", 64)  # bytes
    frame = pl.DataFrame({"n": np.arange(500.0), "t": [f"ü, {i}\n{i}" for i in range(500)]})
    for packing, pack in PACK.items():
        table = read(tmp_path, pack(written(frame, form)), f"t.{form}{packing}")
        assert table.frame.equals(frame)
        streamed = stream_table(table.path, PLAIN, text=["t"], numbers=["n"], rows=7)
        assert pl.concat(streamed).select("n", "t").equals(frame)
    assert table.where(499).endswith(":1000" if form == "csv" else ":500")


def test_streams_refuse_text_among_numbers_and_say_where(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,b\n1,"x\ny"\n2,z\nten,w\n')
    with pytest.raises(DataError, match=r"t.csv:5: `a` has 1 cell that is no finite number, first `ten`"):
        list(stream_table(str(tmp_path / "t.csv"), PLAIN, text=["b"], numbers=["a"], rows=2))


def test_paths_are_no_patterns(tmp_path: Path) -> None:
    for form in FORMATS:
        assert len(read(tmp_path, written(FRAME, form), f"a[1] *ü.{form}")) == 4
