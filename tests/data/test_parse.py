"""Numbers parsed at once are the numbers that their text would have given, and so is all that is said of them."""

import tempfile
import time
from collections.abc import Callable, Collection
from pathlib import Path
from random import Random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netrain.data.parse import Parser
from netrain.data.reading import MISSING, Reading
from netrain.data.table import read_table, stream_table
from netrain.errors import DataError

SPELLED = (
    "1 -0 +1 .5 1. 1e5 1E-5 1e400 -inf nan NaN NAN infinity NA N/A null ? x 0x10 1_0 - . e5 1d5 1f true 12abc --1 1,5 "
    '9007199254740993 9007199254740992 9007199254740993.0 1e300 5e-324 1.7976931348623157e308 １ é "1" "" "a,b" '
    "0.1000000000000000055511151231257827 123456789012345678901234567890 8.5e15 #1 * \\N <NA> 1e-400 0e0 00.5 2, 'x'"
)
BLANK = ["", " ", "  1", "1 ", "1\t", "\t1", "1\r", "\r", '"1\n2"', '" 1"', '" NA "', " NA", '"', '"1""2"', "\xa01"]
ODD = st.sampled_from([*SPELLED.split(" "), *BLANK])
NUMBERS = st.one_of(
    st.integers(-1000, 1000).map(str),
    st.floats(allow_nan=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20).map(str),
)
RAGGED = st.sampled_from(["", " ", "1", "1,2", "1,2,3", "1,2,3,4", "1,2,3,4,5", ",", ",,", "#,1", "#"])
MISSINGS = st.sampled_from([MISSING, (), ("",), ("NA", "-1"), ("", "1", " NA"), ("", "x", "NA", " 1"), ("", "+1")])


def table_of(path: Path, reading: Reading, text: Collection[str], numbers: Collection[str]) -> object:
    """All that there is to know of a table."""
    table = read_table(str(path), reading, text=text, numbers=numbers)
    places = [table.where(row) for row in range(len(table))]
    return repr(table.frame.rows()), table.frame.schema, places, table.notes, table.fingerprint


def stream_of(path: Path, reading: Reading, text: Collection[str], numbers: Collection[str]) -> object:
    """The frames of a stream."""
    frames = list(stream_table(str(path), reading, text=text, numbers=numbers, rows=3))
    return [(repr(frame.rows()), frame.schema) for frame in frames]


