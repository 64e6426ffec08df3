"""The program before any command: its options, its help, and what ends it from outside."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from netrain.cli.mistakes import unknown_command
from netrain.cli.output import print_json, say
from netrain.errors import UsageError


class Cut(Exception):  # noqa: N818
    """What ends a command from outside: a reader of stdout that has gone."""


class Commands(TyperGroup):
    """The commands, with a suggestion for a word that is none."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Raises UsageError for a word that is no command."""
        if args[0] not in self.commands and not ctx.resilient_parsing:
            raise unknown_command(args, list(self.commands))
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Raises Cut, which the library would turn into an exit code of its own."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise Cut from None

    def make_context(self, *given: Any, **named: Any) -> Any:
        """Raises Cut as well: some options print and end."""
        try:
            return super().make_context(*given, **named)
        except BrokenPipeError:
            raise Cut from None


app = typer.Typer(
    name="netrain",
    cls=Commands,
    help="Train neural networks on tables: a table and a YAML file in, a validated network out.",
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def examples(*lines: str) -> str:
    """The end of a command's help, each example on a line of its own."""
    return "\n".join(("\b", "Examples:", *(f"  {line}" for line in lines)))


@app.callback(
    invoke_without_command=True,
    epilog=examples("netrain train configs/iris.yaml", "netrain train table.csv --target outcome"),
)
def root(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --version: as JSON.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """What stands before any command."""
    del debug  # read from the arguments in `main`, which must know it even where they do not parse
    if version:
        from netrain.version import __version__

        if json:
            print_json({"netrain": __version__})
        else:
            print(f"netrain {__version__}")
        raise typer.Exit
    if json:
        raise UsageError("`--json` stands behind the command", hint="for example `netrain evaluate --json`")
    if ctx.invoked_subcommand is None:
        say(ctx.get_help())
        raise typer.Exit(2)
