"""Columns as inputs: what is inferred, what is fitted, and that only training rows are looked at."""

from typing import get_args

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from netrain.data.columns import (
    Boolean,
    Categorical,
    Column,
    Constant,
    Datetime,
    Drop,
    Impute,
    Mean,
    Median,
    Numeric,
    Scale,
)
from netrain.data.dates import find_format, likely_format
from netrain.data.features import Preprocessor, fit_columns
from netrain.data.infer import infer
from netrain.data.scales import fit_scale
from netrain.errors import DataError


def fitted(frame: pl.DataFrame, **columns: Column) -> Preprocessor:
    return fit_columns(frame, columns)[0]


def inputs(frame: pl.DataFrame, new: pl.DataFrame | None = None, **columns: Column) -> np.ndarray:
    return fitted(frame, **columns).transform(frame if new is None else new).num


X = np.random.default_rng(0).lognormal(1.0, 1.0, 500)
ORACLES = {
    "standardize": lambda x: (x - x.mean()) / x.std(),
    "robust": lambda x: (
        (z := (x - np.median(x)) / np.subtract(*np.quantile(x, (0.75, 0.25)))) / np.sqrt(1 + (z / 3) ** 2)
    ),
    "min_max": lambda x: (x - x.min()) / (x.max() - x.min()),
    "log": lambda x: (np.log1p(x) - np.log1p(x).mean()) / np.log1p(x).std(),
    "none": lambda x: x,
}
SCALES = [member() for member in get_args(get_args(Scale)[0])]
every_scale = pytest.mark.parametrize("scale", SCALES, ids=lambda s: s.name)


@every_scale
def test_scale(scale) -> None:
    found = fit_scale(scale, X)(X)
    if scale.name == "quantile":
        ranks = np.argsort(np.argsort(X)) / (len(X) - 1)
        np.testing.assert_allclose(found[np.abs(found) < 2], norm.ppf(ranks)[np.abs(found) < 2], atol=0.02)
    else:
        np.testing.assert_allclose(found, ORACLES[scale.name](X), rtol=1e-9)


@every_scale
@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.floats(-1e300, 1e300) | st.sampled_from([0.0, 1.0]), min_size=1, max_size=30), st.floats(-1e300, 1e300)
)
def test_any_numbers_scale_to_finite_ones_in_order(scale, values, stranger) -> None:
    x = np.array(values)
    with np.errstate(all="raise", under="ignore"):
        scaled = fit_scale(scale, x)(np.sort(np.append(x, stranger)))
    assert np.isfinite(scaled).all()
    assert (np.diff(scaled) >= -1e-9 * np.maximum(1.0, np.abs(scaled[1:]))).all()


@every_scale
def test_a_constant_column_is_no_division_by_zero(scale) -> None:
    with np.errstate(all="raise", under="ignore"):
        assert np.isfinite(fit_scale(scale, np.full(5, 0.1))(np.array([0.1, 0.2]))).all()


@pytest.mark.parametrize(("impute", "fill"), [(Mean(), 2.0), (Median(), 1.0), (Constant(value=7.0), 7.0)])
def test_a_missing_number_is_filled_and_marked(impute: Impute, fill: float) -> None:
    frame = pl.DataFrame({"x": [1.0, None, 1.0, 4.0]})
    found = inputs(frame, x=Numeric(scale="none", impute=impute))
    np.testing.assert_array_equal(found, [[1, 0], [fill, 1], [1, 0], [4, 0]])
    assert inputs(frame, x=Numeric(impute=impute, indicator=False)).shape == (4, 1)
    whole = pl.DataFrame({"x": [1.0, 2.0]})
    assert inputs(whole, frame, x=Numeric(impute=impute)).shape == (4, 1)  # never missing in training: no mark


def test_levels_are_one_input_each_and_rare_ones_share_one() -> None:
    frame = pl.DataFrame({"c": ["a"] * 4 + ["b"] * 3 + ["c", "d", None]})
    new = pl.DataFrame({"c": ["b", "c", "d", "new", None]})
    np.testing.assert_array_equal(
        inputs(frame, new, c=Categorical(min_rows=3)), [[0, 1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 0], [0, 0, 0]]
    )
    assert fitted(frame, c=Categorical(min_rows=3)).strange(new) == {"c": 1}


def test_many_levels_are_embedded() -> None:
    frame = pl.DataFrame({"c": [f"l{i % 17}" for i in range(100)]})
    assert fitted(frame, c=Categorical()).levels == (18,)
    assert fitted(frame, c=Categorical(one_hot_up_to=17)).levels == ()
    assert fitted(frame, c=Categorical(encode="one_hot")).width == 17
    cat = fitted(frame, c=Categorical()).transform(pl.DataFrame({"c": ["l0", None, "new"]})).cat
    np.testing.assert_array_equal(cat, [[1], [0], [0]])


