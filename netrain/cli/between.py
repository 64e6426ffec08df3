"""The commands between runs: list them, compare them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from netrain.cli import completion
from netrain.cli.app import examples
from netrain.cli.meant import meant
from netrain.cli.options import Json, Quiet, texts
from netrain.cli.output import print_json, say, stdout

between = typer.Typer()


@between.command(epilog=examples("netrain runs --sort accuracy --limit 5", "netrain runs --where 'rmse<=3' --target y"))
def runs(
    folder: Annotated[Path | None, typer.Argument(metavar="FOLDER", help="Where they lie; else `runs`.")] = None,
    sort: Annotated[
        str,
        typer.Option(metavar="KEY", help="A metric: the best first; or when, name, target, state, rows, epochs, ..."),
    ] = "when",
    reverse: Annotated[bool, typer.Option("--reverse", help="The other way round.")] = False,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC>=NUMBER",
            help="Only runs of which this is so, also of rows, epochs and seconds; may stand repeatedly.",
        ),
    ] = None,
    target: Annotated[str | None, typer.Option(metavar="NAME", help="Only runs that predict this.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="The first so many.")] = None,
    json: Json = False,
) -> None:
    """List the runs below a folder.

    The newest first, each with its main metric on test rows, or on validation rows where it has no others. The
    folds of a run are one run; name it to list them.
    """
    from netrain.commands.runs import Choice, runs, tell

    choice = Choice(sort, reverse, tuple(where or ()), texts([target])[0] if target is not None else None, limit)
    listed = runs(folder, choice)
    if json:
        print_json(listed.to_json())
    elif listed.entries:
        tell(listed, stdout())
    else:
        say(listed.none)


@between.command(
    epilog=examples("netrain compare runs/iris-1 runs/iris-2", "netrain compare best latest --html compared.html")
)
def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(
            metavar="RUN", help="Folders of two runs or more; or `latest`, or `best`.", autocompletion=completion.runs
        ),
    ],
    split: Annotated[Literal["test", "valid"], typer.Option(help="The part of the runs' splits.")] = "test",
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="A page for people, with the curves.")] = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare runs on the same rows.

    Scores the best network of each on the test rows that they share, tells how far each is behind the best one
    with an interval of the difference, and in what their configs differ.
    """
    from netrain.commands.compare import as_json, tell
    from netrain.comparison import compare

    compared = compare([meant(run, quiet=quiet) for run in runs], split)
    if html:
        from netrain.commands.compare_page import compared_page
        from netrain.commands.report import save_page

        save_page(compared_page(compared), html)
    if json:
        print_json(as_json(compared))
    elif not quiet:
        tell(compared, stdout())
    if html and not quiet:
        say(f"the page: {html}")
