"""CSV as people write it: separators, quotes, decimals, headers, comments, and what is wrong with it."""

import csv
import io
import tempfile
from pathlib import Path

import polars as pl
import pytest
from files import PACK, read, told
from hypothesis import given, settings
from hypothesis import strategies as st

from netrain.data.reading import Reading
from netrain.data.table import read_table
from netrain.errors import DataError


@pytest.mark.parametrize(
    ("separator", "mark"), [(";", ";"), ("|", "|"), ("tab", "\t"), ("\t", "\t"), (" ", " "), (":", ":")]
)
def test_separators(tmp_path: Path, separator: str, mark: str) -> None:
    table = read(tmp_path, f'a{mark}b\n1{mark}"x{mark}y"\n', separator=separator)
    assert table.frame.to_dicts() == [{"a": 1.0, "b": f"x{mark}y"}]


@pytest.mark.parametrize(("mark", "word"), [(";", '";"'), ("\t", "tab"), ("|", '"|"')])
def test_the_wrong_separator(tmp_path: Path, mark: str, word: str) -> None:
    hint = f"  hint: `data.separator: {word}`"
    assert told(tmp_path, f"a{mark}b\n1{mark}2\n").endswith(hint)  # one column
    assert told(tmp_path, f"a{mark}b{mark}c,d\n1{mark}2,5{mark}3,5\n").endswith(hint)  # ragged
    assert told(tmp_path, f"a{mark}b{mark}c,\n1{mark}2{mark}3,\n").endswith(hint)  # nameless
    assert told(tmp_path, "a,b\n1,2\n", separator=mark).endswith('`data.separator: ","`')


def test_lines_of_comment_are_pointed_to_their_setting(tmp_path: Path) -> None:
    hint = '  hint: `data.comment: "#"` leaves lines that start so out'
    assert told(tmp_path, "# a comment\na,b\n1,2\n").endswith(hint)  # taken for the header
    assert told(tmp_path, "a,b\n1,2\n# a, b, c\n3,4\n").endswith(hint)
    assert read(tmp_path, "# a comment\na,b\n1,2\n# a, b, c\n3,4\n", comment="#").frame.rows() == [
        (1.0, 2.0),
        (3.0, 4.0),
    ]
    assert read(tmp_path, "#,a\n1,2\n").frame.columns == ["#", "a"]


