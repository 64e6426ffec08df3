"""What the tests of faults share: a tiny run, and processes that can be killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from small import Program, small_table
from tiny import TINY
from zygote import Zygote


@pytest.fixture
def tiny(netrain: Program, tmp_path: Path) -> Path:  # noqa: ARG001  # it moves to the folder
    """A config over a small table, both in the folder that the program runs in."""
    small_table().write_csv(tmp_path / "table.csv")
    (tmp_path / "tiny.yaml").write_text(TINY)
    return tmp_path / "tiny.yaml"


@pytest.fixture
def run(netrain: Program, tiny: Path, tmp_path: Path) -> Path:
    """A finished run of it."""
    told = netrain("train", tiny, "--run-dir", "run", "-q")
    assert told.code == 0, told.err
    return tmp_path / "run"


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    """Starts the program in processes of their own, quickly."""
    with Zygote() as it:
        yield it
