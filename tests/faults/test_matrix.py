"""The matrix names every fault, and only tests that there are."""

import ast
from functools import cache
from pathlib import Path

from matrix import ROOT, ROWS, Results, Row, function


@cache
def functions(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def test_every_fault_has_a_test_that_there_is_or_a_reason() -> None:
    assert [row.number for row in ROWS] == list(range(1, 96))
    assert {row.number for row in ROWS if row.because} == {49, 51, 55}
    for row in ROWS:
        assert bool(row.tests) != bool(row.because), row
        for test in row.tests:
            path, _, name = function(test).partition("::")
            assert name in functions(ROOT / path), test


def test_a_row_passes_where_all_its_tests_do() -> None:
    results = Results()
    results.outcomes = {"a.py::x[1]": "passed", "a.py::x[2]": "skipped", "a.py::y": "failed", "a.py::z": "skipped"}
    told = {
        test: results.of(Row(1, "", "", (test,)).tests) for test in ("a.py::x", "a.py::x[2]", "a.py::y", "a.py::none")
    }
    assert told == {"a.py::x": "passed", "a.py::x[2]": "only with --slow", "a.py::y": "FAILED", "a.py::none": "FAILED"}
    assert results.of(("a.py::x", "a.py::y", "a.py::z")) == "FAILED"
    assert results.of(("a.py::x", "a.py::z")) == "passed, more with --slow"