def test_another_quote(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n'1,5','it''s\n5\"'\n", quote="'")
    assert table.frame.rows() == [("1,5", "it's\n5\"")]


def test_decimal_comma(tmp_path: Path) -> None:
    table = read(tmp_path, "a;b;c\n2,6;1.234;x\n-1,5e2;,5;1,5\n;;\n7;3;\n", separator=";", decimal=",")
    assert table.frame["a"].to_list() == [2.6, -150.0, 7.0]
    assert table.frame["b"].to_list() == ["1.234", ",5", "3"]
    assert table.frame["c"].dtype == pl.String
    assert read(tmp_path, 'a,b\n"2,6",1\n', decimal=",").frame.rows() == [(2.6, 1.0)]


@pytest.mark.parametrize("decimal", [".", ","])
def test_numbers_spelled_in_another_way(tmp_path: Path, decimal: str) -> None:
    other = "," if decimal == "." else "."
    rows = [f"1{other}500{decimal}5;0{other}25;k", f"950;3;2{other}5", f"2{other}000{other}000;-1{other}5;no"]
    table = read(tmp_path, "\n".join(["big;part;text", *rows]), separator=";", decimal=decimal)
    word = "comma" if other == "," else "point"
    assert table.notes == (
        f"`big` looks like numbers with thousands separators: write them without `{other}`",
        f'`part` looks like numbers with a decimal {word}: `data.decimal: "{other}"`',
    )
    with pytest.raises(DataError, match=f'`data.decimal: "{other}"`') as error:
        read_table(table.path, table.reading, numbers=["part"])
    assert f"{table.path}:2: `part` has 2 cells that are no finite number, first `0{other}25`" in str(error.value)
    with pytest.raises(DataError, match="thousands separators"):
        read_table(table.path, table.reading, numbers=["big"])
    assert read_table(table.path, table.reading, text=["big", "part"]).notes == ()


def test_whole_numbers_with_some_words_are_no_thousands(tmp_path: Path) -> None:
    assert read(tmp_path, "n,m\n" + "1,2\n" * 50 + "unknown,3\n").notes == ()


def test_no_header(tmp_path: Path) -> None:
    table = read(tmp_path, "\n1,x\n2,y\n", header=False)
    assert table.frame.to_dict(as_series=False) == {"column_1": [1, 2], "column_2": ["x", "y"]}
    assert table.where(1).endswith("t.csv:3")
    assert "t.csv:2: 3 fields, where the first row has 2" in told(tmp_path, "1,x\n2,y,z\n", header=False)
    assert told(tmp_path, "4,4,x\n1,2,y\n").endswith("hint: `data.header: false` where the first row is data")


COMMENTED = """\
# made by hand, with a 5" pipe
a,b

# one
1,"x
# within
y"
  # not a comment,"z"
2,#3
# the "last
"""


def test_comments(tmp_path: Path) -> None:
    table = read(tmp_path, COMMENTED, comment="#")
    assert table.frame.rows() == [("1", "x\n# within\ny"), ("# not a comment", "z"), ("2", "#3")]
    assert [table.where(row).rpartition(":")[2] for row in range(3)] == ["5", "8", "9"]
    assert read(tmp_path, COMMENTED.replace("\n", "\r\n"), comment="#").where(2).endswith(":9")
    assert read(tmp_path, COMMENTED.replace("#", "%%"), comment="%%").where(2).endswith(":9")
    assert "t.csv:4: 1 field" in told(tmp_path, "a,b\n1,2\n# c,d\n3\n", comment="#")
    assert "no data rows" in told(tmp_path, "# a\n# b", comment="#")
    assert "no data rows" in told(tmp_path, "# a\nx,y\n# b", comment="#")
    assert read(tmp_path, "# a\n1,2\n# b", comment="#", header=False).frame.rows() == [(1, 2)]


@pytest.mark.parametrize("block", [1, 3, 7, 40])
def test_comments_across_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    monkeypatch.setattr("netrain.data.content.BLOCK", block)
    table = read(tmp_path, COMMENTED, comment="#")
    assert table.frame["b"].to_list() == ["x\n# within\ny", "z", "#3"]
    assert table.where(2).endswith(":9")


@pytest.mark.parametrize("packing", PACK)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "latin-1"])
def test_the_line_of_an_error(tmp_path: Path, packing: str, codec: str) -> None:
    text = '# é\na,b\n1,"x\ny"\n\n# "\n2,3,4\n5,6\n7\n'
    message = told(tmp_path, PACK[packing](text.encode(codec)), f"t.csv{packing}", comment="#", encoding=codec)
    assert f"t.csv{packing}:7: 3 fields, where the header has 2; 2 such lines here" in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1\n", "t.csv:2: 1 field"),
        ("a,b,a\n1,2,3\n", "t.csv:1: two columns are named `a`: 1 and 3"),
        ("\n\na , b,a\n1,2,3\n", "t.csv:3: two columns are named `a`: 1 and 3"),
        ("a,b\n1,2", None),
        ("a,b\r\n1,2\r\n", None),
        ("a,b\r1,2\r", "lines end in CR alone"),
        ("a,b\n", "no data rows below the header"),
        ("a,b", "no data rows below the header"),
        ("\n\n\n", "no data rows"),
        ("a,b\n,\nNA,\n", "no data rows"),
        ('a,"b\n1,2\n', "the quote in the header is never closed"),
        ('a,b\n1,"2\n3,4\n', "t.csv:2: a quote is opened and never closed"),
        ('a,b\n1,"2\n3,4', "t.csv:2: a quote is opened and never closed"),
        ("a,,c\n1,2,3\n", "t.csv:1: column 2 has values and no name"),
        (",\n,\n", "no data rows"),
        ("a,b\n1,inf\n", "t.csv:2: `b` has 1 cell that is no finite number, first `inf`"),
        ("a,b\n,\n1,1e400\n", "t.csv:3: `b` has 1 cell"),
    ],
)
def test_what_is_wrong(tmp_path: Path, content: str, message: str | None) -> None:
    if message is None:
        assert len(read(tmp_path, content)) == 1
    else:
        assert message in told(tmp_path, content)


