"""Which format a file has, and what reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import Literal, assert_never

from netrain.data.arrow import ArrowReader, read_ipc, read_parquet
from netrain.data.content import PACKINGS, Content
from netrain.data.csv import CsvReader
from netrain.data.jsonl import JsonlReader
from netrain.data.reading import Reading
from netrain.data.records import Reader
from netrain.errors import DataError

Format = Literal["csv", "tsv", "parquet", "ipc", "jsonl"]

MAGIC: dict[Format, bytes] = {"parquet": b"PAR1", "ipc": b"ARROW1"}
SUFFIXES: dict[str, Format] = {
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "ipc",
    ".feather": "ipc",
    ".ipc": "ipc",
}
LOOKS = (
    (b"PAR1", "a parquet file"),
    (b"ARROW1", "an arrow file"),
    (b"FEA1", "a feather file of version 1"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet"),
    (b"\xd0\xcf\x11\xe0", "a spreadsheet"),
    (b"\x89PNG", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"\x80\x04\x95", "a pickle"),
    (b"\x1f\x8b", "gzip within a compressed file"),
    (b"\x28\xb5\x2f\xfd", "zstd within a compressed file"),
    (b"%PDF", "a PDF"),
)
MENDS = {
    "a feather file of version 1": "save it as csv or parquet",
    "a zip archive or a spreadsheet": "save the sheet as csv, or unpack the archive",
    "a spreadsheet": "save the sheet as csv",
    "a database": "save the table in it as csv",
    "a pickle": "save the table in it as csv or parquet; a pickle is never opened",
    "gzip within a compressed file": "decompress it once",
    "zstd within a compressed file": "decompress it once",
}
CALLED: dict[Format, str] = {
    "csv": "a CSV",
    "tsv": "a TSV",
    "jsonl": "a JSON lines",
    "parquet": "a parquet",
    "ipc": "an arrow",
}


def open_table(path: str, reading: Reading, numeric: Callable[[str], bool] = lambda _: False) -> Reader:
    """What reads a file, or stdin where the path is `-`. Raises DataError for what cannot be what it should be.

    `numeric` says which columns need not keep their spelling where all their cells are numbers.
    """
    content = Content(path)
    form = format_of(content, reading)
    look_at(content, form)
    match form:
        case "csv" | "tsv":
            return CsvReader(content, reading, "\t" if form == "tsv" else ",", numeric)
        case "jsonl":
            return JsonlReader(content, reading)
        case "parquet":
            return ArrowReader(content, "parquet", read_parquet)
        case "ipc":
            return ArrowReader(content, "arrow", read_ipc)
        case _:
            assert_never(form)


def format_of(content: Content, reading: Reading) -> Format:
    """As declared, else by the first bytes, else by the name, else csv; what is piped in has no name."""
    if reading.format != "auto":
        return reading.format
    for form, magic in MAGIC.items():
        if content.head.startswith(magic):
            return form
    if content.path == "-" and content.head.lstrip().startswith(b'{"'):
        return "jsonl"
    path = PurePath(content.path)
    if path.suffix in {packing.suffix for packing in PACKINGS}:
        path = path.with_suffix("")
    return SUFFIXES.get(path.suffix.lower(), "csv")


def look_at(content: Content, form: Format) -> None:
    """Raise DataError for what is not of this format, saying what it looks like."""
    head, path = content.head, content.path
    if not head.strip():
        raise DataError("no data rows: the file is empty", where=path)
    if form in MAGIC and head.startswith(MAGIC[form]):
        return
    looks, hint = looks_like(head, form)
    if not looks and form in MAGIC:
        hint = "`data.format: csv` reads it, where it is a table of text"
    if looks or form in MAGIC:
        raise DataError(f"not {CALLED[form]} file: it looks like {looks or 'text'}", where=path, hint=hint)


def looks_like(head: bytes, form: Format) -> tuple[str, str]:
    """What the first bytes are of, where not of this format, and the way out."""
    for magic, what in LOOKS:
        if head.startswith(magic):
            return what, MENDS.get(what, "`data.format: auto` reads it" if magic in MAGIC.values() else "")
    start = head[:512].lstrip().lower()
    if start.startswith((b"<!doctype", b"<html", b"<?xml")):
        return "a web page", "download the file itself"
    if form != "jsonl" and start.startswith((b'{"', b'[{"')):
        return "JSON", "`data.format: jsonl` reads one object a line"
    return "", ""