def test_booleans_in_any_spelling() -> None:
    frame = pl.DataFrame({"b": ["Yes", "no", "TRUE", "f", "1", "0", None]})
    new = pl.DataFrame({"b": ["ON", "perhaps", None]})
    np.testing.assert_array_equal(inputs(frame, b=Boolean())[:, 0], [1, -1, 1, -1, 1, -1, 0])
    np.testing.assert_array_equal(inputs(frame, new, b=Boolean())[:, 0], [1, 0, 0])
    assert fitted(frame, b=Boolean()).strange(new) == {"b": 1}
    with pytest.raises(DataError, match="2 cells to train on are neither true nor false, first `ja`"):
        fitted(pl.DataFrame({"b": ["ja", "nein"]}), b=Boolean())


def test_dates_are_points_on_a_circle_and_time() -> None:
    hours = [f"2024-0{1 + d // 28}-{1 + d % 28:02} {h:02}:00" for d in range(60) for h in (0, 6, 12, 18)]
    found = inputs(pl.DataFrame({"d": [*hours, None]}), d=Datetime(parts=("month", "hour", "minute")))
    assert found.shape == (241, 5)  # the minute never varies; the time elapsed is last
    np.testing.assert_allclose(found[:4, 2:4], [[0, 1], [1, 0], [0, -1], [-1, 0]], atol=1e-6)
    np.testing.assert_allclose(found[:, 0] ** 2 + found[:, 1] ** 2, [1.0] * 240 + [0.0], rtol=1e-6)
    elapsed = found[:240, 4]
    assert (np.diff(elapsed) > 0).all()
    assert abs(elapsed.mean()) < 1e-5
    np.testing.assert_array_equal(found[-1], 0.0)


@pytest.mark.parametrize(
    ("text", "form"),
    [("2012/10/2 9:00", "auto"), ("03.04.2024", "%d.%m.%Y"), ("2024-01-02T03:04:05Z", "auto"), ("2024-01-02", "auto")],
)
def test_date_formats(text: str, form: str) -> None:
    frame = pl.DataFrame({"d": [text, text.replace("2", "3", 1)]})
    assert np.isfinite(inputs(frame, d=Datetime(format=form))).all()


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["03/04/2021", "13/04/2021"], "%d/%m/%Y"),
        (["03/04/2021", "04/13/2021"], "%m/%d/%Y"),
        (["3.4.2021 10:05", "13.4.2021 9:00"], "%d.%m.%Y %H:%M"),
        (["03/04/2021", "04/05/2021"], None),  # either could be the day
        (["13/04/2021", "04/13/2021"], None),
        (["01/02/2021", "01/03/2021", "01/04/2021"], "%d/%m/%Y"),  # one month after the other
    ],
)
def test_the_day_is_told_from_the_month_where_one_of_them_is_beyond_12(cells: list[str], form: str | None) -> None:
    assert find_format(pl.Series("d", cells)) == form


def test_a_time_of_day_is_read_in_every_spelling() -> None:
    frame = pl.DataFrame({"d": ["2024-01-02 13:14:15", "2024-01-02 18:14:15"]})
    for form in ("%Y-%m-%d %T", "%F %H:%M:%S"):
        assert inputs(frame, d=Datetime(format=form, parts=("hour",), elapsed=False)).shape == (2, 2)
    with pytest.raises(DataError, match="is not a format of dates"):
        fitted(frame, d=Datetime(format="%d/%m/%Y %H"))


def test_numbers_that_are_levels_stay_the_same_levels() -> None:
    frame = pl.DataFrame({"c": ["1", "2", "x"]})
    found = inputs(frame, pl.DataFrame({"c": [2.0, 1.0]}), c=Categorical())
    np.testing.assert_array_equal(found, [[0, 1, 0], [1, 0, 0]])


def test_dates_in_another_spelling_are_the_same_dates() -> None:
    frame = pl.DataFrame({"d": ["2024-01-02 03:00", "2024-05-06 07:00", "2024-09-10 11:00"]})
    seconds = frame.with_columns(pl.col("d") + ":00.000000")
    np.testing.assert_array_equal(inputs(frame, d=Datetime()), inputs(frame, seconds, d=Datetime()))


INSTANTS = [f"2024-{month:02}-0{day}T23:19:00" for month in (1, 6, 12) for day in (1, 4, 9)]


@pytest.mark.parametrize(
    "cells",
    [
        [f"{cell[:-8]}{int(cell[-8:-6]) - 2}:19:00-02:00" for cell in INSTANTS],
        [f"{cell.replace('T', ' ')}.000+0000" for cell in INSTANTS],
        [f"{cell.replace('T', ' ')} UTC" for cell in INSTANTS],
        [f"{cell.replace('T', ' ')}+00" for cell in INSTANTS],
        [f"{cell}Z" if i % 2 else f"{cell[:-8]}17:49:00-05:30" for i, cell in enumerate(INSTANTS)],
        [f"{cell[:-3]}Z" for cell in INSTANTS],
    ],
)
def test_times_with_an_offset_are_dates_in_utc(cells: list[str]) -> None:
    frame, there = pl.DataFrame({"d": cells}), pl.DataFrame({"d": INSTANTS})
    column = infer(frame, set(), {}).columns["d"]
    assert isinstance(column, Datetime)
    np.testing.assert_array_equal(inputs(frame, d=column), inputs(there, d=Datetime()))
    alone = fitted(frame, d=column)
    for i in range(len(cells)):  # a cell reads alike in any company
        np.testing.assert_array_equal(alone.transform(frame[i : i + 1]).num[0], inputs(there, d=Datetime())[i])


