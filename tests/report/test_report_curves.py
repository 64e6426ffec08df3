"""Curves, calibration and counts by threshold against scikit-learn."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics
from sklearn.calibration import calibration_curve

from netrain.report.calibration import calibration
from netrain.report.curves import POINTS, precision_recall, roc, thinned, thresholds, two_kinds
from netrain.report.numbers import bin_of, bins_of, edges_of, tidy, wilson
from netrain.report.slices import Sample, means_apart, shares_apart, student


def drawn(n: int, seed: int = 0, ties: int | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels, probabilities that know something of them, and weights."""
    rng = np.random.default_rng(seed)
    p = rng.beta(2, 3, n)
    p = p if ties is None else np.round(p * ties) / ties
    y = (rng.uniform(size=n) < p).astype(np.float64)
    return y, p, rng.uniform(0.0, 2.0, n)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ties", [None, 10])
def test_curves_are_those_of_scikit_learn(ties: int | None, weighted: bool) -> None:
    y, p, w = drawn(150, ties=ties)
    w = w if weighted else np.ones_like(w)
    fpr, tpr, _ = metrics.roc_curve(y, p, sample_weight=w, drop_intermediate=False)
    found = roc(y, p, w)
    np.testing.assert_allclose(found["fpr"], fpr, atol=1e-12)
    np.testing.assert_allclose(found["tpr"], tpr, atol=1e-12)
    assert found["auc"] == pytest.approx(metrics.roc_auc_score(y, p, sample_weight=w), rel=1e-12)
    precision, recall, _ = metrics.precision_recall_curve(y, p, sample_weight=w)
    found = precision_recall(y, p, w)
    np.testing.assert_allclose(found["recall"], recall[::-1], atol=1e-12)
    np.testing.assert_allclose(found["precision"], precision[::-1], atol=1e-12)
    assert found["average_precision"] == pytest.approx(metrics.average_precision_score(y, p, sample_weight=w))
    assert found["share"] == pytest.approx(np.average(y, weights=w))


@pytest.mark.parametrize("n", [300, 1_000, 20_000, 60_000])
@pytest.mark.parametrize("seed", range(5))
def test_a_thinned_curve_keeps_its_area(n: int, seed: int) -> None:
    y, p, w = drawn(n, seed)
    found = roc(y, p, w)
    assert len(found["fpr"]) <= POINTS
    assert np.trapezoid(found["tpr"], found["fpr"]) == pytest.approx(found["auc"], abs=1e-3)
    precision, recall, _ = metrics.precision_recall_curve(y, p, sample_weight=w)
    found = precision_recall(y, p, w)
    assert len(found["recall"]) <= POINTS
    whole = np.trapezoid(precision[::-1], recall[::-1])
    assert np.trapezoid(found["precision"], found["recall"]) == pytest.approx(whole, abs=1e-3)


def test_a_curve_of_few_points_keeps_them_all() -> None:
    assert thinned(np.arange(5.0), np.arange(5.0)).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("weighted", [False, True])
def test_counts_by_threshold(weighted: bool) -> None:
    y, p, w = drawn(200, ties=20)
    found = thresholds(y, p, w if weighted else None)
    for at, *counts in zip(*(found[name] for name in ("threshold", "tn", "fp", "fn", "tp")), strict=True):
        matrix = metrics.confusion_matrix(y, p >= at, sample_weight=w if weighted else None)
        np.testing.assert_allclose(counts, matrix.ravel(), atol=1e-9)


def test_calibration_is_that_of_scikit_learn() -> None:
    y, p, _ = drawn(500)
    observed, predicted = calibration_curve(y, p, n_bins=10, strategy="quantile")
    found = calibration(y, p, np.ones(500))
    np.testing.assert_allclose(found["observed"], observed, rtol=1e-12)
    np.testing.assert_allclose(found["predicted"], predicted, rtol=1e-12)
    assert sum(found["rows"]) == 500
    for share, n, low, high in zip(*(found[name] for name in ("observed", "rows", "low", "high")), strict=True):
        of = stats.binomtest(round(share * n), n).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((of.low, of.high), rel=1e-9)


def test_weights_of_rows_that_stand_twice() -> None:
    y, p, _ = drawn(100)
    once, twice = calibration(y, p, np.ones(100)), calibration(y, p, np.full(100, 3.0))
    assert once["observed"] == pytest.approx(twice["observed"], rel=1e-12)
    np.testing.assert_allclose(once["low"], twice["low"], rtol=1e-12)  # a weight is no count of rows


def test_there_is_no_curve_of_one_class() -> None:
    assert not two_kinds(np.zeros(3), np.ones(3))
    assert not two_kinds(np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    assert two_kinds(np.array([0.0, 1.0]), np.ones(2))


def test_the_interval_of_a_share_stays_a_share() -> None:
    low, high = wilson(np.array([0.0, 1.0]), np.array([1.0, 5.0]))
    assert low[0] == 0.0
    assert high[1] == 1.0


@pytest.mark.parametrize("level", [0.975, 0.9999, 0.999_99])
@pytest.mark.parametrize("freedom", [20.0, 57.3, 1_000.0])
def test_quantiles_of_student(level: float, freedom: float) -> None:
    assert student(level, freedom) == pytest.approx(stats.t.ppf(level, freedom), rel=2e-3)


def test_the_interval_of_two_means_is_that_of_welch() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.exponential(2.0, 40), rng.exponential(1.0, 300)
    samples = [Sample.of(x, np.ones(len(x))) for x in (a, b)]
    of = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.999)
    assert means_apart(*samples, 0.001) == pytest.approx((of.low, of.high), rel=1e-3)  # type: ignore[arg-type]


def test_the_interval_of_two_shares_covers() -> None:
    rng, hits = np.random.default_rng(0), 0
    for _ in range(1_000):
        a, b = rng.uniform(size=40) < 0.1, rng.uniform(size=200) < 0.15
        of = [Sample(float(x.mean()), 0.0, float(len(x))) for x in (a, b)]
        low, high = shares_apart(of[0], of[1], 0.05)
        hits += low <= -0.05 <= high
    assert hits >= 930


def test_bins_hold_all_rows_and_ties_together() -> None:
    values = np.array([0.0] * 50 + list(range(50)))
    bins = bins_of(values, 10, 5)
    assert sorted(np.concatenate(bins).tolist()) == list(range(100))
    assert {0, 1, 49, 50} <= set(bins[0].tolist())


@pytest.mark.parametrize("values", [[3.0], [1e300, -1e300], [1e16, 1e16 + 2], [0.0, 1e-300], []])
def test_edges_ascend_and_hold_every_value(values: list[float]) -> None:
    of = np.array(values)
    edges = edges_of(of, 20)
    assert np.isfinite(edges).all()
    assert (np.diff(edges) > 0.0).all()
    assert np.bincount(bin_of(of, edges), minlength=20).sum() == len(of)
    assert all(edges[0] <= v <= edges[-1] for v in values)


def test_figures_are_plain_and_finite() -> None:
    assert tidy({"a": np.array([np.nan, 1 / 3]), 1: (np.int64(7), np.float32("inf"), True, None)}) == {
        "a": [None, 0.333333],
        "1": [7, None, True, None],
    }
