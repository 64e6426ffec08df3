"""The command line: imports lazily, prints errors, sets exit codes. stdout is data, stderr is talk."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from netrain.errors import NetrainError, StorageError, UsageError
from netrain.interrupts import Ended, ending
from netrain.talk import neutral, talking, unwritten

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    name="netrain",
    help="Train neural networks on tables: a table and a YAML file in, a validated network out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Settings = Annotated[
    list[str] | None, typer.Option("--set", "-s", metavar="KEY=VALUE", help="Set a key of the config, e.g. seed=1.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else there.")]
Split = Literal["test", "valid", "train"]


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """What stands before any command."""
    del debug  # read from the arguments in `main`, which must know it even where they do not parse
    if version:
        from netrain.version import __version__

        print(f"netrain {__version__}")
        raise typer.Exit


@app.command(epilog="Examples: netrain train configs/iris.yaml -s training.epochs=50; netrain train t.csv --target y")
def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG|TABLE", help="The experiment, a YAML file; or a table.")],
    target: Annotated[
        list[str] | None, typer.Option(metavar="COLUMN", help="With a table: what to predict; may stand repeatedly.")
    ] = None,
    preset: Annotated[
        Literal["fast", "default"] | None, typer.Option(help="The recipe for model and training.")
    ] = None,
    settings: Settings = None,
    run_dir: Annotated[Path | None, typer.Option(help="The folder of the run; new or empty.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train the network of a config, or of a table; leaves a run: checkpoints, the log of epochs and a report."""
    from netrain.commands.train import train

    run, code = train(config, target or [], preset or "", settings or [], run_dir, console=talk(), quiet=quiet)
    if json:
        print_json({"run": str(run.path), **(run.read_report() or {})})
    raise typer.Exit(code)


