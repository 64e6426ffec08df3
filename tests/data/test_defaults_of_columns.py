"""`data.numeric` and `data.categorical`, the scaling of levels, and the range of predictions."""

import numpy as np
import polars as pl
import pytest

from netrain.config import parse_config
from netrain.data.coding import fit_values
from netrain.data.columns import Categorical, Numeric, Robust
from netrain.data.features import fit_columns
from netrain.data.infer import infer

FRAME = pl.DataFrame(
    {
        "x": [1.0, 2.0, 3.0, 10.0],
        "pair": ["a", "b", "b", None],
        "three": ["p", "q", "r", "r"],
        "own": [1.0, 2.0, 5.0, 7.0],
    }
)


def test_columns_that_are_left_open_are_what_data_says():
    numeric, categorical = Numeric(scale=Robust()), Categorical(binary=True)
    found = infer(FRAME, set(), {"own": Numeric()}, numeric, categorical).columns
    assert found == {"x": numeric, "pair": categorical, "three": categorical, "own": Numeric()}


def test_a_config_says_it():
    text = "data: {path: a, target: y, numeric: {scale: robust}, categorical: {one_hot_up_to: 8}}\nmodel: mlp"
    data = parse_config(text, "c").config.data
    assert (data.numeric.scale.name, data.categorical.one_hot_up_to) == ("robust", 8)


def test_two_levels_are_one_input_if_wanted():
    fitted, _ = fit_columns(FRAME, {"pair": Categorical(binary=True), "three": Categorical(binary=True)})
    num = fitted.transform(FRAME).num
    np.testing.assert_array_equal(num[:, 0], [1, -1, -1, 0])
    np.testing.assert_array_equal(num[:, 1:], [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 1]])
    assert fitted.numbers == ()


def test_levels_are_scaled_as_a_number_of_their_marks_would_be():
    fitted, _ = fit_columns(FRAME, {"x": Numeric(), "three": Categorical(scale=Robust(bound=3.0))})
    num = fitted.transform(FRAME).num
    # p is there once of four: median 0, quartiles 0 and 0.25; r twice: median 0.5, quartiles 0 and 1
    for column, marks, scaled in ((1, [1, 0, 0, 0], 4.0), (3, [-0.5, -0.5, 0.5, 0.5], 1.0)):
        expected = np.array(marks) * scaled
        np.testing.assert_allclose(num[:, column], expected / np.sqrt(1 + (expected / 3) ** 2), rtol=1e-6)
    assert fitted.numbers == (0,)
    again = type(fitted).model_validate_json(fitted.model_dump_json())
    np.testing.assert_array_equal(again.transform(FRAME).num, num)


@pytest.mark.parametrize("quantiles", [(), (0.1, 0.9)])
def test_predictions_stay_in_the_range_of_the_training_rows_if_wanted(quantiles):
    each = max(1, len(quantiles))
    far = np.array([[-100.0, 100.0]]).repeat(each, axis=1)
    coding = fit_values(FRAME, ["x", "own"], "t", raw=False, quantiles=quantiles, clip=True)
    np.testing.assert_array_equal(coding.prediction(far), [[1.0] * each + [7.0] * each])
    free = fit_values(FRAME, ["x", "own"], "t", raw=False, quantiles=quantiles)
    assert (free.prediction(far)[0] != coding.prediction(far)[0]).all()
