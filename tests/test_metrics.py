"""Every metric against scikit-learn, or against its definition written out."""

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn import metrics as sk

from netrain.metrics import (
    LOWER_IS_BETTER,
    MAIN,
    ClassScores,
    LabelScores,
    QuantileScores,
    ValueScores,
    bootstrap,
    confusion,
    constant_classes,
    constant_values,
    higher_is_better,
    per_class,
)

pytestmark = pytest.mark.filterwarnings("ignore:A single label was found:UserWarning")  # scikit-learn's, of one row
N = 60


@dataclass(frozen=True)
class Case:
    """Truth and prediction; with quantiles of values, with two axes of truth and one of probabilities of labels."""

    kind: str
    y: np.ndarray
    p: np.ndarray
    quantiles: tuple[float, ...] = ()

    @property
    def k(self) -> int:
        return self.p.shape[1]

    def scores(self):
        if self.kind == "quantiles":
            return QuantileScores(self.y, self.p, self.quantiles)
        return {"classes": ClassScores, "labels": LabelScores, "values": ValueScores}[self.kind](self.y, self.p)

    def score(self, weights=None):
        with np.errstate(all="raise", under="ignore"):
            return self.scores().score(weights)

    def of(self, rows) -> "Case":
        return Case(self.kind, self.y[rows], self.p[rows], self.quantiles)