@st.composite
def contents(draw: st.DrawFn) -> str:
    """Mostly numbers; here and there what is none, and lines that are too short, too long or blank."""
    width, odd = draw(st.integers(1, 4)), draw(st.sampled_from([0, 1, 4]))
    cell = st.one_of(*[NUMBERS] * 6, *[ODD] * odd, *[st.just("")] * (odd > 0))
    line = st.lists(cell, min_size=width, max_size=width).map(",".join)
    ragged = draw(st.sampled_from([0, 1]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    lines = draw(st.lists(st.one_of(*[line] * 20, *[RAGGED] * ragged), max_size=12))
    header = ",".join(["first", "second", "third", ""][:width])
    return end.join([header, *lines]) + draw(st.sampled_from(["", end]))


@pytest.mark.parametrize("told", [table_of, stream_of])
@settings(max_examples=200, deadline=None)
@given(
    content=contents(),
    missing=MISSINGS,
    comment=st.sampled_from(["", "", "#"]),
    block=st.sampled_from([1, 7, 40, 1 << 20]),
    text=st.sets(st.sampled_from(["first", "second"]), max_size=1),
    numbers=st.sets(st.sampled_from(["second", "third"]), max_size=2),
)
def test_both_ways_give_the_same(
    told: Callable[..., object],
    content: str,
    missing: tuple[str, ...],
    comment: str,
    block: int,
    text: set[str],
    numbers: set[str],
) -> None:
    reading = Reading(missing=missing, comment=comment)
    outcomes: list[object] = []
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder, "t.csv")
        path.write_bytes(content.encode())
        patch.setattr("netrain.data.content.BLOCK", block)
        for _ in range(2):
            try:
                outcomes.append(told(path, reading, sorted(text), sorted(numbers - text)))
            except DataError as error:
                outcomes.append(str(error))
            patch.setattr(Parser, "numbers", lambda *_, **__: None)
    assert outcomes[0] == outcomes[1]


def parsed(content: str, *, text: Collection[str] = (), **keys: object) -> pl.DataFrame | None:
    parser = Parser("t.csv", ["a", "b"], ",", Reading(**keys), lambda name: name not in text)  # type: ignore[arg-type]
    parser.settle(content.encode())
    return parser.numbers(content.encode())


def test_what_is_parsed_at_once() -> None:
    """The test above would pass where nothing is."""
    frame = parsed("1,x\n-2.5e3,NA\n,2\n")
    assert frame is not None
    assert frame.rows() == [(1.0, "x"), (-2500.0, "NA"), (None, "2")]
    missing = parsed("1,NA\nNA,2\n")
    assert missing is not None
    assert missing.rows() == [(1.0, None), (None, 2.0)]
    as_text = parsed("1.50,2\n", text=["a"])
    assert as_text is not None
    assert as_text.rows() == [("1.50", 2.0)]
    assert parsed("1,\n2,\n").schema["b"] == pl.Null  # type: ignore[union-attr]


@pytest.mark.parametrize("content", ["1,2\n3,9007199254740993\n", "1,2\n3,1e400\n", "1,2,3\n4,5\n", "1,2\n3,4,5\n"])
def test_what_is_not(content: str) -> None:
    assert parsed(content) is None


def test_a_decimal_comma_and_blanks_that_are_not_missing_are_read_as_text() -> None:
    assert parsed("1,2\n", decimal=",") is None
    assert parsed("1,2\n", missing=("NA",)) is None


def test_a_block_without_a_number_is_no_text_in_a_column_of_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netrain.data.content.BLOCK", 8)
    path = tmp_path / "t.csv"
    path.write_text("a;b\n1,5;1\nNA;2\nNA;3\nNA;4\n2,5;5\n")
    reading = Reading(decimal=",", separator=";")
    found = pl.concat(stream_table(str(path), reading, text=(), numbers=("a",), rows=2))
    assert found["a"].to_list() == [1.5, None, None, None, 2.5]


def test_what_a_block_gives_depends_on_no_other_block() -> None:
    parser = Parser("t.csv", ["a", "b"], ",", Reading(), lambda _: True)
    parser.settle(b"1,2\n")
    for _ in range(2):
        assert parser.numbers(b"1,2\n") is not None
        assert parser.numbers(b"x,2\n") is None
        missing = parser.numbers(b"NA,2\n")
        assert missing is not None
        assert missing.rows() == [(None, 2.0)]


def test_the_sample_settles_which_ways_are_tried() -> None:
    parser = Parser("t.csv", ["a", "b"], ",", Reading(), lambda _: True)
    parser.settle(b"0.5 ,2\n1,3\n")  # a blank after it: a number, though no way takes it
    assert parser.numbers(b"1,2\n") is None


@pytest.mark.parametrize("padded", [2, 4, 6])
def test_a_table_is_the_same_whatever_thread_is_first(
    padded: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A blank behind a number makes block 2 text; codes stand in one block alone."""
    monkeypatch.setattr("netrain.data.content.BLOCK", 700)
    monkeypatch.setattr("netrain.data.cutter.SAMPLE", 500)
    lines = [f"{i},{i % 7},{i % 11 + 10000}" for i in range(600)]
    lines[60] = "60,4 ,10009"
    lines[padded * 45] = f"{padded * 45},1,00501"
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a,b,zip", *lines]) + "\n")
    first = read_table(str(path), Reading())
    waits, numbers = Random(0), Parser.numbers

    def waiting(self: Parser, content: bytes) -> pl.DataFrame | None:
        time.sleep(0.002 * waits.random())
        return numbers(self, content)

    monkeypatch.setattr(Parser, "numbers", waiting)
    for _ in range(20):
        again = read_table(str(path), Reading())
        assert again.padded == first.padded
        assert again.frame.equals(first.frame)
