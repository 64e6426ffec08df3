"""What a network takes in memory is known before it is made, and refused where the machine has less."""

import pytest

from netrain import size
from netrain.errors import StorageError
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


def test_the_machine_has_memory() -> None:
    assert 1e8 < size.memory() < 1e14
