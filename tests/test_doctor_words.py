"""Words among numbers: which stand for what is missing, and which are levels."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from ill import N, clean, found, sparse, unmeasured

from netrain.commands.check import check


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


def test_words_of_several_columns_are_mended_together(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    of = unmeasured(clean())
    other = pl.Series(["unknown" if i % 9 == 0 else str(i / 7) for i in range(len(of["y"]))])
    pl.DataFrame(of | {"weight": other}).write_csv(path)
    (mend,) = check(path, ["y"], "fast", []).mends
    assert mend.startswith("data.missing=")
    assert "None" in mend
    assert "unknown" in mend
    assert check(path, ["y"], "fast", [mend]).findings == ()


def test_a_column_that_is_misread_is_mended_and_not_left_out(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    pl.DataFrame(sparse(clean())).write_csv(path)
    (mend,) = check(path, ["y"], "fast", []).mends
    assert mend.startswith("data.missing=")
    assert mend.endswith(", oops]")