def classes(n: int, k: int, *, seed: int = 0, decimals: int = 16, only=None) -> Case:
    """Probabilities that know something; with few decimals many are tied."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, k, n) if only is None else rng.choice(only, n)
    logits = rng.normal(size=(n, k)) + np.eye(k)[y]
    p = np.round(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), decimals)
    p[:, 0] = 1.0 - p[:, 1:].sum(axis=1)
    return Case("classes", y, np.clip(p, 0.0, 1.0))


def sure(n: int, k: int) -> Case:
    rng = np.random.default_rng(5)
    return Case("classes", np.arange(n) % k, np.eye(k)[rng.integers(0, k, n)])


def labels(n: int, k: int, *, decimals: int = 16, never: int | None = None) -> Case:
    rng = np.random.default_rng(6)
    y = rng.integers(0, 2, (n, k))
    if never is not None:
        y[:, never] = 0
    return Case("labels", y, np.round(1 / (1 + np.exp(-rng.normal(size=(n, k)) - y)), decimals))


def values(n: int, *t: int, scale: float = 1.0, decimals: int = 16) -> Case:
    rng = np.random.default_rng(7)
    y = rng.normal(size=(n, *t))
    return Case("values", scale * np.round(y, decimals), scale * np.round(y + rng.normal(size=(n, *t)), decimals))


def counts(n: int, *t: int) -> Case:
    rng = np.random.default_rng(8)
    return Case("values", rng.poisson(2.0, (n, *t)).astype(float), rng.exponential(2.0, (n, *t)))


def quantiles(n: int, t: int, *q: float) -> Case:
    rng = np.random.default_rng(9)
    y = rng.integers(0, 5, (n, t)).astype(float)
    p = np.sort(rng.integers(0, 5, (n, t, len(q))), axis=2).astype(float)
    return Case("quantiles", y, p.reshape(n, -1), q)


CASES = {
    "binary": classes(N, 2),
    "binary, ties": classes(N, 2, decimals=1),
    "binary, one class": classes(N, 2, only=[1]),
    "binary, sure": sure(N, 2),
    "binary, one row": classes(1, 2),
    "3 classes": classes(N, 3),
    "4 classes, ties": classes(N, 4, decimals=1),
    "4 classes, 2 occur": classes(N, 4, only=[0, 2]),
    "3 classes, one occurs": classes(N, 3, only=[2]),
    "3 classes, one row": classes(1, 3),
    "6 classes, sure": sure(N, 6),
    "7 classes, all alike": Case("classes", np.arange(N) % 7, np.full((N, 7), 1 / 7)),
    "labels": labels(N, 3),
    "labels, ties": labels(N, 4, decimals=1),
    "labels, sure": labels(N, 2, decimals=0),
    "labels, one never": labels(N, 3, never=1),
    "labels, single": labels(N, 1),
    "labels, one row": labels(1, 3),
    "labels, none anywhere": Case("labels", np.zeros((N, 2), int), np.full((N, 2), 0.25)),
    "values": values(N),
    "values, column": values(N, 1),
    "values, odd": values(N + 1),
    "values, targets": values(N, 3),
    "values, ties": values(N, 2, decimals=0),
    "values, huge": values(N, scale=1e150),
    "values, tiny": values(N, scale=1e-150),
    "values, far away": Case("values", values(N).y - 1e6, values(N).p - 1e6),
    "values, constant": Case("values", np.full(N, 0.1), values(N).p),
    "values, one constant": Case("values", values(N, 2).y * [1, 0] + 0.1, values(N, 2).p),
    "values, perfect": Case("values", values(N).y, values(N).y),
    "values, one row": values(1),
    "counts": counts(N),
    "counts, targets": counts(N, 2),
    "median": quantiles(N, 1, 0.5),
    "one quantile": quantiles(N, 2, 0.9),
    "tied quantiles": quantiles(N, 2, 0.05, 0.95),
    "quantiles": quantiles(N, 2, 0.1, 0.4, 0.9),
    "quantiles, one row": quantiles(1, 1, 0.1, 0.5, 0.9),
}
every_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def weights_of(kind: str, n: int) -> np.ndarray | None:
    rng = np.random.default_rng(10)
    if kind == "none":
        return None
    w = rng.integers(0, 4, n).astype(float) if kind == "counts" else rng.exponential(size=n) * rng.integers(0, 3, n)
    w[0] = 1.5 if kind == "floats" else 2.0
    return w


def f_score(function, average):
    return lambda c, w: function(c.y, said(c), average=average, sample_weight=w, zero_division=0)


def said(c: Case) -> np.ndarray:
    return c.p.argmax(axis=1) if c.kind == "classes" else (c.p > 0.5).astype(int)


def area(function):
    """One against the rest, or each label; None where one is all or nothing."""

    def mean(c, w):
        if c.kind == "classes":
            pairs = [(c.y == j, c.p[:, j]) for j in ([1] if c.k == 2 else range(c.k))]
        else:
            pairs = [(c.y[:, j], c.p[:, j]) for j in range(c.k)]
        if any(len(np.unique(y)) < 2 for y, _ in pairs):
            return None
        return np.mean([function(y, p, sample_weight=w) for y, p in pairs])

    return mean


def calibration_error(c, w):
    sure, right, total = c.p.max(axis=1), said(c) == c.y, 0.0
    for b in range(15):
        inside = (sure > b / 15) & (sure <= (b + 1) / 15)
        if w[inside].sum() > 0:
            distance = np.average(right[inside], weights=w[inside]) - np.average(sure[inside], weights=w[inside])
            total += w[inside].sum() / w.sum() * abs(distance)
    return total


def top(k):
    return lambda c, w: sk.top_k_accuracy_score(c.y, c.p, k=k, labels=range(c.k), sample_weight=w)


def if_it_varies(function):
    return lambda c, w: None if (np.ptp(c.y, axis=0) == 0).any() else function(c.y, c.p, sample_weight=w)


def by_label(function):
    return lambda c, w: np.mean([function(c.y[:, j], c.p[:, j], w) for j in range(c.k)])


def poisson(c, w):
    y, p = c.y.reshape(len(c.y), -1), c.p.reshape(len(c.y), -1)
    if (y < 0).any() or (p <= 0).any():
        return None
    return np.mean([sk.mean_poisson_deviance(a, b, sample_weight=w) for a, b in zip(y.T, p.T, strict=True)])


def by_quantile(c) -> np.ndarray:
    return c.p.reshape(*c.y.shape, len(c.quantiles))


def pinball(c, w):
    p = by_quantile(c)
    losses = [sk.mean_pinball_loss(c.y, p[..., i], alpha=q, sample_weight=w) for i, q in enumerate(c.quantiles)]
    return np.mean(losses)


def coverage(c, w):
    p = by_quantile(c)
    return np.average(((p[..., 0] <= c.y) & (c.y <= p[..., -1])).mean(axis=1), weights=w)


CLASSES = {
    "accuracy": lambda c, w: sk.accuracy_score(c.y, said(c), sample_weight=w),
    "balanced_accuracy": lambda c, w: sk.recall_score(
        c.y, said(c), labels=np.unique(c.y), average="macro", sample_weight=w
    ),
    "log_loss": lambda c, w: sk.log_loss(c.y, c.p, labels=range(c.k), sample_weight=w),
    "brier_score": lambda c, w: np.average(
        ((c.p - np.eye(c.k)[c.y]) ** 2).sum(axis=1) / (2 if c.k == 2 else 1), weights=w
    ),
    "roc_auc": area(sk.roc_auc_score),
    "average_precision": area(sk.average_precision_score),
    "f1_macro": f_score(sk.f1_score, "macro"),
    "f1_micro": f_score(sk.f1_score, "micro"),
    "f1_weighted": f_score(sk.f1_score, "weighted"),
    "matthews_corrcoef": lambda c, w: sk.matthews_corrcoef(c.y, said(c), sample_weight=w),
    "expected_calibration_error": calibration_error,
}
BINARY = {
    "f1": f_score(sk.f1_score, "binary"),
    "precision": f_score(sk.precision_score, "binary"),
    "recall": f_score(sk.recall_score, "binary"),
}
MORE = {
    "precision_macro": f_score(sk.precision_score, "macro"),
    "recall_macro": f_score(sk.recall_score, "macro"),
}
TOPS = {"top_2_accuracy": (2, top(2)), "top_3_accuracy": (3, top(3)), "top_5_accuracy": (5, top(5))}
LABELS = {
    "accuracy": lambda c, w: 1.0 - np.average((c.y != said(c)).mean(axis=1), weights=w),
    "exact_match": lambda c, w: np.average((c.y == said(c)).all(axis=1), weights=w),
    "f1_macro": by_label(lambda y, p, w: sk.f1_score(y, p > 0.5, sample_weight=w, zero_division=0)),
    "f1_micro": lambda c, w: sk.f1_score(
        c.y.ravel(), said(c).ravel(), sample_weight=np.repeat(w, c.k), zero_division=0
    ),
    "log_loss": by_label(lambda y, p, w: sk.log_loss(y, p, labels=[0, 1], sample_weight=w)),
    "brier_score": by_label(lambda y, p, w: sk.brier_score_loss(y, p, pos_label=1, sample_weight=w)),
    "roc_auc": area(sk.roc_auc_score),
    "average_precision": area(sk.average_precision_score),
}
VALUES = {
    "rmse": lambda c, w: sk.root_mean_squared_error(c.y, c.p, sample_weight=w),
    "mae": lambda c, w: sk.mean_absolute_error(c.y, c.p, sample_weight=w),
    "mape": lambda c, w: sk.mean_absolute_percentage_error(c.y, c.p, sample_weight=w),
    "median_ae": lambda c, w: sk.median_absolute_error(c.y, c.p, sample_weight=w),
    "r2": if_it_varies(sk.r2_score),
    "explained_variance": if_it_varies(sk.explained_variance_score),
    "poisson_deviance": poisson,
}
QUANTILES = {"pinball_loss": pinball}
INTERVALS = {
    "coverage": coverage,
    "interval_width": lambda c, w: np.average(np.ptp(by_quantile(c), axis=2).mean(axis=1), weights=w),
}


def oracles(c: Case) -> dict:
    if c.kind == "classes":
        return CLASSES | (BINARY if c.k == 2 else MORE) | {name: f for name, (k, f) in TOPS.items() if c.k > k}
    return {"labels": LABELS, "values": VALUES, "quantiles": QUANTILES}[c.kind]


def expected(c: Case, weights: np.ndarray | None) -> dict[str, float | None]:
    """By others' code, on the rows that weigh something."""
    w = np.ones(len(c.y)) if weights is None else weights
    c, w = c.of(w > 0), w[w > 0]
    found = {name: oracle(c, w) for name, oracle in oracles(c).items()}
    if c.kind == "quantiles":
        middle = min(range(len(c.quantiles)), key=lambda i: (round(abs(c.quantiles[i] - 0.5), 6), i))
        found |= expected(Case("values", c.y, by_quantile(c)[..., middle]), w)
        if len(c.quantiles) > 1:
            found |= {name: oracle(c, w) for name, oracle in INTERVALS.items()}
    return found


