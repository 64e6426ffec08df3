"""Where pages come from: `train`, `resume`, `report`, `evaluate --html`; and where none belongs."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from samples import HOSTILE
from small import Program, small_table

from netrain.page import page


@pytest.fixture
def shown(config: Callable[..., Path]) -> Callable[..., Path]:
    """A config whose run gets a page."""

    def write(**more: object) -> Path:
        path = config(**more)
        path.write_text(path.read_text().replace("report: {page: false}\n", ""))
        return path

    return write


def test_train_and_resume_leave_the_page_of_their_report(netrain: Program, shown: Callable[..., Path]) -> None:
    assert netrain("train", shown(epochs=2), "--run-dir", "r", "-q").code == 0
    first = Path("r/report.html").read_text("utf-8")
    assert first == page(json.loads(Path("r/report.json").read_text("utf-8")))
    assert netrain("resume", "r", "-q", "--set", "training.epochs=3").code == 0
    again = Path("r/report.html").read_text("utf-8")
    assert again == page(json.loads(Path("r/report.json").read_text("utf-8")))
    assert "Stopped after 3 epochs" in again
    assert "Stopped after 2 epochs" in first


def test_a_page_that_is_not_wanted_does_not_stay(netrain: Program, shown: Callable[..., Path]) -> None:
    assert netrain("train", shown(epochs=1), "--run-dir", "r", "-q").code == 0
    assert netrain("resume", "r", "-q", "--set", "training.epochs=2", "--set", "report.page=false").code == 0
    assert not Path("r/report.html").exists()
    assert Path("r/report.json").exists()


def test_report_draws_the_same_page_anew(netrain: Program, shown: Callable[..., Path]) -> None:
    assert netrain("train", shown(epochs=1), "--run-dir", "r", "-q").code == 0
    before = Path("r/report.html").read_bytes()
    Path("r/report.html").unlink()
    said = netrain("report", "r")
    assert (said.code, said.out.strip(), said.err) == (0, "r/report.html", "")
    assert Path("r/report.html").read_bytes() == before
    said = netrain("report", "r", "-o", "other.html", "--json")
    assert json.loads(said.out) == {"run": "r", "page": "other.html"}
    assert Path("other.html").read_bytes() == before


def test_a_fold_has_no_page_and_all_folds_together_have_one(netrain: Program, shown: Callable[..., Path]) -> None:
    words = ("--set", "data.split={name: kfold, folds: 2}", "--run-dir", "r", "-q")
    assert netrain("train", shown(epochs=1), *words).code == 0
    assert [str(p) for p in Path("r").rglob("*.html")] == ["r/report.html"]
    assert "over 2 folds" in Path("r/report.html").read_text("utf-8")
    assert netrain("resume", "r/fold-1", "-q", "--set", "training.epochs=2").code == 0
    assert not Path("r/fold-1/report.html").exists()


def test_evaluate_writes_a_page_of_a_part_or_a_table(netrain: Program, config: Callable[..., Path]) -> None:
    assert netrain("train", config(epochs=1), "--run-dir", "r", "-q").code == 0
    small_table(50, seed=1).write_csv("new.csv")
    for words, said in ((["--split", "valid"], "valid rows"), (["--data", "new.csv"], "50 rows")):
        plain = netrain("evaluate", "r", *words, "--json")
        told = netrain("evaluate", "r", *words, "--json", "--html", "page.html")
        assert (told.code, told.out) == (0, plain.out)
        assert "the page: page.html" in told.err
        drawn = Path("page.html").read_text("utf-8")
        accuracy = json.loads(told.out)["metrics"]["accuracy"]
        assert said in drawn
        assert f"Right in {round(accuracy * 50)} of 50" in drawn or said == "valid rows"
        assert drawn.count('class="chart') > 5
    assert [p.name for p in Path("r").glob("*.html")] == []


def test_strange_names_of_a_table_come_through(netrain: Program, tmp_path: Path) -> None:
    names = [name for name in HOSTILE if name.strip() and name.isprintable() and name.isascii()]
    frame = small_table(120)
    table = pl.DataFrame({name: frame["x"].fill_null(0.0) * (i + 1.0) for i, name in enumerate(names)})
    label = frame["label"].replace_strict({"yes": "</script><script>throw 1</script>", "no": "<img src=x onerror=f()>"})
    table.with_columns(label.alias("<b>y</b>")).write_csv(tmp_path / "t.csv")
    said = netrain("train", "t.csv", "--target", "<b>y</b>", "--preset", "fast", "-s", "training.epochs=1", "-q")
    assert said.code == 0, said.err
    drawn = Path("runs/t-1/report.html").read_text("utf-8")
    assert "<img" not in drawn.partition("<script>/**")[0]
    assert "&lt;b&gt;y&lt;/b&gt;" in drawn
    assert "throw 1</script>" not in drawn
