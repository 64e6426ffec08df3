"""Every message that a user can be shown, whole, beside what provokes it.

`NETRAIN_GOLDEN=write pytest tests/test_golden.py` writes the texts anew; the diff of git says what changed.
"""

import ast
import io
import os
import re
import shlex
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from difflib import unified_diff
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from golden_cases import EXCEPTIONS, GROUPS, RUNS, Case
from small import small_table

import netrain
from netrain.cli import main
from netrain.errors import NetrainError

FOLDER = Path(__file__).parent / "golden"
PACKAGE = Path(netrain.__file__).parent
WRITE = os.environ.get("NETRAIN_GOLDEN") == "write"

Lines = set[tuple[str, int]]


def run(arguments: list[str], stdin: bytes = b"") -> tuple[int, str, str]:
    """The program in this process: exit code, stdout, stderr."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True), io.StringIO()
    before = sys.argv, sys.stdin
    sys.argv, sys.stdin = ["netrain", *arguments], io.TextIOWrapper(io.BytesIO(stdin))
    try:
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
    finally:
        sys.argv, sys.stdin = before
    return ended.value.code, out.buffer.getvalue().decode(), err.getvalue()


def told(case: Case, base: Path, folder: Path) -> str:
    """What a case says, as the golden files have it."""
    folder.mkdir()
    os.chdir(folder)
    for name in case.runs:
        shutil.copytree(base / name, folder / name)
    for name, content in case.files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    if case.before:
        case.before()
    if case.python:
        with pytest.raises(NetrainError) as caught:
            eval(case.python, {"netrain": netrain})
        text = f">>> {case.python}\n{type(caught.value).__name__}: {caught.value}\n"
    else:
        code, _, err = run(shlex.split(case.command), case.stdin)
        text = f"$ netrain {case.command}\n{err}exit {code}\n"
    text = re.sub(r"/proc/\d+/", "/proc/self/", text)
    for path, name in ((folder, "HERE"), (base, "ELSEWHERE")):
        text = text.replace(str(path), name)
    if case.until:
        text = "".join(line.partition(case.until)[0] + "...\n" if case.until in line else line for line in lines(text))
    return text


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


@contextmanager
def traced(functions: Callable[[CodeType], bool], seen: Lines) -> Iterator[None]:
    """Notes the lines that run in the functions chosen."""
    chosen: dict[CodeType, bool] = {}

    def line(frame: FrameType, event: str, argument: Any) -> Any:  # noqa: ARG001
        seen.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    def call(frame: FrameType, event: str, argument: Any) -> Any:  # noqa: ARG001
        code = frame.f_code
        if code not in chosen:
            chosen[code] = functions(code)
        return line if chosen[code] else None

    before = sys.gettrace()
    sys.settrace(call)
    threading.settrace(call)
    try:
        yield
    finally:
        sys.settrace(before)
        threading.settrace(before)


class Site:
    """A statement that makes an error for the user."""

    def __init__(self, path: Path, function: str, node: ast.stmt) -> None:
        self.path, self.function, self.first, self.last = path, function, node.lineno, node.end_lineno or node.lineno

    @property
    def name(self) -> str:
        return f"{self.path.relative_to(PACKAGE)}:{self.function}"


def sites() -> list[Site]:
    """Where the package raises, or makes a problem or an error to raise."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                own = [node for node in ast.walk(function) if isinstance(node, ast.stmt) and makes_error(node)]
                found += [Site(path, function.name, node) for node in own]
    return found


def makes_error(node: ast.stmt) -> bool:
    if isinstance(node, ast.Raise):
        return isinstance(node.exc, ast.Call) and called(node.exc) not in ("Exit", "SystemExit")
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
        return called(node.value) in ("Problem", "problem") or called(node.value).endswith("Error")
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and called(node.value) == "_complain"


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, str], Lines]:
    """The text of each group, and the lines of the package that ran."""
    base = tmp_path_factory.mktemp("base")
    here = Path.cwd()
    where = {str(site.path) for site in sites()}
    spans = [(str(site.path), site.first, site.last) for site in sites()]

    def chosen(code: CodeType) -> bool:
        if code.co_filename not in where:
            return False
        last = max((line for _, _, line in code.co_lines() if line), default=0)
        return any(f == code.co_filename and code.co_firstlineno <= a and b <= last + 60 for f, a, b in spans)

    seen: Lines = set()
    try:
        os.chdir(base)
        small_table().write_csv("t.csv")
        for name, command in RUNS.items():
            code, _, err = run(shlex.split(f"train t.csv {command} --set report.page=false --run-dir {name} -q"))
            assert (code, err) == (0, ""), err
        texts = {}
        with traced(chosen, seen):
            for group, cases in GROUPS.items():
                folder = tmp_path_factory.mktemp(group)
                parts = [f"== {name}\n{told(c, base, folder / str(i))}" for i, (name, c) in enumerate(cases.items())]
                texts[group] = "\n".join(parts)
    finally:
        os.chdir(here)
    return texts, seen


@pytest.mark.parametrize("group", GROUPS)
def test_every_message_reads_as_it_is_pinned(golden: tuple[dict[str, str], Lines], group: str) -> None:
    path, now = FOLDER / f"{group}.txt", golden[0][group]
    if WRITE:
        path.write_text(now, encoding="utf-8")
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    diff = "".join(unified_diff(lines(before), lines(now), str(path), "now", n=4))
    assert not diff, f"{diff}\nwhere the new text is better: NETRAIN_GOLDEN=write pytest {Path(__file__).name}"


def test_no_message_is_a_bug_and_none_is_an_end_without_words(golden: tuple[dict[str, str], Lines]) -> None:
    for group, text in golden[0].items():
        assert "Traceback" not in text
        assert ("exit 0" in text) == (group == "done")
        assert "exit 1\n" not in text


def test_every_place_that_makes_an_error_is_among_the_cases(golden: tuple[dict[str, str], Lines]) -> None:
    seen = golden[1]
    missed = {
        f"{site.name} (line {site.first})"
        for site in sites()
        if site.name not in EXCEPTIONS
        and not any((str(site.path), line) in seen for line in range(site.first, site.last + 1))
    }
    assert not missed, "add a case to golden_cases.py, or an exception with its reason:\n" + "\n".join(sorted(missed))


def test_every_exception_is_still_there() -> None:
    assert EXCEPTIONS.keys() <= {site.name for site in sites()}
