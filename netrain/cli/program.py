"""The command line: the commands that train, and where every error ends. Imports lazily; stdout is data."""

from __future__ import annotations

import gc
import os
import shlex
import sys
import traceback
from collections.abc import Iterable, Sequence
from copy import copy
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from typer.models import CommandInfo

from netrain.cli.app import Cut, app, examples
from netrain.cli.before import before
from netrain.cli.between import between
from netrain.cli.completion import in_bash
from netrain.cli.meant import meant
from netrain.cli.mistakes import mistake
from netrain.cli.options import Json, Preset, Quiet, RunFolder, Settings, Target, Verbose, texts
from netrain.cli.output import complain, error_document, print_json, say, stdout, talk
from netrain.cli.queries import queries
from netrain.errors import NetrainError, Problem, StorageError, UsageError
from netrain.interrupts import Ended, ending
from netrain.plain import nowhere
from netrain.talk import talking


@app.command(
    epilog=examples("netrain train configs/iris.yaml -s training.epochs=50", "netrain train table.csv --target outcome")
)
def train(
    config: Annotated[Path, typer.Argument(metavar="CONFIG|TABLE", help="The experiment, a YAML file; or a table.")],
    target: Target = None,
    preset: Annotated[Preset | None, typer.Option(help="The recipe for model and training.")] = None,
    settings: Settings = None,
    run_dir: Annotated[Path | None, typer.Option(help="The folder of the run; new or empty.")] = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Train a network from a config or a table.

    Leaves a run: checkpoints, the log of epochs and a report.
    """
    from netrain.commands.train import train

    run, code = train(
        config,
        texts(target),
        preset or "",
        texts(settings),
        run_dir,
        talk=partial(talk, verbose=verbose),
        quiet=quiet,
    )
    if json:
        print_json(run.brief())
    raise typer.Exit(code)


@app.command(
    "find-lr",
    epilog=examples("netrain find-lr configs/iris.yaml", "netrain find-lr table.csv --target outcome"),
)
def find_lr(
    config: Annotated[Path, typer.Argument(metavar="CONFIG|TABLE", help="The experiment, a YAML file; or a table.")],
    target: Target = None,
    preset: Annotated[Preset | None, typer.Option(help="The recipe for model and training.")] = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Find a learning rate that trains fast.

    Sweeps it over a few hundred steps and draws the loss against it. Saves nothing.
    """
    from netrain.commands.find_lr import find_lr, tell
    from netrain.sources import words

    given = (config, texts(target), preset or "", texts(settings))
    found = find_lr(*given)
    if json:
        print_json(found)
    else:
        tell(found, shlex.join(["netrain", "train", *words(*given)]), stdout())


@app.command(epilog=examples("netrain resume runs/iris-1", "netrain resume runs/iris-1 --set training.epochs=300"))
def resume(
    run: RunFolder,
    settings: Settings = None,
    json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Go on with a run that was stopped.

    As if it never had been; or train a finished one for more epochs.
    """
    from netrain.commands.resume import resume

    resumed, code = resume(meant(run, quiet=quiet), texts(settings), console=talk(verbose=verbose), quiet=quiet)
    if json:
        print_json(resumed.brief())
    raise typer.Exit(code)


app.add_typer(before)
app.add_typer(queries)
app.add_typer(between)


def main() -> None:
    """The program `netrain`."""
    gc.set_threshold(50_000)  # imports make many objects that stay: to look for garbage among them is in vain
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # else it searches all that is installed for some
    with talking():
        if os.environ.get("_NETRAIN_COMPLETE") == "complete_bash":
            in_bash(partial(run, sys.argv[1:]), os.environ)
        else:
            sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code. Whatever ends a command is told here, and nowhere else."""
    try:
        with ending():
            code = alone(arguments)(args=list(arguments), prog_name="netrain", standalone_mode=False)
        sys.stdout.flush()
    except NetrainError as error:
        return told(error, arguments)
    except typer.TyperException as error:
        return told(mistake(error, arguments), arguments)
    except Ended as end:
        say(end.told)
        as_json(end.code, [Problem(end.told)], arguments)
        return end.code
    except (Cut, BrokenPipeError):
        nowhere(sys.stdout)  # our reader has gone; nothing is wrong
        return 0
    except MemoryError as error:
        return told(unheld(error), arguments)
    except OSError as error:
        if error.filename is not None:  # files are told where they are read and written
            raise
        return unwritable(error)
    except Exception as error:  # a bug, or a name that the locale has no characters for
        if isinstance(error, UnicodeEncodeError) and sys.getfilesystemencoding() != "utf-8":
            return told(unnameable(error), arguments)
        as_json(1, [Problem(f"a bug in netrain: {error!r}")], arguments)
        raise
    return code if isinstance(code, int) else 0


def alone(arguments: Sequence[str]) -> typer.Typer:
    """The program with the command alone that its first word names, if it names one: to build all takes 7 ms."""
    parts = [app, *(group.typer_instance for group in app.registered_groups if group.typer_instance)]
    every = [command for part in parts for command in part.registered_commands]
    named = [command for command in every if [name_of(command)] == [*arguments[:1]]]
    one = copy(app)
    one.registered_commands, one.registered_groups = named, []
    return one if named else app


def name_of(command: CommandInfo) -> str:
    """The word that calls a command."""
    return command.name or (command.callback.__name__.replace("_", "-") if command.callback else "")


def unwritable(error: OSError) -> int:
    """The exit code where stdout cannot be written, such as to a full disk."""
    nowhere(sys.stdout)
    return complain(StorageError(f"cannot be written: {error.strerror}", where="stdout"))


def unheld(error: MemoryError) -> StorageError:
    """The error for what memory does not hold."""
    what = str(error) or "not even for a little more"
    return StorageError(f"memory does not suffice: {what[:1].lower()}{what[1:]}", hint="a smaller model or table")


def unnameable(error: UnicodeEncodeError) -> UsageError:
    """The error for a file whose name the locale has no characters for."""
    return UsageError(
        f"this locale has no characters for the name `{error.object}`",
        hint="a locale with UTF-8, such as `LC_ALL=C.UTF-8`, or `PYTHONUTF8=1`",
    )


def told(error: NetrainError, arguments: Sequence[str]) -> int:
    """Tell a mistake of the user's, with its traceback under `--debug`; the exit code."""
    if "--debug" in arguments:
        traceback.print_exception(error)
    as_json(error.exit_code, error.problems, arguments)
    return complain(error)


def as_json(code: int, problems: Iterable[Problem], arguments: Sequence[str]) -> None:
    """Tell an error on stdout too, where JSON is wanted there."""
    if "--json" in arguments:
        try:
            print_json({"error": error_document(code, problems)})
            sys.stdout.flush()
        except BrokenPipeError:  # our reader has gone; the exit code tells
            nowhere(sys.stdout)
