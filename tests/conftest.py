"""What tests share: the program in this process, and a config over a small table."""

import io
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from small import Program, Said, small_table

from netrain.cli import main


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What takes minutes runs where `-m` asks for it: CI has ten minutes, and a quick part of each is in it."""
    if not config.option.markexpr:
        for item in items:
            if item.get_closest_marker("slow"):
                # a choice of time, not of the machine: `pytest -m slow` runs them all, anywhere
                item.add_marker(pytest.mark.skip(reason="takes minutes: -m slow"))


@pytest.fixture
def netrain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Runs `netrain ARGUMENTS` in this process, in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["netrain", *map(str, arguments)])
        out, err = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return Said(ended.value.code, out.buffer.getvalue().decode(), err.getvalue())

    return run


CONFIG = """\
report: {{page: false}}
data: {{path: table.csv, target: {target}, columns: {{{other}: drop}}}}
model: {{name: mlp, hidden: [16, 8], dropout: 0.2, norm: layer}}
training:
  epochs: {epochs}
  batch_size: 32
  schedule: {schedule}
  stop: never
  save_every: 0
"""


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Path]:
    """Writes table.csv and a config beside it."""

    def write(*, target: str = "label", epochs: int = 6, schedule: str = "constant", more: str = "") -> Path:
        small_table().write_csv(tmp_path / "table.csv")
        other = "value" if target == "label" else "label"
        path = tmp_path / "small.yaml"
        path.write_text(CONFIG.format(target=target, other=other, epochs=epochs, schedule=schedule) + more)
        return path

    return write