@app.command(
    "find-lr", epilog="Examples: netrain find-lr configs/iris.yaml; netrain find-lr iris.yaml -s training.batch_size=64"
)
def find_lr(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The experiment, a YAML file.")],
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Sweep the learning rate over a few hundred steps, draw the loss against it, and name a rate. Saves nothing."""
    from netrain.commands.find_lr import find_lr, tell

    found = find_lr(config, settings or [])
    if json:
        print_json(found)
    else:
        given = [word for setting in settings or [] for word in ("--set", setting)]
        tell(found, shlex.join(["netrain", "train", str(config), *given]), stdout())


@app.command(epilog="Examples: netrain resume runs/iris-1; netrain resume runs/iris-1 --set training.epochs=300")
def resume(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    settings: Settings = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Go on with a run that was stopped, as if it never had been; or train a finished one for more epochs."""
    from netrain.commands.resume import resume

    resumed, code = resume(run, settings or [], console=talk(), quiet=quiet)
    if json:
        print_json({"run": str(resumed.path), **(resumed.read_report() or {})})
    raise typer.Exit(code)


@app.command(
    epilog="Examples: netrain evaluate runs/iris-1; netrain evaluate -q --data new.csv --require 'accuracy>=0.9'"
)
def evaluate(
    checkpoint: Annotated[
        Path | None, typer.Argument(metavar="CHECKPOINT", help="A checkpoint or a run; else the newest run.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="Score all rows of this table instead.")] = None,
    split: Annotated[Split, typer.Option(help="The part of the run's split.")] = "test",
    require: Annotated[
        list[str] | None, typer.Option(metavar="METRIC>=NUMBER", help="Exit 8 where this is not so.")
    ] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Score a checkpoint on rows it was not trained on."""
    from netrain.commands.evaluate import evaluate, meet
    from netrain.summary import figures_table

    path = checkpoint_of(checkpoint, quiet=quiet)
    figures = evaluate(path, data, split)
    if json:
        print_json(figures)
    elif not quiet:
        figures_table(figures, stdout())
    meet(figures, require or [])


@app.command(
    epilog="Examples: netrain predict new.csv -o predictions.csv; netrain predict new.csv -c runs/iris-1 --keep id"
)
def predict(
    table: Annotated[str, typer.Argument(metavar="TABLE", help="The rows to predict; - is stdin.")],
    checkpoint: Annotated[
        Path | None, typer.Option("--checkpoint", "-c", help="A checkpoint or a run; else the newest run.")
    ] = None,
    output: Annotated[
        str, typer.Option("--output", "-o", help="Where the predictions go: .csv or .parquet; - is stdout.")
    ] = "-",
    keep: Annotated[str, typer.Option(metavar="COLUMN,...", help="Columns of the table to write in front.")] = "",
    quiet: Quiet = False,
) -> None:
    """Predict each row of a table, in order."""
    from netrain.bundle import load_bundle
    from netrain.commands.predict import predict

    bundle = load_bundle(checkpoint_of(checkpoint, quiet=quiet))
    names = [name.strip() for name in keep.split(",") if name.strip()]
    told = predict(bundle, table, None if output == "-" else Path(output), names)
    if not quiet:
        say(str(told))


@app.command(epilog="Examples: netrain inspect runs/iris-1; netrain inspect best.safetensors --json")
def inspect(
    checkpoint: Annotated[
        Path | None, typer.Argument(metavar="CHECKPOINT", help="A checkpoint or a run; else the newest run.")
    ] = None,
    json: Json = False,
) -> None:
    """Show what a checkpoint holds: model, inputs, classes, figures, config."""
    from netrain.commands.inspect import inspect, lines

    facts = inspect(checkpoint_of(checkpoint, quiet=False))
    if json:
        print_json(facts)
    else:
        print(neutral("\n".join(lines(facts))))


@app.command(epilog="Examples: netrain explain training.schedule; netrain explain data.columns")
def explain(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="A key of the config, in dots; all of them where it is left out.")
    ] = "",
) -> None:
    """Say what a key of the config means: its choices, ranges and defaults."""
    from netrain.commands.explain import explain

    print("\n".join(explain(key)))


@app.command(epilog="Examples: netrain schema > netrain.schema.json; netrain schema | head")
def schema() -> None:
    """Print the JSON Schema of the config, for editors that complete and check while you type."""
    from netrain.config import Config

    print_json(Config.model_json_schema())


@app.command("config", epilog="Examples: netrain config runs/iris-1; netrain config runs/iris-1 > again.yaml")
def show_config(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
) -> None:
    """Print the complete config of a run, every default filled in; it trains as it stands."""
    from netrain.config import read_config
    from netrain.run import open_run

    print(read_config(open_run(run).config).config.to_yaml(), end="")


def checkpoint_of(given: Path | None, *, quiet: bool) -> Path:
    """The checkpoint meant; says which where none was named."""
    from netrain.run import find_checkpoint

    path = find_checkpoint(given)
    if given is None and not quiet:
        say(f"from {path}")
    return path


def talk() -> Console:
    """The console for what is said beside the data: stderr."""
    from rich.console import Console

    # FORCE_COLOR alone, as CI sets it, makes no terminal that a live view could move its cursor in
    return Console(stderr=True, force_interactive=None if sys.stderr.isatty() else False)


def stdout() -> Console:
    """The console for data."""
    from rich.console import Console

    return Console()


def say(text: str) -> None:
    """A line of talk."""
    print(neutral(text), file=sys.stderr)


def print_json(document: dict[str, Any]) -> None:
    """One JSON document on stdout."""
    import json

    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(document, indent=1, ensure_ascii=not unicode))


def main() -> None:
    """The program `netrain`."""
    with talking() as out:
        code = ended()
        lost = unwritten(out)
        if lost and code == 0:
            code = complain(lost)
    sys.exit(code)


def ended() -> int:
    """Run what the arguments say; the exit code."""
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    try:
        with ending():
            code = app(args=arguments, standalone_mode=False)
    except NetrainError as error:
        if debug:
            raise
        return complain(error)
    except typer.TyperException as error:
        return complain(UsageError(error.format_message().rstrip("."), hint="`netrain --help` lists the commands"))
    except Ended as end:
        say(end.told)
        return end.code
    except MemoryError as error:
        return complain(StorageError(f"not enough memory: {str(error).lower() or 'even for a little more'}"))
    return code if isinstance(code, int) else 0


def complain(error: NetrainError) -> int:
    """Print every problem to stderr; the exit code."""
    for problem in error.problems:
        say(f"error: {problem}")
    return error.exit_code
