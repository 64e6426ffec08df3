"""The learning-rate finder: its choice trains well, whatever the optimizer; its chart shows the curve."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from small import Program

from netrain.commands.find_lr import hopeless
from netrain.shown.chart import log_chart

WriteConfig = Callable[..., Path]


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "lion"])
def test_the_rate_it_names_trains_better_than_rates_far_off(
    netrain: Program, config: WriteConfig, optimizer: str
) -> None:
    path = config(target="value", epochs=100)
    setting = f"training.optimizer={optimizer}"
    found = json.loads(netrain("find-lr", path, "-s", setting, "--json").out)
    rate = found["learning_rate"]
    assert found["rates"] == sorted(found["rates"])
    assert len(found["rates"]) == len(found["losses"])

    def loss(rate: float) -> float:
        optimizing = f"training.optimizer={{name: {optimizer}, learning_rate: {rate}}}"
        told = netrain("train", path, "-s", optimizing, "--json", "-q")
        return json.loads(told.out)["metrics"]["valid"]["rmse"] if told.code == 0 else float("inf")

    assert loss(rate) < min(loss(rate / 100), loss(rate * 1000))


def test_batches_that_differ_are_not_taken_for_a_training_that_came_undone() -> None:
    noise = np.random.default_rng(0).normal(size=(500, 200))
    assert not any(hopeless((2.5 + 0.8 * row[:n]).tolist()) for row in noise for n in range(40, 200, 8))
    assert hopeless((2.5 + 0.8 * noise[0]).tolist() + [40.0] * 5 + [50.0] * 4)
    falling = np.linspace(2.5, 0.5, 100) + 0.1 * noise[0, :100]
    assert not hopeless(falling.tolist())
    assert hopeless([*falling, *np.linspace(10.0, 90.0, 9)])


def test_it_draws_and_prints_the_line_to_use_and_saves_nothing(netrain: Program, config: WriteConfig) -> None:
    told = netrain("find-lr", config())
    assert told.code == 0
    assert "--set training.optimizer.learning_rate=" in told.out
    assert "1e-3" in told.out
    assert not Path("runs").exists()


def test_a_chart_is_as_wide_as_it_may_be_and_falls_where_the_curve_falls() -> None:
    rates = [10.0**-p for p in range(6, 0, -1)]
    lines = log_chart(rates, [5.0, 5.0, 4.0, 2.0, 1.0, 90.0], width=50, height=6, mark="*", at=1e-3)
    assert max(map(len, lines)) <= 50
    marks = {line.index("*") for line in lines[:6] if "*" in line}
    assert len(marks) >= 4
    assert lines[0].lstrip().startswith("7")  # what is far above the start is cut off there: 5 + (5 - 1) / 2
    assert lines[-1].strip() == "^"
    assert log_chart([], [], width=50, height=6, mark="*") == []


def test_it_sweeps_an_ensemble_with_rows_of_their_own(netrain: Program, config: WriteConfig) -> None:
    path = config(target="value", epochs=2)
    model = "{name: tabm, hidden: [8], ensemble: 3}"
    found = json.loads(netrain("find-lr", path, "-s", f"model={model}", "--json").out)
    assert found["losses"][0] > min(found["losses"])
