"""Targets as numbers and back: labels, several labels, several values, quantiles; and what rows weigh."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from small import Program

from netrain.data.coding import fit_classes, fit_values
from netrain.data.table import Table
from netrain.data.target import Classes, Labels, Values, infer_task
from netrain.data.weights import balanced, given, row_weights
from netrain.errors import DataError

FRAME = pl.DataFrame(
    {
        "kind": ["b", "a", "c", "a"],
        "code": [2.0, 1.0, 3.0, 1.0],
        "wet": ["yes", "no", "no", "no"],
        "on": [1.0, 0.0, 1.0, 1.0],
        "height": [1.0, 2.0, 3.0, 6.0],
        "width": [0.0, 10.0, 0.0, 30.0],
    }
)


def table(frame: pl.DataFrame = FRAME) -> Table:
    return Table(frame, "table.csv", "0", np.arange(len(frame)))


@pytest.mark.parametrize(("column", "labels"), [("kind", ("a", "b", "c")), ("code", ("1", "2", "3"))])
def test_classes(column: str, labels: tuple[str, ...]) -> None:
    coding = fit_classes(FRAME, [column], "")
    assert isinstance(coding, Classes)
    assert coding.labels == labels
    np.testing.assert_array_equal(coding.encode(table()), [1, 0, 2, 0])
    prediction = np.eye(3)[[1, 0, 2, 0]]
    frame = coding.frame(prediction)
    assert frame.columns == ["prediction", *(f"probability_{label}" for label in labels)]
    assert frame["prediction"].to_list() == [labels[i] for i in (1, 0, 2, 0)]


def test_two_classes_from_one_output() -> None:
    coding = fit_classes(FRAME, ["wet"], "")
    np.testing.assert_allclose(coding.prediction(np.array([[0.2], [0.9]])), [[0.8, 0.2], [0.1, 0.9]])


def test_labels() -> None:
    coding = fit_classes(FRAME, ["wet", "on"], "")
    assert isinstance(coding, Labels)
    assert (coding.classes, coding.columns) == (2, 2)
    np.testing.assert_array_equal(coding.encode(table()), [[1, 1], [0, 0], [0, 1], [0, 1]])
    frame = coding.frame(np.array([[0.9, 0.4]]))
    assert frame.row(0, named=True) == {
        "prediction_wet": "yes",
        "probability_wet": 0.9,
        "prediction_on": "0",
        "probability_on": 0.4,
    }
    with pytest.raises(DataError, match="of several targets each has two"):
        fit_classes(FRAME, ["wet", "kind"], "")


@pytest.mark.parametrize("quantiles", [(), (0.1, 0.5, 0.9)])
@pytest.mark.parametrize("targets", [["height"], ["height", "width"]])
def test_values_go_there_and_back(targets: list[str], quantiles: tuple[float, ...]) -> None:
    coding = fit_values(FRAME, targets, "", raw=False, quantiles=quantiles)
    encoded = coding.encode(table())
    np.testing.assert_allclose(encoded.mean(axis=0), 0.0, atol=1e-6)
    np.testing.assert_allclose(encoded.std(axis=0), 1.0, rtol=1e-6)
    each = max(1, len(quantiles))
    back = coding.prediction(np.repeat(encoded, each, axis=1))
    np.testing.assert_allclose(back, np.repeat(FRAME.select(targets).to_numpy(), each, axis=1), atol=1e-5)
    names = coding.frame(back).columns
    assert len(set(names)) == len(targets) * each
    assert names[0] == "prediction" + ("_height" if len(targets) > 1 else "") + ("_0.1" if quantiles else "")


def test_raw_values_stay() -> None:
    coding = fit_values(FRAME, ["height"], "", raw=True, quantiles=())
    np.testing.assert_array_equal(coding.encode(table())[:, 0], FRAME["height"])


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"], "classification"),
        ([0.0, 1.0, 2.0], "classification"),
        ([1.0, 2.0, 3.0], "classification"),
        ([1.0, 3.0], "regression"),
        ([0.5, 1.0], "regression"),
        ([float(i) for i in range(20)], "classification"),
        ([float(i) for i in range(21)], "regression"),
        ([2.0, 3.0], "regression"),
    ],
)
def test_the_task_is_inferred(values: list[object], task: str) -> None:
    assert infer_task(pl.Series("y", values * 3))[0] == task


def test_a_coding_says_what_another_says() -> None:
    classes, fewer = Classes(column="k", labels=("a", "b", "c")), Classes(column="k", labels=("a", "c"))
    assert classes.says(fewer)
    assert not fewer.says(classes)
    assert not classes.says(Classes(column="other", labels=("a", "b")))
    values = fit_values(FRAME, ["height"], "", raw=False, quantiles=())
    assert values.says(fit_values(FRAME.head(3), ["height"], "", raw=False, quantiles=()))
    for other in ({"raw": True, "quantiles": ()}, {"raw": False, "quantiles": (0.5,)}):
        assert not values.says(fit_values(FRAME, ["height"], "", **other))
    assert not values.says(classes)


def test_weights_of_rows(tmp_path) -> None:
    def weigh(values: list[object]) -> np.ndarray:
        frame = pl.DataFrame({"w": values})
        frame.write_csv(tmp_path / "t.csv")
        return row_weights(Table(frame, str(tmp_path / "t.csv"), "0", np.arange(len(frame))), "w")

    np.testing.assert_array_equal(weigh([0.5, 0.0, 2.0]), [0.5, 0.0, 2.0])
    for values, message in {
        (1.0, -1.0): r"t.csv:3: the weight `w` is missing or negative in 1 row",
        (1.0, None): "missing or negative",
        ("a", "b"): "are text",
    }.items():
        with pytest.raises(DataError, match=message):
            weigh(list(values))


def test_weights_of_classes() -> None:
    y = np.array([0, 0, 0, 1])
    weights = balanced(y, np.ones(4), 2)
    np.testing.assert_allclose(np.bincount(y, weights=weights[y]), [2.0, 2.0])
    np.testing.assert_allclose(balanced(y, np.array([1, 1, 0, 2.0]), 3), [1.0, 1.0, 0.0])
    coding = Classes(column="k", labels=("a", "b"))
    np.testing.assert_array_equal(given({"b": 3.0}, coding), [1.0, 3.0])
    with pytest.raises(DataError, match="names `c`, which is no class of `k`"):
        given({"c": 3.0}, coding)


def test_raw_values_are_not_negative(tmp_path) -> None:
    coding = fit_values(FRAME, ["height"], "", raw=True, quantiles=())
    frame = FRAME.with_columns(height=pl.Series([1.0, 2.0, -3.0, 0.0]))
    frame.write_csv(tmp_path / "t.csv")
    with pytest.raises(DataError, match=r"t.csv:4: the target is negative in 1 row"):
        coding.encode(Table(frame, str(tmp_path / "t.csv"), "0", np.arange(4)))


def test_unseen_text_in_a_numeric_target_is_refused() -> None:
    coding = Values(names=("kind",), means=(0.0,), deviations=(1.0,))
    with pytest.raises(DataError, match="is text here"):
        coding.encode(table())


@pytest.mark.parametrize("number", [1e155, -1e160, 1e300])
def test_a_number_that_cannot_be_squared_is_named_with_its_row(netrain: Program, tmp_path: Path, number: float) -> None:
    lines = ["x,y", *(f"{i},{number if i == 50 else i * 2.5}" for i in range(200))]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    for command in ("train", "check"):
        said = netrain(command, "t.csv", "--target", "y")
        assert (said.code, said.err.count("\n")) == (3, 2)
        assert f"t.csv:52: the target `y` is {number:g} here, too large" in said.err
    out = ("--set", f'data.missing=["{number:g}"]', "--set", "data.missing_target=drop", "--set", "training.epochs=1")
    assert netrain("train", "t.csv", "--target", "y", *out, "-q").code == 0


@pytest.mark.parametrize("where", [0, 39])
def test_a_number_too_far_from_those_of_training_is_refused_in_any_part(where: int, tmp_path: Path) -> None:
    frame = pl.DataFrame({"y": [1e60 if i == where else float(i) for i in range(40)]})
    frame.write_csv(tmp_path / "t.csv")
    coding = fit_values(FRAME.select(y="height"), ["y"], "t.csv", raw=False, quantiles=())
    with pytest.raises(DataError, match=rf"t.csv:{where + 2}: .* too large a number"):
        coding.encode(Table(frame, str(tmp_path / "t.csv"), "0", np.arange(40)))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([5.0, 5.0], "is the same in every training row: 5"),
        ([1e18, 1e18], "beyond 2\\^53 lose their last digits"),
        ([1e18, 1e18 + 1e5], "differs by less than a trillionth of its size"),
        ([0.0, 2e-300], "too small to learn or to score"),
        ([1e-310, 3e-310], "too small to learn or to score"),
    ],
)
def test_why_values_are_alike_is_true(values: list[float], reason: str) -> None:
    with pytest.raises(DataError, match=reason):
        fit_values(pl.DataFrame({"y": values}), ["y"], "t.csv", raw=False, quantiles=())


def test_labels_beyond_2_53_are_one_class_as_numbers_and_two_as_text(netrain: Program, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{i % 7},{10**18 + 1 + i % 2}\n" for i in range(60)))
    said = netrain("train", "t.csv", "--target", "y", "--set", "task=classification")
    assert said.code == 3
    assert "--set data.columns.y=categorical" in said.err
    told = ("--set", "data.columns.y=categorical", "--set", "training.epochs=1", "--run-dir", "r", "-q")
    assert netrain("train", "t.csv", "--target", "y", *told).code == 0
    scored = netrain("evaluate", "r", "--data", "t.csv", "--json")
    assert scored.code == 0, scored.err