def assert_same(score: dict, other: dict, rtol: float = 1e-11) -> None:
    assert score.keys() == other.keys()
    assert {name for name in score if score[name] is None} == {name for name in other if other[name] is None}
    for name, value in score.items():
        if value is not None:
            # a share that should be 0 or 1 is rounded; so is a loss, relative to itself
            atol = 0.0 if name in {"rmse", "mae", "median_ae"} else 1e-14
            np.testing.assert_allclose(value, other[name], rtol=rtol, atol=atol, err_msg=name)


@every_case
@pytest.mark.parametrize("kind", ["none", "counts", "floats"])
def test_oracle(case, kind):
    w = weights_of(kind, len(case.y))
    assert_same(case.score(w), expected(case, w), rtol=1e-8 if case is CASES["values, far away"] else 1e-11)


def test_every_name_is_compared_with_a_number():
    compared = {name for c in CASES.values() for name, value in expected(c, None).items() if value is not None}
    assert {name for c in CASES.values() for name in c.score()} == compared


@every_case
def test_no_rows_and_no_weight(case):
    nothing = dict.fromkeys(case.score())
    assert case.of(slice(0)).score() == nothing
    assert case.of(slice(0)).score(np.zeros(0)) == nothing
    assert case.score(np.zeros(len(case.y))) == nothing
    assert set(bootstrap(case.of(slice(0)).scores(), np.random.default_rng(0)).values()) == {None}


