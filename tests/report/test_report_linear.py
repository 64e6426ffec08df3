"""The linear baseline against scikit-learn's."""

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn import linear_model, metrics

from netrain.config import parse_config
from netrain.experiment import Experiment
from netrain.prepare import prepare, read_tables
from netrain.report.linear import linear, recipe

N = 3_000


def experiment(folder: Path, target: str, more: str = "") -> Experiment:
    """Ready to train, of a table where a line is not all there is."""
    rng = np.random.default_rng(0)
    x, z, group = rng.normal(size=N), rng.normal(size=N), rng.integers(0, 5, N)
    line = x - 0.5 * z + 0.3 * group + 0.5 * x * z
    value = line + rng.normal(size=N)
    columns = {
        "x": x,
        "z": z,
        "group": [f"g{g}" for g in group],
        "weight": rng.uniform(0.2, 2.0, N),
        "value": 100.0 + 7.0 * value,
        "count": rng.poisson(np.exp(3.0 + 0.3 * line)),
        "label": np.where(value > 0.5, "yes", "no"),
        "kind": [f"k{k}" for k in np.digitize(value, [-1.0, 0.5, 2.0])],
    }
    unused = {"weight", "value", "count", "label", "kind"} - {target} - ({"weight"} if more else set())
    pl.DataFrame(columns).drop(unused).write_csv(folder / "table.csv")
    text = f"data: {{path: table.csv, target: {target}{more}}}\n" + ("loss: poisson\n" if target == "count" else "")
    source = parse_config(text, str(folder / "small.yaml"))
    return prepare(source, read_tables(source))


@pytest.mark.parametrize("more", ["", ", weight: weight"])
@pytest.mark.parametrize("target", ["label", "kind"])
def test_classes(tmp_path: Path, target: str, more: str) -> None:
    of = experiment(tmp_path, target, more)
    train, test = of.parts["train"], of.parts["test"]
    peer = linear_model.LogisticRegression(max_iter=1000)
    peer.fit(train.rows.inputs.num, train.truth, sample_weight=train.weights)
    p = peer.predict_proba(test.rows.inputs.num)
    found = linear(of, "test")
    assert found is not None
    assert found["log_loss"] == pytest.approx(metrics.log_loss(test.truth, p, sample_weight=test.weights), rel=0.01)
    right = np.average(p.argmax(axis=1) == test.truth, weights=test.weights)
    assert found["accuracy"] == pytest.approx(right, abs=0.015)


@pytest.mark.parametrize("more", ["", ", weight: weight"])
def test_values(tmp_path: Path, more: str) -> None:
    of = experiment(tmp_path, "value", more)
    train, test = of.parts["train"], of.parts["test"]
    peer = linear_model.Ridge().fit(train.rows.inputs.num, train.truth[:, 0], sample_weight=train.weights)
    y, p = test.truth[:, 0], peer.predict(test.rows.inputs.num)
    found = linear(of, "test")
    assert found is not None
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(y, p, sample_weight=test.weights), rel=0.01)


def test_counts(tmp_path: Path) -> None:
    of = experiment(tmp_path, "count")
    train, test = of.parts["train"], of.parts["test"]
    peer = linear_model.PoissonRegressor(alpha=0.0, max_iter=1000).fit(train.rows.inputs.num, train.truth[:, 0])
    expected = metrics.mean_poisson_deviance(test.truth[:, 0], peer.predict(test.rows.inputs.num))
    found = linear(of, "test")
    assert found is not None
    assert found["poisson_deviance"] == pytest.approx(expected, rel=0.02)


def test_a_linear_network_has_no_linear_baseline(tmp_path: Path) -> None:
    of = experiment(tmp_path, "value")
    same = of.config.model_copy(update={"model": type(of.config).model_validate({**DATA, "model": "linear"}).model})
    assert linear(Experiment(**{**vars(of), "config": same}), "test") is None


DATA = {"data": {"path": "table.csv", "target": "value"}}


@pytest.mark.parametrize("n", [1, 10, 100, 10_000, 10_000_000])
@pytest.mark.parametrize("steps", [20, 400])
def test_its_work_is_bounded(n: int, steps: int) -> None:
    of = recipe(n, steps, 10)
    assert of.epochs * math.ceil(n / of.batch_size) <= max(3 * math.ceil(n / 1024), 2 * steps)
