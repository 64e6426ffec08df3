"""Numbers that are not finite, sums over many rows, and the same bytes from every way to the end."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from disks import Counting, Crash
from hostile import opened, sealed
from small import Program, small_table
from tiny import checkpoints, figures

from netrain.environment import environment
from netrain.metrics import ClassScores, ValueScores
from netrain.nn.losses import CrossEntropy, SquaredError
from netrain.runs import bundle
from netrain.runs.bundle import load_bundle
from netrain.runs.run import Run
from netrain.storage import writing_to
from netrain.training.threads import controller


def test_divergence_keeps_the_last_good_checkpoint_and_names_the_columns(
    netrain: Program, tiny: Path, tmp_path: Path
) -> None:
    wild = ("-s", "training.optimizer={name: sgd, learning_rate: 1e9}", "-s", "model.norm=none")
    unscaled = ("-s", "data.columns={value: {name: numeric, scale: none}, city: drop}")
    small_table().with_columns(value=small_table()["value"] * 1e6).write_csv("table.csv")
    told = netrain("train", tiny, "--run-dir", "r", *wild, *unscaled)
    assert told.code == 7, told.err
    assert "training diverged: the" in told.err
    assert "at epoch 1, batch" in told.err
    assert "or another `scale` for `value`, of which inputs are beyond 1000" in told.err
    for path in (tmp_path / "r/checkpoints").iterdir():
        assert all(np.isfinite(tensor).all() for tensor in load_bundle(path).tensors.values())


def test_weights_that_are_not_finite_are_never_saved(
    netrain: Program, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = checkpoints(run)
    real = bundle.save_last

    def broken(path: Path, experiment: object, network: bundle.Network, state: object) -> None:
        network.flat.values[0] = np.inf
        real(path, experiment, network, state)  # type: ignore[arg-type]

    monkeypatch.setattr("netrain.session.save_last", broken)
    told = netrain("resume", run, "-q", "-s", "training.epochs=5")
    assert told.code == 7
    assert "weights are not finite" in told.err
    assert checkpoints(run) == before


def test_a_figure_that_is_not_finite_is_null_and_never_best(
    netrain: Program, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the loss overflows in validation: here in the first epoch and the last."""
    calls = [0]

    def value_and_grad(self: CrossEntropy, out: np.ndarray, y: np.ndarray, weights: object, grad: np.ndarray) -> float:
        loss = real(self, out, y, weights, grad)  # type: ignore[arg-type]
        if len(y) == 30:
            calls[0] += 1
            return {1: math.inf, 3: math.nan}.get(calls[0], loss)  # the linear baseline validates, too
        return loss

    real = CrossEntropy.value_and_grad
    monkeypatch.setattr(CrossEntropy, "value_and_grad", value_and_grad)
    assert netrain("train", tiny, "--run-dir", "r", "-q").code == 0
    text = (tmp_path / "r/epochs.jsonl").read_text()
    assert "NaN" not in text
    assert "Infinity" not in text
    assert [json.loads(line)["valid"]["loss"] is None for line in text.splitlines()] == [True, False, True]
    assert load_bundle(Run(tmp_path / "r").best).checked.epoch == 2


def test_a_last_batch_of_one_row_under_batch_norm_is_defined(netrain: Program, tiny: Path, tmp_path: Path) -> None:
    assert netrain("train", tiny, "--run-dir", "r", "-q", "-s", "training.batch_size=139").code == 0
    assert len(figures(tmp_path / "r")) == 3
    assert netrain("train", tiny, "--run-dir", "one", "-q", "-s", "training.batch_size=1").code == 0


@pytest.mark.parametrize("n", [pytest.param(10_000_000, marks=pytest.mark.slow), 1_000_000])
def test_sums_over_many_rows_lose_nothing(n: int) -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=n).astype(np.float32) + np.float32(1000.0)
    prediction = y + rng.normal(size=n).astype(np.float32) * np.float32(0.01)
    error = prediction.astype(np.float64) - y.astype(np.float64)
    exact = math.fsum(np.square(error).tolist()) / n
    score = ValueScores(y, prediction).score()
    assert score["rmse"] == pytest.approx(math.sqrt(exact), rel=1e-12)
    assert score["mae"] == pytest.approx(math.fsum(np.abs(error).tolist()) / n, rel=1e-12)
    out = prediction[:, None]
    loss = SquaredError().value_and_grad(out, y[:, None], None, np.empty_like(out))
    assert loss == pytest.approx(exact, rel=1e-6)
    p = rng.uniform(0.2, 0.8, n)
    truth = (rng.random(n) < p).astype(np.int32)
    both = np.stack([1.0 - p, p], axis=1)
    exact = -math.fsum(np.log(both[np.arange(n), truth]).tolist()) / n
    assert ClassScores(truth, both).score()["log_loss"] == pytest.approx(exact, rel=1e-12)


