"""What a person reads when a run is done."""

from __future__ import annotations

import re
import shlex
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from netrain.shown.summary import duration, figure, figures_table, summary

ACCURATE = {"balanced_accuracy": 0.9286, "log_loss": 0.1012, "roc_auc": None, "accuracy": 21 / 22, "f1_macro": 0.95}
TRIVIAL = {"accuracy": 8 / 22, "balanced_accuracy": 0.3333, "log_loss": 1.098, "roc_auc": 0.5, "f1_macro": 0.1778}
LEARNED = {"accuracy": 104 / 106, "balanced_accuracy": 0.98, "log_loss": 0.0512, "roc_auc": 0.999, "f1_macro": 0.98}
WITHIN = {"accuracy": [0.8636, 1.0], "log_loss": [0.02345, 0.2], "roc_auc": None}


def flowers(**other: Any) -> dict[str, Any]:
    report: dict[str, Any] = {
        "task": "classification",
        "target": "species",
        "rows": {"train": 106, "valid": 22, "test": 22},
        "metrics": {"train": LEARNED, "valid": ACCURATE, "test": ACCURATE},
        "intervals": {"test": WITHIN},
        "baseline": {"test": TRIVIAL},
        "main": "accuracy",
        "trivial": "always answering the commonest class",
        "epochs": 80,
        "best_epoch": 60,
        "stopped": {"reason": "no better loss in 20 epochs"},
        "seconds": 0.8,
        "parameters": 4611,
    }
    return report | other


def houses(**other: Any) -> dict[str, Any]:
    return flowers(
        task="regression",
        target="price",
        main="rmse",
        trivial="always answering the mean",
        rows={"train": 14_000, "valid": 3_300, "test": 3_300},
        metrics={"train": {"rmse": 42_581.1, "r2": 0.85}, "test": {"r2": 0.8, "rmse": 47_312.3}},
        intervals={"test": {"rmse": [44_947.0, 49_678.0], "r2": [-0.1, 0.84]}},
        baseline={"test": {"rmse": 113_550.0, "r2": -0.0001}},
        seconds=3725.4,
        **other,
    )


def told(report: dict[str, Any], *, width: int = 80, run: str = "runs/iris-1") -> str:
    console = Console(file=StringIO(), width=width)
    summary(report, run, console)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_of_quantiles_the_coverage_is_shown() -> None:
    figures = {"rmse": 3.0, "mae": 2.0, "r2": 0.5, "mape": 0.1, "pinball_loss": 0.7, "coverage": 0.9}
    text = told(houses(), width=100)
    assert "coverage" not in text
    report = houses() | {"metrics": {"test": figures, "train": figures}, "metric": "mae"}
    names = [line.split()[0] for line in told(report, width=100).splitlines() if line.startswith(tuple(figures))]
    assert names == ["rmse", "mae", "pinball_loss", "coverage"]


def row(text: str, name: str) -> list[str]:
    """The cells of a line of the table."""
    return re.split(r" {2,}", next(line for line in text.splitlines() if line.startswith(name)).strip())


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("report", [flowers(), houses()])
def test_it_fits(report: dict[str, Any], width: int) -> None:
    lines = told(report, width=width).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert len(lines) <= (16 if width >= 80 else 18)


def test_it_opens_with_a_verdict() -> None:
    assert told(flowers()).strip().splitlines()[0] == (
        "right in 21 of 22 test rows; always answering the commonest class: 8 of 22"
    )
    assert told(houses(), width=100).strip().splitlines()[0] == (
        "typical error (RMSE) 47,312 on 3,300 test rows; always answering the mean: 113,550"
    )


