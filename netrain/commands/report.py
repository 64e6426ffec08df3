"""`netrain report`: the page of a run, drawn anew from its report.json."""

from __future__ import annotations

from pathlib import Path

from netrain.errors import CheckpointError, UsageError
from netrain.page import page
from netrain.runs.run import open_run
from netrain.storage import new_file


def report(run: Path, output: Path | None) -> Path:
    """Where the page was put: into the run, unless `output` names another place.

    Raises CheckpointError where the run has no report yet.
    """
    of = open_run(run)
    given = of.read_report()
    if given is None:
        raise CheckpointError(
            "this run has no report yet", where=str(of.report), hint=f"`netrain resume {run}` makes it"
        )
    path = output or of.page
    save_page(page(given), path)
    return path


def save_page(drawn: str, path: Path) -> None:
    """Put a page at a path. Raises UsageError for a folder, StorageError where it cannot be written."""
    if path.is_dir():
        raise UsageError(f"`{path}` is a folder", hint=f"`{path / 'report.html'}`")
    with new_file(path) as stream:
        stream.write(drawn.encode())