class CrashingAtSave(Counting):
    """Nothing happens any more after a number of saves of `last`."""

    def __init__(self, saves: int) -> None:
        super().__init__()
        self.saves = saves

    def at(self, name: str, arguments: tuple[object, ...]) -> None:
        if self.saves == 0:
            raise Crash
        if name == "sync_folder" and str(arguments[0]).endswith("checkpoints") and self.done[-2] == "replace":
            self.saves -= 1


@pytest.mark.parametrize("epochs", [pytest.param(3, marks=pytest.mark.slow), 2])
def test_a_training_stopped_at_every_step_ends_in_the_same_bytes(
    netrain: Program, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, epochs: int
) -> None:
    """Through files: saved after each step of each epoch, stopped there, and gone on with."""
    tiny.write_text(tiny.read_text().replace("epochs: 3", f"epochs: {epochs}"))
    assert netrain("train", tiny, "--run-dir", "whole", "-q").code == 0
    monkeypatch.setattr("netrain.training.fit.TICK", -1.0)
    monkeypatch.setattr("netrain.session.SPARING", 0.0)
    places = set()
    for saves in range(1, 100):
        try:
            with writing_to(CrashingAtSave(saves)):
                assert netrain("train", tiny, "--run-dir", "r", "-q").code == 0
        except Crash:
            state = load_bundle(Run(tmp_path / "r").last).state()
            places.add((state.epoch, state.batch))
            assert netrain("resume", "r", "-q").code == 0
            assert checkpoints(tmp_path / "r") == checkpoints(tmp_path / "whole")
            assert figures(tmp_path / "r") == figures(tmp_path / "whole")
            shutil.rmtree(tmp_path / "r")
        else:
            break
    assert places >= {(epoch, batch) for epoch in range(epochs) for batch in (0, 1, 2)} - {(0, 0)}


def test_another_environment_is_told_and_another_config_or_table_refused(netrain: Program, run: Path) -> None:
    here = environment()
    assert set(here) == {"numpy", "blas", "kernel", "simd", "machine"}
    assert here["numpy"] == np.__version__
    assert all(here.values()), here
    import scipy.linalg  # noqa: F401  # it brings another BLAS, with which nothing is computed here

    controller.cache_clear()
    assert environment() == here
    last = Run(run).last
    facts, tensors = opened(last)
    assert facts["environment"] == here
    facts["environment"] = here | {"numpy": "1.0.0", "kernel": "Prescott"}
    sealed(last, facts, tensors)
    told = netrain("resume", run, "-s", "training.epochs=4")
    assert told.code == 0
    assert "warning: numpy was `1.0.0`" in told.err
    assert "kernel was `Prescott`" in told.err
    assert "warning" not in netrain("resume", run, "-s", "training.epochs=5").err

    config = Run(run).config
    text = config.read_text()
    config.write_text(text.replace("dropout: 0.1", "dropout: 0.2"))
    told = netrain("resume", run, "-s", "training.epochs=6")
    assert (told.code, "the config has changed since the checkpoint: `model`" in told.err) == (2, True), told.err
    config.write_text(text)
    small_table(200, seed=5).write_csv(run.parent / "table.csv")
    assert netrain("resume", run, "-s", "training.epochs=6").code == 3


def test_under_an_average_last_predicts_with_it_and_goes_on_without(netrain: Program, run: Path) -> None:
    """The figures of `last` are those of its last epoch, and its own weights are kept beside."""
    last = load_bundle(Run(run).last)
    average = np.concatenate([last.tensors[f"network.{name}"].ravel() for name in last.network.flat.named])
    assert (average == last.tensors["optimizer.average"]).all()
    assert not (average == last.values()).all()
    told = json.loads(netrain("evaluate", Run(run).last, "--split", "valid", "--json").out)
    assert {name: told["metrics"][name] for name in ("accuracy", "log_loss")} == {
        name: figures(run)[-1]["valid"][name]  # type: ignore[index]
        for name in ("accuracy", "log_loss")
    }
