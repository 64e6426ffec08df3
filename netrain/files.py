"""Files by their names: tables, configs, and what may have been meant by a name that no file has."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from netrain.wording import listed, nearest

CONFIGS = (".yaml", ".yml")
PACKED = (".gz", ".zst")
TABLES = (".csv", ".tsv", ".tab", ".txt", ".parquet", ".pq", ".ipc", ".arrow", ".feather", ".jsonl", ".ndjson")
SHOWN = 5  # names of a folder


def is_config(path: Path) -> bool:
    """Whether a file is a config by its name."""
    return path.suffix.lower() in CONFIGS


def is_table(path: Path) -> bool:
    """Whether a file is a table by its name."""
    kinds = [suffix.lower() for suffix in path.suffixes]
    return bool(kinds) and (kinds[-1] in TABLES or (kinds[-1] in PACKED and any(kind in TABLES for kind in kinds)))


def neighbours(path: Path, kinds: Collection[str] = (*TABLES, *PACKED, *CONFIGS)) -> str:
    """The hint for a file that is not there: those of its folder that have nearly its name, else some of these kinds.

    Hidden ones are none.
    """
    folder = path.parent
    if not folder.is_dir():
        return f"the folder `{folder}` is not there"
    names = sorted(p.name for p in folder.iterdir() if p.suffix.lower() in kinds and not p.name.startswith("."))
    stems = nearest(path.name.partition(".")[0], dict.fromkeys(name.partition(".")[0] for name in names))
    near = [name for name in names if name.partition(".")[0] in stems]
    alike = [name for name in near if name.endswith(path.suffix)]
    if near:
        return "did you mean " + " or ".join(f"`{folder / name}`" for name in (alike or near)[:2]) + "?"
    if not names:
        return ""
    return f"its folder holds {listed(names, SHOWN)}"