@every_case
def test_a_row_without_weight_is_no_row(case):
    w = weights_of("floats", len(case.y))
    assert_same(case.score(w), case.of(w > 0).score(w[w > 0]), rtol=1e-9)


def test_all_right_is_exactly_one():
    y = np.arange(N) % 6
    score = ClassScores(y, np.eye(6)[y]).score(weights_of("floats", N))
    assert {name for name, value in score.items() if value == 1.0} >= {"accuracy", "balanced_accuracy", "f1_micro"}
    assert LabelScores(np.eye(6)[y], np.eye(6)[y]).score(weights_of("floats", N))["accuracy"] == 1.0


def test_worked_by_hand():
    # positives at ranks 1 and 3 of 4: of 4 pairs one is the wrong way round
    score = ClassScores(np.array([1, 0, 1, 0]), np.array([[0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.4, 0.6]])).score()
    assert score["roc_auc"] == 0.75
    np.testing.assert_allclose(score["average_precision"], (1 / 1 + 2 / 3) / 2)
    assert score["accuracy"] == 0.5
    # half the weight is up to the third error, and half from the fourth on
    errors, w = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 0.0, 1.0, 2.0])
    assert ValueScores(np.zeros(4), errors).score(w)["median_ae"] == 3.5
    score = QuantileScores(np.zeros((2, 1)), np.array([[-1.0, 0.0], [1.0, 4.0]]), (0.25, 0.75)).score()
    assert (score["coverage"], score["interval_width"]) == (0.5, 2.0)
    assert score["pinball_loss"] == (0.25 * 1 + 0 + 0.75 * 1 + 0.25 * 4) / 4