@pytest.mark.parametrize(
    ("accuracy", "interval", "verdict"),
    [
        (0.6, [0.5, 0.7], "right in 12 of 20 test rows; always answering the commonest class: 8 of 20"),
        (0.6, [0.3, 0.8], "right in 12 of 20 test rows, not clearly better than always answering the commonest class"),
        (0.4, [0.3, 0.8], "right in 8 of 20 test rows, no better than always answering the commonest class: 8 of 20"),
        (0.2, [0.1, 0.3], "right in 4 of 20 test rows, no better than always answering the commonest class: 8 of 20"),
        (0.6, None, "right in 12 of 20 test rows; always answering the commonest class: 8 of 20"),
        (None, None, "accuracy is not defined for the 20 test rows"),
        (0.633, [0.5, 0.7], "right in 63.3% of 20 test rows; always"),  # rows with weights cannot be counted
    ],
)
def test_the_verdict_says_what_the_figures_bear(
    accuracy: float | None, interval: list[float] | None, verdict: str
) -> None:
    report = flowers(
        rows={"train": 100, "valid": 0, "test": 20},
        metrics={"train": LEARNED, "test": {"accuracy": accuracy}},
        intervals={"test": {"accuracy": interval}},
        baseline={"test": {"accuracy": 0.4}},
    )
    assert told(report, width=200).strip().startswith(verdict)


def test_lower_errors_are_better() -> None:
    for rmse, than in ((100.0, "; always"), (120.0, ", no better than always")):
        report = houses() | {
            "metrics": {"test": {"rmse": rmse}},
            "baseline": {"test": {"rmse": 110.0}},
            "intervals": {},
        }
        assert f"test rows{than}" in told(report, width=200)


def test_many_rows_are_told_in_percent() -> None:
    report = flowers(rows={"train": 9, "valid": 9, "test": 9768}, metrics={"test": {"accuracy": 0.85432}})
    assert "right in 85.4% of 9,768 test rows" in told(report)


def test_the_table_has_the_main_metric_first_and_compares() -> None:
    text = told(flowers())
    heads, first = (text.splitlines()[i] for i in (3, 4))
    assert heads.split() == ["test", "95%", "interval", "trivial", "train", "gap"]
    assert re.split(r" {2,}", first) == ["accuracy", "0.9545", "0.8636 .. 1.000", "0.3636", "0.9811", "+0.02659"]
    assert row(text, "log_loss")[-1] == "+0.05000"  # lower is better: training is
    assert row(text, "roc_auc") == ["roc_auc", "-", "-", "0.5000", "0.9990", "-"]
    assert row(told(houses()), "rmse") == ["rmse", "47,312", "44,947 .. 49,678", "113,550", "42,581", "+4,731"]


def test_a_narrow_table_leaves_out_whole_columns() -> None:
    text = told(flowers(), width=60)
    assert row(text, "accuracy") == ["accuracy", "0.9545", "0.8636 .. 1.000", "0.3636"]
    assert "train  " not in text.splitlines()[4]


ADVICE = [
    {
        "kind": str(i),
        "message": f"finding {i}: " + "a long story of what the curves show " * 3,
        "why": "",
        "set": settings,
    }
    for i, settings in enumerate((["a.b=1", "c=[64, 64]"], [], ["d=x"], ["e=5"]))
]


@pytest.mark.parametrize("width", [60, 100])
def test_advice_is_short_and_can_be_copied(width: int) -> None:
    lines = told(flowers(advice=ADVICE), width=width).splitlines()
    assert max(map(cell_len, lines)) <= width
    assert sum(line.startswith("advice   finding") for line in lines) == 3  # the gravest
    assert "         --set a.b=1 --set 'c=[64, 64]'" in lines
    assert "         --set d=x" in lines
    assert not any("e=5" in line for line in lines)
    assert "advice" not in told(flowers(advice=[]))


def test_advice_obeys_nobody() -> None:
    hostile = {"kind": "", "message": "never predicted: `\x1b[31m[bold]red[/]`", "why": "", "set": ["a=\x1b]0;title"]}
    text = told(flowers(advice=[hostile]))
    assert "\x1b" not in text
    assert "[bold]red[/]" in text


def test_a_linear_baseline_stands_beside_the_trivial_one() -> None:
    report = flowers(linear={"test": {"accuracy": 0.9091}})
    for width in (60, 100):
        text = told(report, width=width)
        assert max(map(cell_len, text.splitlines())) <= width
        assert "0.9091" in row(text, "accuracy")


def test_the_page_is_named_where_there_is_one(tmp_path: Path) -> None:
    run = str(tmp_path)
    assert "report " not in told(flowers(), run=run)
    (tmp_path / "report.html").touch()
    assert f"report   {run}/report.html" in told(flowers(), run=run)


