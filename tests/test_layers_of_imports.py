"""Imports point down: a module may import its own level and those below it, never one above."""

import ast
from pathlib import Path

import pytest

import netrain

ROOT = Path(netrain.__file__).parent

# From the bottom up. `data` and `nn` share a level and never import each other.
LEVELS = [
    {"wording", "aliases"},
    {"errors", "files"},
    {
        "hints",
        "spec",
        "random",
        "lazy",
        "inputs",
        "yaml12",
        "disk",
        "storage",
        "interrupts",
        "talk",
        "metrics",
        "presets",
        "version",
        "finding",
        "requirement",
        "plain",
    },
    {"data", "nn"},
    {"training"},
    {"wanted"},
    {"config", "complaints", "suggestions", "together"},
    {"experiment", "decide", "basis", "prepare", "sources", "size", "environment"},
    {"doctor", "keys"},
    {"shown"},
    {"page", "advice"},
    {"runs"},
    {"report"},
    {"session", "single", "bag", "folds", "example", "comparison"},
    {"commands"},
    {"cli"},
]
LEVEL = {name: level for level, names in enumerate(LEVELS) for name in names}
MODULES = sorted(p for p in ROOT.rglob("*.py") if p.parent != ROOT or p.stem not in ("__init__", "__main__"))


def part(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imported(path: Path) -> set[str]:
    """The modules of netrain that a file imports, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{a.name}" for a in node.names if node.module == "netrain"}
    return {part(name) for name in names if name.startswith("netrain.")}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    own = path.relative_to(ROOT).parts[0].removesuffix(".py")
    assert own in LEVEL, f"{own} has no level: give it one"
    for other in imported(path) & LEVEL.keys():
        assert LEVEL[other] <= LEVEL[own], f"{path.name} imports {other}, which is above it"
        assert {own, other} != {"data", "nn"}, "data and nn never import each other"


def test_every_file_is_short() -> None:
    long = {str(p.relative_to(ROOT)): n for p in ROOT.rglob("*.py") if (n := len(p.read_text().splitlines())) > 300}
    assert not long, "a file is one noun: split along the nouns"


def test_every_function_is_short() -> None:
    long = [
        f"{path.name}:{node.name}"
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 50
    ]
    assert not long