def test_a_year_of_two_digits_is_no_year_of_the_first_century() -> None:
    for cells in (["13/02/24", "14/03/24"], ["24/12/24", "13/12/24"]):
        assert find_format(pl.Series("d", cells)) is None
    assert find_format(pl.Series("d", ["01/02/2024 9:34 PM", "01/13/2024 12:01 AM"])) == "%m/%d/%Y %I:%M %p"


@pytest.mark.parametrize(
    ("cells", "form"),
    [
        (["13/02/24", "14/03/24"], "%d/%m/%y"),
        (["3 Apr 2024", "5 Jun 2024"], "%d %b %Y"),
        (["03/04/2024", "05/06/2024"], "%d/%m/%Y"),
        (["2024-01-01", "2024-01-02", "soon"], "%Y-%m-%d"),
        (["a", "b"], None),
    ],
)
def test_the_likely_format_reads_most_cells(cells: list[str], form: str | None) -> None:
    assert likely_format(pl.Series("d", cells)) == form


def test_what_is_not_scaled_stays_as_it_is() -> None:
    frame = pl.DataFrame({"x": [1e6, 2e6, 5e9]})
    np.testing.assert_array_equal(inputs(frame, x=Numeric(scale="none"))[:, 0], np.array([1e6, 2e6, 5e9], np.float32))


@pytest.mark.parametrize(
    ("cells", "blamed", "hint"),
    [
        (["2024-01-01", "soon", "2024-01-03", "2024-01-09", "then"], "`soon` does not read as one; 2 cells", "mend it"),
        (["03/04/24", "05/06/24"], "`03/04/24` does not", '`"%m/%d/%y"` where the month comes first'),
        (["3 Apr 2024", "5 Jun 2024"], "`3 Apr 2024` does not", '.format: "%d %b %Y"'),
    ],
)
def test_a_date_that_does_not_read_is_named_with_a_way_out(cells: list[str], blamed: str, hint: str) -> None:
    with pytest.raises(DataError, match=blamed) as caught:
        fitted(pl.DataFrame({"d": cells}), d=Datetime())
    assert hint in str(caught.value)


def test_a_day_that_may_be_a_month_has_to_be_declared() -> None:
    frame = pl.DataFrame({"d": ["03.04.2024", "05.04.2024"] * 30})
    with pytest.raises(DataError, match="does not read as one"):
        fitted(frame, d=Datetime())
    assert isinstance(infer(frame, set(), {}).columns["d"], Categorical)


def test_inference() -> None:
    n = 60
    frame = pl.DataFrame(
        {
            "number": np.arange(n, dtype=float),
            "flag": ["yes", "no"] * (n // 2),
            "day": [f"2024-02-{1 + i % 28:02}" for i in range(n)],
            "colour": ["red", "green", "blue"] * (n // 3),
            "id": [f"u{i}" for i in range(n)],
            "target": ["a", "b"] * (n // 2),
            "declared": np.arange(n, dtype=float),
        }
    )
    found = infer(frame, {"target"}, {"declared": Drop()})
    assert {name: column.name for name, column in found.columns.items()} == {
        "number": "numeric",
        "flag": "boolean",
        "day": "datetime",
        "colour": "categorical",
        "id": "drop",
        "declared": "drop",
    }
    assert found.notes == ("left out `id`: 60 different texts in 60 rows",)


def test_what_was_fitted_is_plain_data_and_columns_go_by_name() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0, None], "c": ["a", "b", "a"], "d": ["2024-01-01", "2024-05-02", None]})
    columns = {"x": Numeric(scale="quantile"), "c": Categorical(), "d": Datetime()}
    before = fitted(frame, **columns)
    after = Preprocessor.model_validate_json(before.model_dump_json())
    shuffled = frame.select("d", "x", "c").with_columns(extra=pl.lit(1.0))
    np.testing.assert_array_equal(before.transform(frame).num, after.transform(shuffled).num)
    with pytest.raises(DataError, match="2 columns are missing: `x`, `d`"):
        after.transform(frame.select("c"))


def test_columns_that_say_nothing_are_left_out() -> None:
    frame = pl.DataFrame({"x": [1.0, 2.0], "same": [3.0, 3.0], "none": pl.Series([None, None], dtype=pl.Float64)})
    preprocessor, notes = fit_columns(frame, {name: Numeric() for name in frame.columns})
    assert preprocessor.width == 1
    assert notes == (
        "left out `same`: the same in every training row",
        "left out `none`: missing in every training row",
    )
    with pytest.raises(DataError, match="no column is left"):
        fit_columns(frame, {"same": Numeric()})
