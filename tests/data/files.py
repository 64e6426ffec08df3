"""Small files to read: text in an encoding, packed or not."""

import gzip
import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import zstandard

from netrain.data.reading import Reading
from netrain.data.table import Table, read_table
from netrain.errors import DataError

PLAIN = Reading()

PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": lambda content: gzip.compress(content, mtime=0),
    ".zst": zstandard.ZstdCompressor().compress,
}


def written(frame: pl.DataFrame, form: str) -> bytes:
    """The bytes of a frame in a format."""
    stream = io.BytesIO()
    match form:
        case "csv":
            frame.write_csv(stream)
        case "tsv":
            frame.write_csv(stream, separator="\t")
        case "parquet":
            frame.write_parquet(stream)
        case "ipc":
            frame.write_ipc(stream)
        case "jsonl":
            frame.write_ndjson(stream)
    return stream.getvalue()


def read(folder: Path, content: str | bytes, name: str = "t.csv", **keys: object) -> Table:
    """The table of a file of this content, read with these keys of the config."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_table(str(path), Reading(**keys))  # type: ignore[arg-type]


def told(folder: Path, content: str | bytes, name: str = "t.csv", **keys: object) -> str:
    """The message of the error that reading raises, without the folder."""
    with pytest.raises(DataError) as error:
        read(folder, content, name, **keys)
    return str(error.value).replace(f"{folder}/", "")
