"""What a network takes in memory is known before it is made, and refused where the machine has less."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from netrain import size
from netrain.data.columns import Categorical, Numeric, Quantile
from netrain.data.features import fit_columns
from netrain.errors import DataError, StorageError
from netrain.nn.build import Shape, build
from netrain.nn.models import Linear, Mlp, Model, Resnet
from netrain.nn.optimizers import Sgd
from netrain.training.recipe import Training

SHAPE = Shape(5, (30, 7), 3)


@pytest.mark.parametrize(
    "model", [Linear(), Mlp(hidden=(9, 4), norm="batch"), Mlp(norm="layer"), Resnet(width=8, blocks=3)]
)
def test_the_count_is_that_of_the_network(model: Model) -> None:
    assert size.parameters(model, SHAPE) == len(build(model, SHAPE, seed=0, rows=2).flat.values)


def test_a_network_is_refused_where_its_vectors_exceed_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    bytes_of_one = 4 * size.parameters(Mlp(), SHAPE)
    plain = Training(optimizer=Sgd(momentum=0.0))
    vectors = 3 + len(size.slot_names(plain))
    monkeypatch.setattr(size, "memory", lambda: vectors * bytes_of_one)
    size.check_memory(Mlp(), SHAPE, plain)
    with pytest.raises(StorageError, match="weights needs"):
        size.check_memory(Mlp(), SHAPE, Training())
    assert StorageError.exit_code == 5


def test_more_levels_than_a_checkpoint_holds_are_refused_before_training(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pl.DataFrame({"few": ["a", "b"] * 50, "many": [f"level {i}" for i in range(100)]})
    preprocessor, _ = fit_columns(table, {"few": Categorical(), "many": Categorical()})
    size.check_kept(preprocessor)
    monkeypatch.setattr(size, "KEPT", 1000)
    with pytest.raises(DataError, match="a checkpoint holds") as caught:
        size.check_kept(preprocessor)
    assert "`--set data.columns.many=drop`" in str(caught.value)


@pytest.mark.parametrize(("columns", "kept"), [(1, 1000), (100, 1000), (2_000, 50)])
def test_many_columns_keep_fewer_quantiles_each(columns: int, kept: int) -> None:
    numbers = pl.Series(np.arange(1200.0))
    table = pl.DataFrame({f"x{i}": numbers for i in range(columns)})
    preprocessor, _ = fit_columns(table, dict.fromkeys(table.columns, Numeric(scale=Quantile())))
    assert {len(fitted.scale.quantiles) for fitted in preprocessor.columns} == {kept}
    size.check_kept(preprocessor)


def test_columns_scaled_otherwise_leave_the_quantiles_to_the_others() -> None:
    numbers = pl.Series(np.arange(1200.0))
    columns = {f"x{i}": Numeric() for i in range(300)} | {"x0": Numeric(scale=Quantile())}
    preprocessor, _ = fit_columns(pl.DataFrame(dict.fromkeys(columns, numbers)), columns)
    assert len(preprocessor.columns[0].scale.quantiles) == 1000


def test_the_machine_has_memory() -> None:
    assert 1e8 < size.memory() < 1e14


def test_memory_that_does_not_suffice_is_no_bug(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("x,y\n" + "1,a\n2,b\n" * 20)
    limited = f"ulimit -v 6000000; exec {sys.executable} -m netrain check t.csv --target y -s model.hidden=[1000000]"
    done = subprocess.run(["bash", "-c", limited], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (5, False), done.stderr
    assert done.stderr.startswith("error: memory does not suffice: ")