def test_a_record_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrain.data.csv.MAX_RECORD", 100)
    monkeypatch.setattr("netrain.data.content.BLOCK", 50)
    assert "t.csv:3: a record of more than 64 MB" in told(tmp_path, 'a,b\n1,2\n3,"' + "x\n" * 200)
    assert "header of more than 64 MB" in told(tmp_path, "a," * 100)


def test_many_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrain.data.csv.MAX_COLUMNS", 3)
    assert "4 columns; 3 at most are read" in told(tmp_path, "a,b,c,d\n1,2,3,4\n")


def test_notes(tmp_path: Path) -> None:
    table = read(tmp_path, "id,x,far,\n9007199254740993,1,1e300,\n,,,\n1,2,3,\n")
    assert table.frame["far"].to_list() == [1e300, 3]
    assert table.notes == (
        "left out 1 column without a name and without values",
        "dropped 1 row that is wholly empty",
        "`id` holds whole numbers beyond 2^53, which loses digits: `data.columns.id: categorical` keeps them",
    )
    assert [table.where(row).rpartition(":")[2] for row in range(2)] == ["2", "4"]
    assert read_table(table.path, table.reading, text=["id"]).frame["id"][0] == "9007199254740993"


def test_types_do_not_depend_on_where_text_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netrain.data.content.BLOCK", 100)
    content = "a,b\n" + "".join(f"{i}.50,{i}\n" for i in range(300)) + "word,1\n"
    table = read(tmp_path, content)
    assert table.frame["a"][0] == "0.50"
    assert table.frame["b"].dtype == pl.Float64


def test_missing_is_as_declared(tmp_path: Path) -> None:
    table = read(tmp_path, "a,b\n-200,NA\n-20,x\n", missing=["-200", -5])
    assert table.frame.rows() == [(None, "NA"), (-20.0, "x")]
    assert Reading.model_validate({"missing": -1}).missing == ("-1",)


CELLS = st.text(st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from(',;"\n\t|#'), max_size=8)
ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12)


@settings(max_examples=200, deadline=None)
@given(rows=ROWS, separator=st.sampled_from(",;\t|"), quote=st.sampled_from("\"'"), end=st.sampled_from(["\n", "\r\n"]))
def test_round_trip_through_the_standard_library(
    rows: list[tuple[str, str]], separator: str, quote: str, end: str
) -> None:
    stream = io.StringIO(newline="")
    out = csv.writer(stream, delimiter=separator, quotechar=quote, quoting=csv.QUOTE_ALL, lineterminator=end)
    out.writerows([("first", "second"), *rows])
    reading = Reading(separator=separator, quote=quote)
    stripped = [tuple(None if (s := cell.strip()) in reading.missing else s for cell in row) for row in rows]
    wanted = [row for row in stripped if any(cell is not None for cell in row)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.csv")
        path.write_bytes(stream.getvalue().encode())
        if not wanted:
            with pytest.raises(DataError, match="no data rows"):
                read_table(str(path), reading)
            return
        table = read_table(str(path), reading, text=["first", "second"])
        got = table.frame.select(pl.all().cast(pl.String)).rows()
        assert got == wanted
        kept = [number for number, row in enumerate(stripped) if any(cell is not None for cell in row)]
        lines = [1 + sum(a.count("\n") + b.count("\n") + 1 for a, b in rows[:number]) + 1 for number in kept]
        assert table.where(len(kept) - 1) == f"{path}:{lines[-1]}"


@pytest.mark.parametrize("name", ["*", "^a.*$"])
def test_names_are_no_patterns(tmp_path: Path, name: str) -> None:
    assert f"`{name}` cannot be the name of a column" in told(tmp_path, f"ab,{name}\n1,2\n")
    assert read(tmp_path, f"ab,{name}.\n1,2\n").frame.columns == ["ab", f"{name}."]
