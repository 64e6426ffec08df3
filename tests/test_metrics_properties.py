"""What holds of every metric, whatever the rows: weights are repetitions, order is nothing, figures are finite."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from netrain.metrics import ClassScores, LabelScores, QuantileScores, ValueScores

QUANTILES = (0.1, 0.5, 0.9)
SHARES = {
    *("accuracy", "balanced_accuracy", "roc_auc", "average_precision", "exact_match", "coverage"),
    *("f1", "precision", "recall", "f1_macro", "precision_macro", "recall_macro", "f1_micro", "f1_weighted"),
    *("top_2_accuracy", "top_3_accuracy", "top_5_accuracy", "expected_calibration_error"),
}
few = st.integers(-8, 8).map(lambda i: i / 4)  # many ties, and sums without rounding
huge = st.floats(-1e150, 1e150) | few
probability = st.integers(0, 8).map(lambda i: i / 8)
any_probability = st.floats(0.0, 1.0) | probability


def score(kind: str, y: np.ndarray, p: np.ndarray, weights: np.ndarray | None = None) -> dict[str, float | None]:
    with np.errstate(all="raise", under="ignore"):
        match kind:
            case "classes":
                return ClassScores(y, p).score(weights)
            case "labels":
                return LabelScores(y, p).score(weights)
            case "quantiles":
                return QuantileScores(y, p, QUANTILES).score(weights)
            case _:
                return ValueScores(y, p).score(weights)


@st.composite
def examples(draw, value=few, chance=probability) -> tuple[str, np.ndarray, np.ndarray]:
    """A kind of scores with y and predictions of up to ten rows."""
    kind = draw(st.sampled_from(["classes", "labels", "values", "targets", "quantiles"]))
    n = draw(st.integers(1, 10))
    if kind == "classes":
        k = draw(st.integers(2, 7))
        return (
            kind,
            draw(arrays(np.int64, n, elements=st.integers(0, k - 1))),
            draw(arrays(float, (n, k), elements=chance)),
        )
    if kind == "labels":
        k = draw(st.integers(1, 3))
        return (
            kind,
            draw(arrays(np.int64, (n, k), elements=st.integers(0, 1))),
            draw(arrays(float, (n, k), elements=chance)),
        )
    shape = {"values": (n,), "targets": (n, 2), "quantiles": (n, 1)}[kind]
    predicted = (n, len(QUANTILES)) if kind == "quantiles" else shape
    return kind, draw(arrays(float, shape, elements=value)), draw(arrays(float, predicted, elements=value))


def assert_same(found: dict[str, float | None], other: dict[str, float | None]) -> None:
    assert found.keys() == other.keys()
    for name, value in found.items():
        assert (value is None) == (other[name] is None), name
        if value is not None:
            np.testing.assert_allclose(value, other[name], rtol=1e-10, atol=1e-12, err_msg=name)


@settings(deadline=None)
@given(examples(), st.data())
def test_a_weight_is_how_often_a_row_occurs(example, data):
    kind, y, p = example
    times = data.draw(arrays(np.int64, len(y), elements=st.integers(0, 3)))
    rows = np.repeat(np.arange(len(y)), times)
    assert_same(without_deviance(score(kind, y, p, times / 1.0)), without_deviance(score(kind, y[rows], p[rows])))


def without_deviance(found: dict[str, float | None]) -> dict[str, float | None]:
    """poisson_deviance asks every row, with or without a weight, whether it is defined."""
    return {name: value for name, value in found.items() if name != "poisson_deviance"}


@settings(deadline=None)
@given(examples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_is_nothing(example, random):
    kind, y, p = example
    rows = random.sample(range(len(y)), len(y))
    w = np.arange(len(y)) / 4
    assert_same(score(kind, y, p), score(kind, y[rows], p[rows]))
    assert_same(score(kind, y, p, w), score(kind, y[rows], p[rows], w[rows]))


@settings(deadline=None)
@given(examples(), st.sampled_from([2.0**-40, 0.25, 3.0, 2.0**40]))
def test_the_unit_of_weights_is_nothing(example, unit):
    kind, y, p = example
    w = np.arange(len(y)) % 4 / 1.0
    assert_same(score(kind, y, p, w), score(kind, y, p, unit * w))


@settings(deadline=None, max_examples=300)
@given(examples(huge, any_probability), st.data())
def test_figures_are_finite_or_none(example, data):
    kind, y, p = example
    weight = st.just(0.0) | st.floats(1e-9, 1e9)
    for w in (None, data.draw(arrays(float, len(y), elements=weight))):
        for name, value in score(kind, y, p, w).items():
            assert value is None or (type(value) is float and np.isfinite(value)), name
            if name in SHARES and value is not None:
                assert -1e-12 <= value <= 1.0 + 1e-12, name
            if name == "matthews_corrcoef" and value is not None:
                assert abs(value) <= 1.0


@settings(deadline=None)
@given(examples())
def test_inputs_are_only_read(example):
    kind, y, p = example
    w = np.arange(len(y)) / 1.0
    copies = [array.copy() for array in (y, p, w)]
    score(kind, y, p, w)
    for array, copy in zip((y, p, w), copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@settings(deadline=None)
@given(examples())
def test_any_float_and_integer_will_do(example):
    kind, y, p = example
    narrow = y.astype(np.int32 if y.dtype.kind == "i" else np.float32), p.astype(np.float32)
    w = np.arange(len(y)) % 3
    assert_same(score(kind, y, p, w / 1.0), score(kind, *narrow, w.astype(np.float32)))


@pytest.mark.parametrize("k", [2, 3])
@settings(deadline=None)
@given(st.data())
def test_areas_know_only_the_order_of_scores(k, data):
    y = data.draw(arrays(np.int64, 12, elements=st.integers(0, k - 1)))
    p = data.draw(arrays(float, (12, k), elements=probability))
    found, bent = score("classes", y, p), score("classes", y, p**3 / 2)
    for name in ("roc_auc", "average_precision"):
        assert found[name] == bent[name]
