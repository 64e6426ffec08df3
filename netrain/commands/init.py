"""`netrain init`: the config that one would have written for a table, each line with its evidence."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

from netrain.config import Config, Source, table_config
from netrain.data.columns import Column, Drop
from netrain.data.evidence import evidence
from netrain.data.reading import Reading
from netrain.doctor import Patient, examine, patient_of
from netrain.errors import UsageError
from netrain.finding import Finding
from netrain.outline import outline
from netrain.prepare import facts_of, prepare, read_tables
from netrain.presets import fill
from netrain.single import check_defined, resolve
from netrain.storage import write_file
from netrain.yaml12 import inline

SCHEMA = "netrain.schema.json"
WIDTH = 110
ROWS = ("missing_target", "duplicates", "min_class_rows")  # keys of `data` about which rows are in use
OF_COLUMN = ("leak", "unseen", "nearly_empty", "dates", "id")  # findings that are told above their column
HEAD = """\
# yaml-language-server: $schema={schema}
# {table}: {rows:,} rows, {columns} columns. It trains as it stands: netrain train CONFIG
# Every key but data.path and data.target has a default; `netrain explain KEY` says what else may stand.
"""


def init(table: Path, target: Sequence[str], preset: str, overrides: Sequence[str], folder: Path) -> str:
    """The text of a config for a table, its path relative to a folder. Raises what training would."""
    source, basis = resolve(table_config(table, target, preset, overrides))
    reads = read_tables(source, basis.preprocessor if basis else None)
    experiment = prepare(source, reads, basis)
    check_defined(experiment)
    patient = patient_of(experiment, reads.table)
    return text_of(source, patient, examine(patient), relative(source.table, folder))


def save(text: str, schema: Mapping[str, Any], output: Path, *, force: bool) -> None:
    """Write a config, and the schema that editors check it with beside it. Raises UsageError for what is there."""
    import json

    if output.exists() and not force:
        raise UsageError(
            "is there already", where=str(output), hint="`--force` replaces it; `--output` takes another name"
        )
    write_file(output, text.encode())
    write_file(output.parent / SCHEMA, (json.dumps(schema, indent=1, ensure_ascii=False) + "\n").encode())


def relative(path: str, folder: Path) -> str:
    """A path as it is seen from a folder, with slashes."""
    return PurePath(os.path.relpath(path, folder.resolve())).as_posix()


def text_of(source: Source, patient: Patient, findings: Sequence[Finding], path: str) -> str:
    """The config in YAML."""
    experiment = patient.experiment
    config = experiment.config
    train = patient.part("train")
    written = fill(source.document.data, facts_of(train, experiment.coding, config.data.target))
    facts = outline(patient, path)
    head = HEAD.format(
        schema=SCHEMA, table=plain(PurePath(path).name), rows=len(patient.frame), columns=patient.frame.width
    )
    blocks = [
        [f"seed: {config.seed}"],
        ["data:", *data_lines(config, patient, findings, path, facts)],
        [line("task", config.task, experiment.reason.partition(": ")[2])],
        *[block(key, written[key], facts.get(key, ())) for key in ("model", "training") if key in written],
        [line("loss", written.get("loss", config.loss.name))],
        [line("metric", config.metric, "the validation figure that chooses the best epoch")],
    ]
    return head + "\n" + "\n".join("\n".join(lines) + "\n" for lines in blocks if lines)


def data_lines(
    config: Config, patient: Patient, findings: Sequence[Finding], path: str, facts: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """What stands below `data`."""
    data = config.data
    target = data.target[0] if len(data.target) == 1 else list(data.target)
    yield line("path", path, "", 2)
    yield line("target", target, facts["target"][1], 2)
    own = data.brief()
    for key in (*Reading.model_fields, "weight", "class_weight", "numeric", "categorical", *ROWS):
        if key in own:
            yield line(key, own[key], "", 2)
    for finding in findings:
        if finding.kind not in OF_COLUMN and not finding.left_out:
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
    if not isinstance(column, Drop) and name not in patient.inputs:
        return "drop", evidence(cells, column) + ": dropped"
    short = column.brief()
    said = evidence(cells, column)
    if isinstance(column, Drop):
        said += ": dropped"
    return (short if len(short) > 1 else column.name), said


def block(key: str, value: Any, facts: Sequence[str]) -> list[str]:
    """A key with a mapping below it, a key a line."""
    if not isinstance(value, dict):
        return [line(key, value)]
    said = ", ".join(facts[1:2] if key == "model" else facts)
    return [f"{key}:  # {plain(said)}" if said else f"{key}:", *(line(k, v, "", 2) for k, v in value.items())]


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
