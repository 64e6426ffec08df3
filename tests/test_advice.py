"""The doctor for training: each fault is named on runs made to have it, healthy runs are not, and its way out mends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from faulty import FAULTS, HEALTHY, RATE, Fault, explained, trained, write_table
from hypothesis import given, settings
from hypothesis import strategies as st
from small import Program

from netrain.advice import course_of, diagnose
from netrain.config import parse_config
from netrain.errors import DivergedError

LARGE_ENOUGH = ["dead_units-three", "dead_units-moons"]  # which is better depends on the kernels of BLAS
NO_WAY_OUT = ("no_better_than_trivial",)
MISSED = ["overfitting-diabetes"]  # see docs/report.md
QUICK = [fault for fault in FAULTS if fault.quick]
OTHERS = [fault for fault in FAULTS if not fault.quick and fault.short not in MISSED]


def kinds(report: dict[str, Any]) -> list[str]:
    return [finding["kind"] for finding in report["advice"]]


def of(report: dict[str, Any], kind: str) -> dict[str, Any]:
    return next(finding for finding in report["advice"] if finding["kind"] == kind)


def said(report: dict[str, Any]) -> list[str]:
    """All that the terminal tells to set."""
    return [setting for finding in report["advice"][:3] for setting in finding["set"]]


def check_named_and_mended(fault: Fault, folder: Path) -> None:
    """The fault is named, and a run that does what is said does better; after two steps at most the fault is gone.

    Units that live again need not do better where the network was large enough with some of them dead.
    """
    path = write_table(fault.table, folder)
    try:
        report = trained(path, fault.settings, folder / "run")
    except DivergedError as error:  # with some kernels of BLAS: the error is what names the fault and its way out
        (lower,) = re.findall(rf"--set ({RATE}=[^`]+)", str(error))
        assert fault.kind == "rate_too_high"
        assert fault.kind not in kinds(trained(path, (*fault.settings, lower), folder / "mended"))
        return
    assert fault.kind in kinds(report)
    finding = of(report, fault.kind)
    assert finding["message"]
    assert finding["why"]
    if fault.kind in NO_WAY_OUT:
        return
    assert finding["set"]
    settings = (*fault.settings, *said(report))
    mended = trained(path, settings, folder / "mended")
    if fault.kind not in ("class_collapse", "small_validation"):  # which cost or chance the figures of other rows
        assert fault.short in LARGE_ENOUGH or explained(mended) > explained(report)
    if fault.kind in kinds(mended):
        mended = trained(path, (*settings, *said(mended)), folder / "again")
    assert fault.kind not in kinds(mended)


@pytest.mark.parametrize("fault", QUICK, ids=lambda f: f.short)
def test_a_fault_is_named_and_its_mend_helps(fault: Fault, tmp_path: Path) -> None:
    check_named_and_mended(fault, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("fault", OTHERS, ids=lambda f: f.name)
def test_other_faults_are_named_and_mended(fault: Fault, tmp_path: Path) -> None:
    check_named_and_mended(fault, tmp_path)


def test_every_kind_is_made() -> None:
    assert len({fault.kind for fault in QUICK}) == 10


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_run_is_left_in_peace(name: str, tmp_path: Path) -> None:
    assert kinds(trained(write_table(name, tmp_path), (), tmp_path / "run")) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("preset", ["fast", "default"])
@pytest.mark.parametrize("seed", [1, 2])
def test_so_are_others(name: str, preset: str, seed: int, tmp_path: Path) -> None:
    path = write_table(name, tmp_path)
    assert kinds(trained(path, (f"seed={seed}",), tmp_path / "run", preset=preset)) == []


figure = st.none() | st.floats(allow_nan=True) | st.floats(0.0, 5.0)
epoch = st.fixed_dictionaries(
    {
        "train": st.fixed_dictionaries({"loss": st.floats(0.0, 1e300)}),
        "valid": st.fixed_dictionaries({"loss": figure, "accuracy": figure}) | st.just({}),
        "learning_rate": st.floats(0.0, 1e6),
        "gradient_norm": st.floats(0.0, 1e300),
        "update_norm": st.floats(0.0, 1e300),
    }
)
CONFIGS = [
    "model: {name: mlp, dropout: 0.9}",
    "model: {name: tabm, hidden: [2]}",
    "model: {name: resnet, width: 3, dropout: 0.6}",
    "model: linear",
    "preset: fast",
    "model: {name: mlp, hidden: [512], activation: leaky_relu}\ntraining: {optimizer: {name: sgd, learning_rate: 100}}",
    "model: {name: mlp}\ntraining: {optimizer: {name: lion, learning_rate: 1e-9}, epochs: 3}",
]


def text(config: str) -> str:
    return f"data: {{path: t.csv, target: y, split: {{valid: 0.05}}}}\nloss: cross_entropy\n{config}\n"


@settings(max_examples=100, deadline=None)
@given(
    config=st.sampled_from(CONFIGS),
    epochs=st.lists(epoch, min_size=1, max_size=30),
    best=st.integers(1, 30),
    seen=st.dictionaries(st.sampled_from(["accuracy", "log_loss", "roc_auc"]), figure),
    others=st.dictionaries(st.sampled_from(["accuracy", "log_loss", "roc_auc"]), figure),
    trivial=st.dictionaries(st.sampled_from(["accuracy", "log_loss"]), figure),
    confusion=st.lists(st.lists(st.integers(0, 1000), min_size=3, max_size=3), min_size=3, max_size=3),
    dead=st.integers(0, 8),
    rows=st.integers(0, 10_000),
)
def test_whatever_the_curves_the_advice_can_be_followed(
    config: str,
    epochs: list[Any],
    best: int,
    seen: Any,
    others: Any,
    trivial: Any,
    confusion: Any,
    dead: int,
    rows: int,
) -> None:
    report = {
        "task": "classification",
        "main": "accuracy",
        "rows": {"train": 500, "valid": rows, "test": 100},
        "metrics": {"train": {"accuracy": 0.5} | seen, "test": {"accuracy": 0.5} | others},
        "intervals": {"test": {"accuracy": [0.4, 0.6]}},
        "baseline": {"test": trivial},
        "details": {"test": {"classes": ["a", "b", "c"], "confusion": confusion}},
        "best_epoch": best,
        "stopped": {"reason": "all epochs done"},
        "figures": {"learning": {"units": [{"layer": "hidden.0", "units": 8, "dead": dead}]}},
    }
    source = parse_config(text(config), "c.yaml")
    for finding in diagnose(course_of(source.config, report, epochs)):
        assert finding.message[0].islower() or not finding.message[0].isalpha()
        changed = parse_config(text(config), "c.yaml", finding.settings).config
        assert not finding.settings or changed != source.config


def falling(epochs: int) -> list[dict[str, Any]]:
    """Losses that fall, with a gap to nothing."""
    losses = [1.0 / (1 + n) for n in range(epochs)]
    rest = {"learning_rate": 1e-3, "gradient_norm": 1.0, "update_norm": 0.1}
    return [{"train": {"loss": loss}, "valid": {"loss": loss}, **rest} for loss in losses]


@pytest.mark.parametrize(("start", "told"), [("", ("model.dropout=0.1",)), ("runs/a-1", ())])
def test_a_model_that_is_given_is_not_to_be_changed(start: str, told: tuple[str, ...]) -> None:
    training = f"training: {{epochs: 20, start_from: '{start}'}}"
    config = parse_config(text(f"model: {{name: mlp, dropout: 0.9}}\n{training}"), "c.yaml").config
    figures = {"accuracy": 0.6, "log_loss": 0.6}
    report = {
        "task": "classification",
        "main": "accuracy",
        "rows": {"train": 500, "valid": 100, "test": 100},
        "metrics": {"train": figures, "test": figures},
        "intervals": {},
        "baseline": {"test": {"accuracy": 0.5, "log_loss": 0.7}},
        "details": {},
        "best_epoch": 20,
        "stopped": {"reason": "all epochs done"},
        "figures": {},
    }
    (finding,) = diagnose(course_of(config, report, falling(20)))
    assert (finding.kind, finding.settings) == ("underfitting", told)


def test_train_and_resume_and_each_fold_report_it(netrain: Program, tmp_path: Path) -> None:
    path = write_table("moons", tmp_path)
    few = ("--preset", "fast", "--set", "training.epochs=2", "--run-dir", "r")
    first = netrain("train", path, "--target", "y", *few)
    report = json.loads((tmp_path / "r/report.json").read_text())
    assert kinds(report) == ["still_improving"]
    (setting,) = report["advice"][0]["set"]
    assert f"         --set {setting}\n" in first.err
    on = netrain("resume", "r", "--set", setting)
    assert on.code == 0
    assert kinds(json.loads((tmp_path / "r/report.json").read_text())) == []
    assert "advice" not in on.err
    folds = ("--set", "data.split.name=kfold", "--set", "data.split.folds=2", "--run-dir", "k")
    told = netrain("train", path, "--target", "y", *few[:4], *folds)
    assert told.code == 0
    assert "advice" not in told.err
    assert kinds(json.loads((tmp_path / "k/fold-1/report.json").read_text())) == ["still_improving"]
    assert netrain("train", path, "--target", "y", *few[:4], "--quiet").err == ""
