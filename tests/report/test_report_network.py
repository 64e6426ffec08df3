"""The figures for which a network predicts again, and those of its errors, against scikit-learn on whole runs."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import polars as pl
import pytest
from sklearn import inspection, metrics
from subjects import Estimator, shown_without_rows, subject_in

from netrain.cli import main
from netrain.data.table import read_table
from netrain.data.target import Classes, Values
from netrain.experiment import part_of, threads
from netrain.report import part_report, subject_of_table
from netrain.report.classes import classes
from netrain.report.dependence import dependence
from netrain.report.importance import importance
from netrain.report.scoring import trivial_words
from netrain.report.slices import slices
from netrain.report.subject import Subject
from netrain.report.values import values
from netrain.report.worst import worst
from netrain.runs.bundle import load_bundle
from netrain.runs.run import Run

N = 600


def table(n: int = N, seed: int = 0) -> pl.DataFrame:
    """Two columns that matter, one that does not, a level at which values are noisy; several kinds of targets."""
    rng = np.random.default_rng(seed)
    x, z, noise, group = rng.normal(size=(3, n)).tolist(), None, None, rng.integers(0, 4, n)
    x, z, noise = (np.array(column) for column in x)
    bad = group == 2
    value = 3.0 * x + z + np.where(bad, 4.0, 0.3) * rng.normal(size=n)
    score = 2.0 * x + z + np.where(bad, 5.0, 0.3) * rng.normal(size=n)
    return pl.DataFrame(
        {
            "x": x,
            "z": z,
            "nothing": noise,
            "group": [f"level {g}" for g in group],
            "weight": rng.uniform(0.5, 2.0, n),
            "value": value,
            "double": 2.0 * value + rng.normal(size=n),
            "count": rng.poisson(np.exp(0.5 * x + 1.0)),
            "label": np.where(score > 0.0, "yes", "no"),
            "kind": [f"kind {k}" for k in np.digitize(score, [-1.5, 1.5])],
        }
    )


TARGETS: dict[str, tuple[list[str], list[str]]] = {
    "two classes": (["label"], []),
    "three classes": (["kind"], []),
    "values": (["value"], []),
    "two targets": (["value", "double"], []),
    "quantiles": (["value"], ["--set", "loss=quantile"]),
    "counts": (["count"], ["--set", "loss=poisson"]),
    "labels": (["label", "group2"], []),
    "weighted": (["label"], ["--set", "data.weight=weight"]),
    "weighted values": (["value"], ["--set", "data.weight=weight"]),
}
SETTINGS = [
    "preset=none",
    "training.epochs=10",
    "training.optimizer.learning_rate=0.01",
    "data.split={valid: 0.15, test: 0.5}",
]
ALL = ("value", "double", "count", "label", "kind", "group2", "weight")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run for each kind of target."""
    folder = tmp_path_factory.mktemp("runs")
    low = pl.when(pl.col("group") < "level 2").then(pl.lit("low")).otherwise(pl.lit("high"))
    table().with_columns(low.alias("group2")).write_csv(folder / "table.csv")
    found = {}
    for number, (name, (targets, more)) in enumerate(TARGETS.items()):
        found[name] = folder / f"run-{number}"
        dropped = [c for c in ALL if c not in targets and not (c == "weight" and "weighted" in name)]
        dropped += ["group"] if "group2" in targets else []
        aim = f"[{', '.join(targets)}]"
        config = folder / f"{number}.yaml"
        config.write_text(f"data: {{path: table.csv, target: {aim}}}\n")
        settings = [*SETTINGS, *(f"data.columns.{c}=drop" for c in dropped)]
        sets = [word for setting in settings for word in ("--set", setting)]
        given = [str(config), *sets, *more, "-q", "--run-dir", str(found[name])]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.argv", ["netrain", "train", *given])
            with pytest.raises(SystemExit) as ended:
                main()
        assert ended.value.code == 0
    return found


def figures(path: Path) -> dict[str, Any]:
    of: dict[str, Any] = json.loads((path / "report.json").read_text(), parse_constant=lambda word: pytest.fail(word))
    return of


@pytest.mark.parametrize("name", TARGETS)
def test_a_report_holds_every_figure(runs: dict[str, Path], name: str) -> None:
    report = figures(runs[name])
    of = report["figures"]
    main_figure = {"two classes": "classes", "three classes": "classes", "weighted": "classes", "labels": "labels"}
    assert {main_figure.get(name, "values"), "learning", "importance", "dependence", "slices", "worst"} < of.keys()
    assert of["part"] == "test"
    assert report["run"] == runs[name].name
    assert report["command"].startswith("netrain train ")
    assert (runs[name] / "config.yaml").read_text().startswith(f"# {report['command']}\n")
    assert "path: table.csv\n" in report["config"]
    assert str(runs[name].parent) not in json.dumps(of) + report["config"]
    assert {"reading", "steps", "validation", "saves", "report"} == report["time"].keys()
    rows = of["split"]["rows"]
    assert rows == report["rows"]
    for column in of["columns"]:
        at = column["distribution"]
        counted = sum(at["counts"]) + at.get("other", 0)
        assert counted == rows["train"]


@pytest.mark.parametrize("name", ["two classes", "three classes", "weighted"])
def test_classes(runs: dict[str, Path], name: str) -> None:
    subject, _ = subject_in(runs[name])
    assert isinstance(subject.coding, Classes)
    found = classes(subject, subject.coding)
    y, p, w = subject.part.truth, subject.prediction.astype(float), subject.part.weights
    np.testing.assert_array_equal(found["confusion"], metrics.confusion_matrix(y, p.argmax(axis=1)))
    assert found["counts"]["true"].tolist() == np.bincount(y).tolist()
    for curve in found["roc"]:
        auc = metrics.roc_auc_score(y == curve["class"], p[:, curve["class"]], sample_weight=w)
        assert curve["auc"] == pytest.approx(auc, rel=1e-12)
    said = p.argmax(axis=1)
    each = metrics.precision_recall_fscore_support(y, said, sample_weight=w)
    for of, precision, recall, f1, _ in zip(found["per_class"], *each, strict=True):
        assert (of["precision"], of["recall"], of["f1"]) == pytest.approx((precision, recall, f1), rel=1e-12)
    assert ("thresholds" in found) == (len(subject.coding.labels) == 2)
    kept = figures(runs[name])["figures"]["classes"]
    assert kept["confusion"] == found["confusion"].tolist()  # evaluating anew gives what the run has written


def test_very_many_classes_show_the_most_confused(runs: dict[str, Path]) -> None:
    subject, _ = subject_in(runs["three classes"])
    rng, k, n = np.random.default_rng(0), 200, 1_000
    y, p = rng.integers(0, k - 5, n), rng.dirichlet(np.ones(k), n)  # some have no row
    coding = Classes(column="kind", labels=tuple(f"{c}" for c in range(k)))
    part = replace(subject.part, truth=y, weights=None, rows=replace(subject.part.rows, inputs=inputs_of(subject, n)))
    found = classes(replace(subject, coding=coding, part=part, prediction=p), coding)
    whole = metrics.confusion_matrix(y, p.argmax(axis=1), labels=range(k))
    shown = found["shown"]
    assert len(shown) == 40
    np.testing.assert_array_equal(found["confusion"], whole[np.ix_(shown, shown)])
    assert len(found["roc"]) == 10


@pytest.mark.parametrize("name", TARGETS)
def test_the_trivial_answer_is_called_what_it_is(runs: dict[str, Path], name: str) -> None:
    report = figures(runs[name])
    subject, _ = subject_in(runs[name])
    level = "median" if name == "quantiles" else "mean" if report["task"] == "regression" else "commonest class"
    assert report["trivial"] == f"always answering the {level}"
    assert f"than {report['trivial']} (" in (runs[name] / "report.html").read_text()
    assert trivial_words(subject.coding) == report["trivial"]


def test_of_quantiles_without_the_median_the_nearest_is_the_trivial_answer(runs: dict[str, Path]) -> None:
    coding = subject_in(runs["quantiles"])[0].coding
    assert trivial_words(coding.model_copy(update={"quantiles": (0.1, 0.9)})) == "always answering the 0.1 quantile"


def inputs_of(subject: Subject, n: int) -> Any:
    return subject.part.rows.inputs.take(np.zeros(n, np.intp))


@pytest.mark.parametrize("name", ["values", "weighted values", "two targets", "quantiles", "counts"])
def test_values(runs: dict[str, Path], name: str) -> None:
    subject, _ = subject_in(runs[name])
    coding = subject.coding
    assert isinstance(coding, Values)
    said = subject.prediction.reshape(len(subject.part.truth), len(coding.names), -1)
    for t, of in enumerate(values(subject, coding, ["x", "group"])):
        y, p = subject.part.truth[:, t], said[:, t, said.shape[2] // 2]
        assert of["density"]["counts"].sum() == len(y)
        assert sorted(of["points"]["true"]) == sorted(y)
        error, w = p - y, subject.part.weights
        assert of["errors"]["mean"] == pytest.approx(np.average(error, weights=w), rel=1e-9, abs=1e-12)
        assert sum(of["errors"]["counts"]) == sum(of["by_prediction"]["rows"]) == len(y)
        if w is None:
            assert of["errors"]["median"] == pytest.approx(np.median(error), rel=1e-9)
        levels = next(along for along in of["by_column"] if along["column"] == "group")
        for level, middle in zip(levels["x"], levels["middle"], strict=True):
            rows = (subject.frame["group"] == level).to_numpy()
            if w is None:
                assert middle == pytest.approx(np.median(error[rows]), rel=1e-9)
        if coding.quantiles:
            assert [q["share_below"] for q in of["quantiles"]] == pytest.approx((y[:, None] <= said[:, t]).mean(axis=0))
            inside = ((said[:, t, 0] <= y) & (y <= said[:, t, -1])).mean()
            assert of["interval"]["coverage"] == pytest.approx(inside)
            assert of["interval"]["level"] == pytest.approx(0.9)


@pytest.mark.parametrize("name", ["two classes", "three classes", "weighted", "values", "weighted values", "counts"])
def test_importance_is_that_of_scikit_learn(runs: dict[str, Path], name: str) -> None:
    subject, _ = subject_in(runs[name])
    found = importance(subject)
    assert found["rows"] == len(subject.part.rows)
    is_class = subject.loss.task == "classification"
    of = inspection.permutation_importance(
        Estimator(subject, "classifier" if is_class else "regressor"),
        pandas.DataFrame(subject.frame.to_dict(as_series=False)),
        subject.part.truth if is_class else subject.part.truth[:, 0],
        scoring="accuracy" if is_class else "neg_root_mean_squared_error",
        n_repeats=20,
        random_state=0,
        sample_weight=subject.part.weights,
    )
    expected = dict(zip(subject.frame.columns, zip(of.importances_mean, of.importances_std, strict=True), strict=True))
    for column in found["columns"]:
        mean, std = expected[column["column"]]
        assert column["gain"] == pytest.approx(mean, abs=4.0 * std * (1 / 5 + 1 / 20) ** 0.5 + 1e-9)
        assert column["low"] <= column["gain"] <= column["high"]
    assert found["columns"][0]["column"] == "x"
    nothing = next(column for column in found["columns"] if column["column"] == "nothing")
    assert nothing["gain"] < 0.2 * found["columns"][0]["gain"]
    assert found["columns"][0]["low"] > 0.0


@pytest.mark.parametrize("name", ["two classes", "values", "counts"])
def test_dependence_is_that_of_scikit_learn(runs: dict[str, Path], name: str) -> None:
    subject, _ = subject_in(runs[name])
    kind = "classifier" if subject.loss.task == "classification" else "regressor"
    n = 300
    assert len(subject.part.rows) == n  # as many as are taken
    for column in dependence(subject, ["x", "group"]):
        of = inspection.partial_dependence(
            Estimator(subject, kind),
            pandas.DataFrame(subject.frame.to_dict(as_series=False)),
            [column["column"]],
            custom_values={column["column"]: np.array(column["x"])},
            categorical_features=["group"],
            method="brute",
            response_method="auto",
        )
        np.testing.assert_allclose(np.array(column["y"]), of.average, rtol=1e-4)
        assert sum(column["share"]) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["two classes", "values", "quantiles", "two targets", "weighted"])
def test_slices_find_where_it_fails(runs: dict[str, Path], name: str) -> None:
    subject, _ = subject_in(runs[name])
    found = slices(subject)
    assert found[0]["where"] == "group = level 2"
    rows = (subject.frame["group"] == "level 2").to_numpy()
    assert found[0]["rows"] == rows.sum()
    if name == "two classes":
        wrong = subject.prediction.argmax(axis=1) != subject.part.truth
        assert (found[0]["value"], found[0]["rest"]) == pytest.approx((wrong[rows].mean(), wrong[~rows].mean()))
    if name == "values":
        error = np.abs(subject.prediction - subject.part.truth)[:, 0]
        assert (found[0]["value"], found[0]["rest"]) == pytest.approx((error[rows].mean(), error[~rows].mean()))
    for of in found:
        assert 0.0 < of["low"] <= of["value"] - of["rest"] + 0.05
        assert of["high"] >= of["low"]


def test_slices_of_errors_without_a_pattern_are_rare(runs: dict[str, Path]) -> None:
    subject, _ = subject_in(runs["values"])
    rng, alarms = np.random.default_rng(0), 0
    for _ in range(200):
        noisy = replace(subject, prediction=subject.part.truth + rng.standard_t(5, size=subject.part.truth.shape))
        alarms += bool(slices(noisy))
    assert alarms <= 12  # of 200; one in twenty is asked for


def test_the_same_rows_are_told_once(runs: dict[str, Path]) -> None:
    subject, _ = subject_in(runs["values"])
    again = replace(subject, frame=subject.frame.with_columns(pl.col("group").alias("again")))
    assert len([of for of in slices(again) if "level 2" in of["where"]]) == 1


def test_the_worst_rows_stand_in_the_table(runs: dict[str, Path]) -> None:
    subject, _ = subject_in(runs["values"])
    whole = pl.read_csv(runs["values"].parent / "table.csv")
    found = worst(subject, ["x", "group"])
    error = np.abs(subject.prediction - subject.part.truth)[:, 0]
    assert [of["loss"] for of in found] == pytest.approx(sorted(error, reverse=True)[:20])
    for of in found:
        row = whole[of["row"] - 1]
        assert of["cells"] == {"x": str(row["x"][0]), "group": row["group"][0]}
        assert float(of["true"]) == row["value"][0]
        assert abs(float(of["predicted"].replace(",", "")) - row["value"][0]) == pytest.approx(of["loss"], rel=1e-3)


def test_a_report_that_may_be_mailed_holds_no_rows(runs: dict[str, Path]) -> None:
    subject, _ = subject_in(runs["values"])
    assert isinstance(subject.coding, Values)
    assert all("points" not in of for of in values(shown_without_rows(subject), subject.coding, ["x"]))
    rare = subject.frame.with_columns(
        pl.when(pl.int_range(pl.len()) < 4).then(pl.lit("secret")).otherwise(pl.col("group")).alias("group")
    )
    kept = dependence(shown_without_rows(replace(subject, frame=rare)), ["group"])
    assert "secret" not in str(kept)
    assert "secret" in str(dependence(replace(subject, frame=rare), ["group"]))


@pytest.mark.parametrize("name", ["two classes", "two targets", "quantiles", "labels"])
def test_a_part_alone_has_the_figures_of_the_run(runs: dict[str, Path], name: str) -> None:
    subject, patient = subject_in(runs[name])
    with threads(subject.config, subject.network):  # as the program has it: their number moves the last bits
        of = json.loads(json.dumps(part_report(subject, patient)))
    run = figures(runs[name])
    assert of["figures"] == {key: value for key, value in run["figures"].items() if key != "learning"}
    for key in ("metrics", "intervals", "baseline", "details"):
        assert of[key]["test"] == run[key]["test"]


def test_another_table_has_figures_too(runs: dict[str, Path]) -> None:
    bundle = load_bundle(Run(runs["two classes"]).best)
    preprocessor = bundle.preprocessor
    path = str(runs["two classes"].parent / "table.csv")
    whole = read_table(path, bundle.config.data, text=preprocessor.text, numbers=preprocessor.numeric)
    part = part_of(whole, "", preprocessor, bundle.coding)
    of = part_report(subject_of_table(bundle, whole, part, "test"))
    assert of["rows"] == {"test": N}
    assert sum(map(sum, of["figures"]["classes"]["confusion"])) == N
    assert "columns" not in of["figures"]
