"""`netrain init`: the config that one would have written for a table, each line with its evidence."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from netrain.config import Source, table_config
from netrain.data.columns import Column, Drop
from netrain.data.declared import Data
from netrain.data.evidence import evidence
from netrain.data.features import tells_nothing
from netrain.doctor import Patient
from netrain.errors import UsageError
from netrain.finding import Finding
from netrain.hints import as_arguments, hints
from netrain.prepare import facts_of
from netrain.presets import fill
from netrain.shown.outline import outline
from netrain.single import examined, resolve
from netrain.spec import Spec, written
from netrain.storage import write_file
from netrain.yaml12 import inline

SCHEMA = "netrain.schema.json"
WIDTH = 110
# Findings that are told above their column; those of the target stand above the split
OF_COLUMN = ("leak", "suspect", "misread", "sentinel", "unseen", "nearly_empty", "dates", "id")
HEAD = """\
# yaml-language-server: $schema={schema}
# {table}: {rows:,} rows, {columns} columns. It trains as it stands: netrain train CONFIG
# Every key but data.path and data.target has a default; `netrain explain KEY` says what else may stand.
"""


@hints(as_arguments)
def init(table: Path, target: Sequence[str], preset: str, overrides: Sequence[str], folder: Path) -> str:
    """The text of a config for a table, its path relative to a folder. Raises what training would."""
    source, basis = resolve(table_config(table, target, preset, overrides))
    return text_of(source, examined(source, basis), relative(source.table, folder))


def save(text: str, schema: Mapping[str, Any], output: Path, table: Path, *, force: bool) -> None:
    """Write a config, and the schema that editors check it with beside it. Raises UsageError for what is there."""
    if output.name == SCHEMA or (table.exists() and output.exists() and output.samefile(table)):
        message = "this is the name of the schema beside it" if output.name == SCHEMA else "this is the table"
        raise UsageError(message, where=str(output), hint="`--output` takes another name")
    if output.exists() and not force:
        raise UsageError(
            "is there already", where=str(output), hint="`--force` replaces it; `--output` takes another name"
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    write_file(output, text.encode())
    beside = output.parent / SCHEMA
    if force or not beside.exists() or is_schema(beside):
        write_file(beside, (json.dumps(schema, indent=1, ensure_ascii=False) + "\n").encode())


def is_schema(path: Path) -> bool:
    """Whether a file is a schema of ours, of this version or another."""
    try:
        return bool(json.loads(path.read_bytes())["title"] == "Config")
    except (OSError, ValueError, TypeError, KeyError):
        return False


def relative(path: str, folder: Path) -> str:
    """A path as it is seen from a folder, with slashes."""
    return PurePath(os.path.relpath(path, folder.resolve())).as_posix()


def text_of(source: Source, patient: Patient, path: str) -> str:
    """The config in YAML."""
    experiment, facts = patient.experiment, outline(patient, path)
    config, read = experiment.config, facts_of(patient.part("train"), experiment.coding, patient.target)
    document = fill(source.document.data, read)
    head = HEAD.format(
        schema=SCHEMA, table=plain(PurePath(path).name), rows=len(patient.frame), columns=patient.frame.width
    )
    blocks = [
        [f"seed: {config.seed}"],
        ["data:", *data_lines(patient, path, facts)],
        [line("task", config.task, experiment.reason.partition(": ")[2])],
        block("model", shown(config.model, document.get("model")), facts["model"][1:2]),
        block("training", shown(config.training, document.get("training")), facts["training"]),
        [line("loss", written(config.loss))],
        [line("metric", config.metric, "the validation figure that chooses the best epoch")],
    ]
    return head + "\n" + "\n".join("\n".join(lines) + "\n" for lines in blocks if lines)


def shown(spec: Spec, given: Any) -> dict[str, Any]:
    """What is written of a part of the config: its name, what was given for it, and what is no default."""
    fields = type(spec).model_fields
    said = given if isinstance(given, dict) else {}
    keys = [key for key in fields if key == "name" or key in said or getattr(spec, key) != fields[key].default]
    return {key: written(getattr(spec, key)) for key in keys}


def data_lines(patient: Patient, path: str, facts: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What stands below `data`."""
    data, findings = patient.experiment.config.data, patient.experiment.findings
    target = data.target[0] if len(data.target) == 1 else list(data.target)
    yield line("path", path, "", 2)
    yield line("target", target, ", ".join(facts["target"][1:]), 2)
    fields = Data.model_fields
    for key in fields:
        if key not in ("path", "target", "split", "columns") and getattr(data, key) != fields[key].default:
            yield line(key, written(getattr(data, key)), "", 2)
    for finding in findings:
        of_target = not patient.columns.keys() & finding.columns
        if (finding.kind not in OF_COLUMN or of_target) and not finding.left_out:
            yield from warning(finding, 2)
    yield line("split", data.split.model_dump(mode="json"), ", ".join(facts["split"][1:]), 2)
    yield "  columns:"
    for name, column in patient.columns.items():
        for finding in findings:
            if name in finding.columns and finding.kind in OF_COLUMN and not finding.left_out:
                yield from warning(finding, 4)
        chosen, said = column_of(name, column, patient)
        yield line(name, chosen, said, 4)


def column_of(name: str, column: Column, patient: Patient) -> tuple[Any, str]:
    """What is written of a column, and its evidence."""
    cells = patient.frame[name]
    said = evidence(cells, column)
    if isinstance(column, Drop) or tells_nothing(cells):
        return "drop", f"{said}: dropped"
    return written(column), said


def block(key: str, value: dict[str, Any], facts: Sequence[str]) -> list[str]:
    """A key with a mapping below it, a key a line; nothing where there is none."""
    if not value:
        return []
    return [f"{key}:  # {plain(', '.join(facts))}", *(line(k, v, "", 2) for k, v in value.items())]


def warning(finding: Finding, indent: int) -> Iterator[str]:
    """A finding as comments above what it is about."""
    yield f"{'':{indent}}# warning: {plain(finding.message)}"
    if finding.mend:
        yield f"{'':{indent}}#   mend: {plain(finding.mend)}"


def line(key: str, value: Any, comment: str = "", indent: int = 0) -> str:
    """`key: value  # comment`, the comment above where it would be too wide."""
    text = f"{'':{indent}}{inline(key)}: {inline(value)}"
    if not comment:
        return text
    beside = f"{text:<36}  # {plain(comment)}"
    return beside if len(beside) <= WIDTH else f"{'':{indent}}# {plain(comment)}\n{text}"


def plain(text: str) -> str:
    """Text that can stand in a comment: on one line, without control characters."""
    return "".join(c if c.isprintable() else " " for c in text)
