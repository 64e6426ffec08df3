"""The commands before a training: write a config, examine what it says."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from netrain.cli.app import examples
from netrain.cli.options import Json, Preset, Quiet, Settings, Target, texts
from netrain.cli.output import complain, error_document, print_file, print_json, say, stdout

before = typer.Typer()


@before.command(
    epilog=examples("netrain init table.csv --target outcome -o outcome.yaml", "netrain init table.csv --target a -q")
)
def init(
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="What to train on.")],
    target: Target = None,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Where the config goes; - is stdout.")
    ] = "-",
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    preset: Annotated[Preset | None, typer.Option(help="The recipe for model and training.")] = None,
    settings: Settings = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a config for a table, with evidence.

    It trains as it stands. Beside FILE goes the schema that editors complete and check it with.
    """
    from netrain.commands.init import SCHEMA, init, save
    from netrain.config import Config, parse_config

    path = None if output == "-" else Path(output)
    text = init(table, texts(target), preset or "", texts(settings), path.parent if path else Path())
    if path:
        save(text, Config.model_json_schema(), path, table, force=force)
    if json:
        config = parse_config(text, output).config
        print_json({"output": output, "config": config.model_dump(mode="json"), "text": text})
    elif not path:
        print_file(text)
    if path and not quiet:
        say(f"wrote {path}, and {SCHEMA} beside it; to train: {shlex.join(['netrain', 'train', str(path)])}")


@before.command(
    epilog=examples("netrain check configs/iris.yaml --strict", "netrain check table.csv --target outcome --json")
)
def check(
    config: Annotated[Path, typer.Argument(metavar="CONFIG|TABLE", help="The experiment, a YAML file; or a table.")],
    target: Target = None,
    preset: Annotated[Preset | None, typer.Option(help="The recipe for model and training.")] = None,
    settings: Settings = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 8 where something is found.")] = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Examine a table before training.

    Tells what training will take, and what stands against it: each finding names its columns or rows, says why
    it matters, and what to set. Saves nothing.
    """
    from netrain.commands.check import check, missed, print_checked
    from netrain.sources import words

    given = (config, texts(target), preset or "", texts(settings))
    checked = check(*given)
    error = missed(checked) if strict else None
    if json:  # one document, the error in it
        more = {"error": error_document(error.exit_code, error.problems)} if error else {}
        print_json(checked.to_json() | more)
    elif not quiet:
        print_checked(checked, ["netrain", "train", *words(*given)], stdout())
    if error:
        raise typer.Exit(complain(error))