def test_it_says_what_was_done_and_what_to_do_next() -> None:
    text = told(flowers())
    for line in (
        "task     classification of species   4,611 weights",
        "rows     106 train   22 valid   22 test",
        "trained  80 epochs   best 60   0.8 s   no better loss in 20 epochs",
        "run      runs/iris-1",
        "netrain predict TABLE --checkpoint runs/iris-1 --output predictions.csv",
        "netrain evaluate runs/iris-1 --data TABLE",
    ):
        assert line in text.splitlines()


@pytest.mark.parametrize("width", [60, 80])
def test_commands_can_be_copied_from_any_width_and_folder(width: int) -> None:
    run = "/home/some one/a very long path to the runs of this project/in '24/iris-1"
    commands = [line for line in told(flowers(), width=width, run=run).splitlines() if line.startswith("netrain ")]
    assert [run in shlex.split(command) for command in commands] == [True, True]


@pytest.mark.parametrize("empty", [{"test": None}, {}])
def test_without_test_rows_validation_is_used_and_said(empty: dict[str, Any]) -> None:
    text = told(
        flowers(
            rows={"train": 106, "valid": 22, "test": 0},
            metrics={"train": LEARNED, "valid": ACCURATE, **empty},
            intervals={},
            baseline={"valid": TRIVIAL},
        )
    )
    assert "right in 21 of 22 valid rows" in text
    assert "there are no test rows; these chose the best epoch" in text
    assert row(text, "accuracy") == ["accuracy", "0.9545", "-", "0.3636", "0.9811", "+0.02659"]


def test_without_other_rows_training_is_used_and_said() -> None:
    text = told(flowers(rows={"train": 106, "valid": 0, "test": 0}, metrics={"train": LEARNED}, baseline={}))
    assert "right in 104 of 106 train rows\n" in text
    assert "these were learned from" in text
    assert "gap" not in text
    assert "best 60" not in text  # nothing chose it


def test_names_are_literal() -> None:
    text = told(flowers(target="[red]x[/red]\x1b[31m\n:smile:"), run="runs/[bold]a\x07")
    assert "classification of [red]x[/red][31m :smile:" in text
    assert "run      runs/[bold]a\n" in text


def test_on_paper_there_are_no_escapes_and_without_colour_no_colour() -> None:
    assert "\x1b" not in told(flowers())
    file = StringIO()
    summary(flowers(), "runs/iris-1", Console(file=file, force_terminal=True, no_color=True, width=80))
    assert not re.search(r"\x1b\[(?:\d+;)*[34]\d", file.getvalue())
    assert re.sub(r"\x1b\[\d*m", "", file.getvalue()) == told(flowers())


def test_it_can_be_written_in_ascii() -> None:
    file = TextIOWrapper(BytesIO(), encoding="ascii")
    summary(flowers(target="größe"), "runs/日本-1", Console(file=file, width=80))
    file.flush()
    assert b"classification of gr??e" in file.buffer.getvalue()


def test_an_evaluation_is_a_table() -> None:
    file = StringIO()
    figures = {
        "task": "classification",
        "split": "[red]new.csv",
        "rows": 1234,
        "metrics": ACCURATE,
        "intervals": WITHIN,
    }
    figures_table(figures, Console(file=file, width=80))
    title, heads, first, *others = file.getvalue().splitlines()
    assert title == "[red]new.csv, 1,234 rows"
    assert re.split(r" {2,}", heads.strip()) == ["value", "95% interval"]
    assert re.split(r" {2,}", first) == ["accuracy", "0.9545", "0.8636 .. 1.000"]
    assert [line.split()[0] for line in others] == ["balanced_accuracy", "log_loss", "roc_auc", "f1_macro"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (0, "0.000"),
        (0.123456, "0.1235"),
        (-12.3456, "-12.35"),
        (0.000987654, "0.0009877"),
        (0.00001, "1.000e-05"),
        (1.0, "1.000"),
        (999.94, "999.9"),
        (999.96, "1,000"),
        (1234.5, "1,234"),
        (9_999_999.0, "9,999,999"),
        (12_345_678.0, "1.235e+07"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
    ],
)
def test_figures_have_four_digits_or_more(value: float | None, shown: str) -> None:
    assert figure(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0 s"),
        (0.834, "0.83 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (125.0, "2 min 05 s"),
        (3599.7, "1 h 00 min"),
        (100_000.0, "27 h 46 min"),
    ],
)
def test_durations_have_two_units(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown
