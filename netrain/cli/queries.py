"""The commands that ask: of a checkpoint, of a run, or what a config may say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netrain.cli import completion
from netrain.cli.app import examples
from netrain.cli.meant import meant
from netrain.cli.options import AnyCheckpoint, CheckpointOption, Json, Quiet, RunFolder, Split, texts
from netrain.cli.output import complain, error_document, print_file, print_json, print_lines, say, stdout
from netrain.errors import CheckpointError, UsageError
from netrain.files import is_config, is_table

queries = typer.Typer()

LEARNED_FROM = (
    "this is the table of the training: most rows were learned from; without `--data` the run's test rows are scored"
)


@queries.command(epilog=examples("netrain evaluate runs/iris-1", "netrain evaluate --data new.csv --require 'rmse<=3'"))
def evaluate(
    checkpoint: AnyCheckpoint = None,
    option: CheckpointOption = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Score all rows of this table instead; of the run's own, also those it learned from."),
    ] = None,
    split: Annotated[Split, typer.Option(help="The part of the run's split.")] = "test",
    require: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC>=NUMBER",
            help="Exit 8 where this is not so; also with <=, > and <; may stand repeatedly.",
        ),
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a page with charts of these rows.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Score a checkpoint on rows it has not seen.

    These are the test rows of its run; with --data all rows of a table, whatever they are.
    """
    from netrain.commands.evaluate import evaluate
    from netrain.commands.predict import told_unseen
    from netrain.shown.summary import figures_table

    if checkpoint and option:
        raise UsageError(f"two checkpoints: `{checkpoint}` and `{option}`", hint="one is scored at a time")
    path = checkpoint_of(checkpoint or option, quiet=quiet)
    figures, missed = evaluate(path, data, split, require or [], html)
    if not quiet:
        for line in told_unseen(figures.get("unseen", {})):
            say(line)
        if figures.get("learned_from"):
            say(LEARNED_FROM)
    if json:  # one document, the error in it
        print_json(figures | ({"error": error_document(missed.exit_code, missed.problems)} if missed else {}))
    elif not quiet:
        figures_table(figures, stdout())
    if html and not quiet:
        say(f"the page: {html}")
    if missed:
        raise typer.Exit(complain(missed))


@queries.command(epilog=examples("netrain report runs/iris-1", "netrain report runs/iris-1 -o iris.html"))
def report(
    run: RunFolder,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the page goes, else to report.html in the run.")
    ] = None,
    json: Json = False,
) -> None:
    """Draw the page of a run anew.

    It is made of report.json alone, works without a network, and may be mailed.
    """
    from netrain.commands.report import report

    run = meant(run)
    path = report(run, output)
    if json:
        print_json({"run": str(run), "page": str(path)})
    else:
        print_lines([str(path)])


@queries.command(
    epilog=examples("netrain predict new.csv -o predictions.csv", "netrain predict new.csv -c runs/iris-1 --keep id")
)
def predict(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="The rows to predict; - is stdin.")],
    checkpoint: CheckpointOption = None,
    output: Annotated[
        str, typer.Option("--output", "-o", help="Where the predictions go: .csv or .parquet; - is stdout.")
    ] = "-",
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN,...", help="Columns of the table to write in front; may stand repeatedly."),
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Predict each row of a table, in order."""
    if json and output == "-":
        raise UsageError("with `--json` stdout is no place for the predictions", hint="`--output FILE` names one")
    from netrain.commands.predict import predict
    from netrain.runs.bundle import load_bundle

    path = checkpoint_of(checkpoint, quiet=quiet)
    names = [name.strip() for text in texts(keep) for name in text.split(",") if name.strip()]
    told = predict(load_bundle(path), table, None if output == "-" else Path(output), names)
    if not quiet:
        say(str(told))
    if json:
        print_json({"rows": told.rows, "output": output, "unseen": told.unseen, "checkpoint": str(path)})


@queries.command(epilog=examples("netrain inspect runs/iris-1", "netrain inspect best.safetensors --json"))
def inspect(checkpoint: AnyCheckpoint = None, json: Json = False) -> None:
    """Show what a checkpoint holds.

    Its model, inputs, classes and figures; as JSON its config, too.
    """
    from netrain.commands.inspect import inspect, lines

    facts = inspect(checkpoint_of(checkpoint, quiet=False))
    if json:
        print_json(facts)
    else:
        print_lines(lines(facts))


@queries.command(epilog=examples("netrain explain training.schedule", "netrain explain data.columns --json"))
def explain(
    key: Annotated[
        str,
        typer.Argument(
            metavar="KEY",
            help="A key of the config, in dots; all of them where it is left out.",
            autocompletion=completion.keys,
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Say what a key of the config means.

    Its choices, ranges and defaults, and how it is set on the command line.
    """
    from netrain.commands.explain import explain, lines

    if json:
        print_json(explain(key))
    else:
        print_lines(lines(key))


@queries.command(epilog=examples("netrain schema > netrain.schema.json", "netrain schema | head"))
def schema(json: Json = False) -> None:
    """Print the JSON Schema of the config.

    For editors that complete and check while you type. It is JSON with and without --json.
    """
    del json
    from netrain.config import Config

    print_json(Config.model_json_schema())


@queries.command("config", epilog=examples("netrain config runs/iris-1", "netrain config runs/iris-1 > again.yaml"))
def show_config(run: RunFolder, json: Json = False) -> None:
    """Print the complete config of a run.

    Every default is filled in; it trains as it stands.
    """
    from netrain.config import read_config
    from netrain.runs.run import open_run

    config = read_config(open_run(meant(run)).config).config
    if json:
        print_json(config.model_dump(mode="json"))
    else:
        print_file(config.to_yaml())


def checkpoint_of(given: Path | None, *, quiet: bool) -> Path:
    """The checkpoint meant; says which where none was named. Raises CheckpointError for a path that is none."""
    from netrain.runs.run import find_checkpoint

    if given is not None:
        given = meant(given, quiet=quiet)
        check_checkpoint(given)
    path = find_checkpoint(given)
    if given is None and not quiet:
        say(f"from {path}")
    return path


def check_checkpoint(given: Path) -> None:
    """Raise CheckpointError for a path that leads nowhere, and for a config or a table."""
    from netrain.runs.run import newest_runs

    runs = ", ".join(f"`{run.path}`" for run in newest_runs()[:5])
    newest = f"the newest here: {runs}" if runs else "`netrain train CONFIG` makes a run"
    if not given.exists():
        raise CheckpointError("no such checkpoint or run", where=str(given), hint=newest)
    if given.is_file() and is_config(given):
        hint = f"`netrain train {given}` makes a run" + (f"\n{newest}" if runs else "")
        raise CheckpointError("a config, not a run or a checkpoint", where=str(given), hint=hint)
    if given.is_file() and is_table(given):
        hint = f"`netrain evaluate RUN --data {given}` scores a run on it, `netrain predict {given}` predicts it"
        raise CheckpointError("a table, not a run or a checkpoint", where=str(given), hint=hint)
