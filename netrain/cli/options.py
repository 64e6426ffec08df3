"""The options and arguments that several commands share."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from netrain.cli import completion

Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        "-s",
        metavar="KEY=VALUE",
        help="Set a key of the config, e.g. seed=1; may stand repeatedly.",
        autocompletion=completion.settings,
    ),
]
Target = Annotated[
    list[str] | None, typer.Option(metavar="COLUMN", help="With a table: what to predict; may stand repeatedly.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Say what becomes of each column, every epoch, and where the time went."),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout, an error too.")]
CHECKPOINT = "A checkpoint or a run, also `latest` or `best`; else the newest run."
Split = Literal["test", "valid", "train"]
Preset = Literal["fast", "default", "best"]
AnyCheckpoint = Annotated[
    Path | None,
    typer.Argument(
        metavar="CHECKPOINT",
        help=CHECKPOINT,
        autocompletion=completion.runs,
    ),
]
CheckpointOption = Annotated[
    Path | None,
    typer.Option(
        "--checkpoint",
        "-c",
        help=CHECKPOINT,
        autocompletion=completion.runs,
    ),
]
RunFolder = Annotated[
    Path,
    typer.Argument(metavar="RUN", help="The folder of a run; or `latest`, or `best`.", autocompletion=completion.runs),
]


def texts(words: Sequence[str] | None) -> list[str]:
    """Words that name what is in files, which are UTF-8 whatever the locale; names of files stay as they came."""
    return [os.fsencode(word).decode("utf-8", "replace") for word in words or ()]