@pytest.mark.parametrize("w", [[0.1] * 6, [0.1] * 10, [0.7] * 1000], ids=len)
def test_the_median_of_equal_weights_is_the_median(w):
    errors = np.arange(len(w)) ** 2.0
    assert ValueScores(np.zeros(len(w)), errors).score(np.array(w))["median_ae"] == np.median(errors)


@every_case
def test_which_way_is_better(case):
    """No metric prefers any prediction to the truth."""
    if case.kind == "classes":
        truth = np.eye(case.k)[case.y]
    else:
        truth = np.repeat(case.y, max(1, len(case.quantiles)), axis=1) if case.quantiles else case.y.astype(float)
    best, score = Case(case.kind, case.y, truth, case.quantiles).score(), case.score()
    for name, value in score.items():
        if value is not None and best[name] is not None:
            assert best[name] >= value - 1e-12 if higher_is_better(name) else best[name] <= value + 1e-12, name


def test_names_that_fall():
    given = {name for case in CASES.values() for name in case.score()}
    assert given | {"loss"} >= LOWER_IS_BETTER
    assert {MAIN["classification"]} <= CASES["binary"].score().keys() & CASES["labels"].score().keys()
    assert {MAIN["regression"]} <= CASES["values"].score().keys() & CASES["quantiles"].score().keys()


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.kind == "classes"])
@pytest.mark.parametrize("kind", ["none", "counts", "floats"])
def test_per_class(name, kind):
    case, w = CASES[name], weights_of(kind, len(CASES[name].y))
    found = per_class(case.y, case.p, w)
    chosen = np.ones(len(case.y)) if w is None else w
    columns = sk.precision_recall_fscore_support(
        case.y, said(case), labels=range(case.k), sample_weight=chosen, zero_division=np.nan
    )
    np.testing.assert_array_equal([row["rows"] for row in found], np.bincount(case.y, minlength=case.k))
    for key, column in zip(("precision", "recall", "f1", "weight"), columns, strict=True):
        np.testing.assert_allclose([np.nan if row[key] is None else row[key] for row in found], column)
    weighty = case.of(chosen > 0)
    for j, row in enumerate(found):
        for key, function in (("roc_auc", sk.roc_auc_score), ("average_precision", sk.average_precision_score)):
            if len(np.unique(weighty.y == j)) < 2:
                assert row[key] is None
            else:
                area = function(weighty.y == j, weighty.p[:, j], sample_weight=chosen[chosen > 0])
                np.testing.assert_allclose(row[key], area, atol=1e-14)


def test_per_class_of_no_rows():
    undefined = dict.fromkeys(("precision", "recall", "f1", "roc_auc", "average_precision"))
    assert per_class(np.zeros(0, int), np.zeros((0, 2))) == [undefined | {"rows": 0, "weight": 0.0}] * 2


def test_confusion():
    case = CASES["4 classes, ties"]
    for w in (None, weights_of("floats", N)):
        want = sk.confusion_matrix(case.y, said(case), labels=range(4), sample_weight=w)
        np.testing.assert_allclose(confusion(case.y, said(case), 4, w), want)


def test_trivial_answers():
    shares = np.array([30.0, 10.0])
    p = constant_classes(shares, 40)
    score = ClassScores(np.repeat([0, 1], [30, 10]), p).score()
    np.testing.assert_allclose(score["log_loss"], -(0.75 * np.log(0.75) + 0.25 * np.log(0.25)))
    assert (score["accuracy"], score["roc_auc"], score["average_precision"]) == (0.75, 0.5, 0.25)
    assert score["matthews_corrcoef"] == 0.0
    y = values(N, 3).y
    np.testing.assert_allclose(ValueScores(y, constant_values(y.mean(axis=0), N)).score()["r2"], 0.0, atol=1e-15)
    assert constant_values(2, 3).tolist() == [2.0] * 3
    assert constant_values(np.array([1, 2]), 2).tolist() == [[1.0, 2.0]] * 2


def test_bootstrap_is_as_wide_as_the_binomial():
    right = np.arange(400) % 5 > 0
    found = bootstrap(ClassScores(np.zeros(400, int), np.where(right, [[0.9], [0.1]], [[0.1], [0.9]]).T), stream())
    low, high = found["accuracy"]
    np.testing.assert_allclose([low, high], 0.8 + 1.96 * np.sqrt(0.8 * 0.2 / 400) * np.array([-1, 1]), atol=5e-3)
    assert found["roc_auc"] is None


def test_bootstrap_of_weighted_rows():
    case, w = CASES["values"], weights_of("floats", N)
    assert bootstrap(case.scores(), stream(), np.ones(N), 200) == bootstrap(case.scores(), stream(), None, 200)
    found = bootstrap(case.scores(), stream(), w)
    # the error of a weighted mean (Cochran, 1977)
    mae = case.score(w)["mae"]
    deviation = np.sqrt(np.sum((w * (np.abs(case.y - case.p) - mae)) ** 2)) / w.sum()
    np.testing.assert_allclose(np.diff(found["mae"]), 2 * 1.96 * deviation, rtol=0.15)
    assert found["mae"][0] < mae < found["mae"][1]
    assert set(bootstrap(case.scores(), stream(), np.zeros(N), 200).values()) == {None}


@every_case
@pytest.mark.parametrize("cached", [0, 1 << 17], ids=["counted", "multiplied"])
def test_many_weightings_are_each_of_them(case, cached, monkeypatch):
    monkeypatch.setattr("netrain.metrics.scores.CACHED", cached)
    n = len(case.y)
    weightings = np.stack([*(weights_of(kind, n) for kind in ("counts", "floats")), np.zeros(n), np.ones(n)])
    together = case.scores().each(weightings)
    for i, w in enumerate(weightings):
        found = {name: None if np.isnan(of[i]) else float(of[i]) for name, of in together.items()}
        assert_same(found, expected(case, w) if w.any() else case.score(w), rtol=1e-8)


def test_weightings_that_take_much_are_scored_one_by_one():
    """A draw of 100 rows of 300 classes makes a table of 90,000 numbers."""
    rng = np.random.default_rng(0)
    asked = []

    class Counted(ClassScores):
        def each(self, weights):
            asked.append(len(weights))
            return super().each(weights)

    bootstrap(Counted(rng.integers(0, 300, 100), rng.dirichlet(np.ones(300), 100)), stream(), draws=200)
    assert set(asked) == {1}
    asked.clear()
    bootstrap(Counted(rng.integers(0, 2, 100), rng.dirichlet(np.ones(2), 100)), stream(), draws=200)
    assert max(asked) > 50


@every_case
def test_intervals_are_quantiles_over_single_draws(case):
    """Written out: draw by draw."""
    found, rng, n = bootstrap(case.scores(), stream(), draws=200), stream(), len(case.y)
    draws = [case.score(np.bincount(rng.integers(0, n, n), minlength=n)) for _ in range(200)]
    for name, pair in found.items():
        values = [draw[name] for draw in draws if draw[name] is not None]
        if pair is None:
            assert case.score()[name] is None or 2 * len(values) < 200
        else:
            np.testing.assert_allclose(pair, np.quantile(values, (0.025, 0.975)), rtol=1e-9)


@every_case
def test_bootstrap(case):
    score, found = case.score(), bootstrap(case.scores(), stream(), draws=200)
    assert found == bootstrap(case.scores(), stream(), draws=200)
    assert found.keys() == score.keys()
    for name, pair in found.items():
        if pair is not None:
            assert score[name] is not None
            assert pair[0] <= pair[1]


def stream() -> np.random.Generator:
    return np.random.default_rng(11)


def test_reading_a_config_needs_neither_numpy_nor_polars():
    code = "import sys, netrain.metrics; sys.exit(len({'numpy', 'polars'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
