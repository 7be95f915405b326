"""The command line as a whole: its commands, the options before them, and how it ends."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
import typer.core

from busyout import __version__
from busyout.cli import configuration, inventory, operations, password, plugins, records, service
from busyout.cli.credentials import DEFAULT_SERVER, Wanted
from busyout.cli.demo import demo
from busyout.cli.exits import MEANINGS, CommandError, Exit
from busyout.cli.output import show_error
from busyout.cli.session import Session

SWITCHES = ("--json",)
"""Options before the command that may stand anywhere."""

VALUED = ("--server", "--user", "--data", "--ca")
"""The same, followed by a value."""

EPILOG = "\n\n".join(
    (
        "--json, --server, --user, --data and --ca may stand before or after the command.",
        "Credentials: BUSYOUT_USER and BUSYOUT_PASSWORD; on the machine of the server also the password of the first "
        "start, from the data directory.",
        "Exit codes: " + "; ".join(f"{int(code)} {meaning}" for code, meaning in MEANINGS.items()) + ".",
    )
)


def end_with(code: Exit, **_: object) -> None:
    """Make what a command returns the exit code."""
    raise typer.Exit(int(code))


typer.core.HAS_RICH = False
"""Help is plain text: with rich, typer escapes its brackets for a mark-up that is not read."""

app = typer.Typer(
    name="busyout",
    result_callback=end_with,
    help="Take the servers of a voice network out of service without dropping a call.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main(arguments: list[str]) -> int:
    """Run a command; returns the exit code."""
    arguments = hoisted(arguments)
    json = "--json" in arguments
    try:
        app(arguments, prog_name="busyout")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(Exit.DONE)
    except CommandError as error:
        show_error(error, json=json)
        return int(error.code)
    return int(Exit.DONE)


def hoisted(arguments: Iterable[str]) -> list[str]:
    """The arguments with the options of the whole program before the command, wherever they stood."""
    first, rest = [], []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument in SWITCHES or argument.startswith(tuple(f"{name}=" for name in VALUED)):
            first.append(argument)
        elif argument in VALUED:
            first += [argument, *([value] if (value := next(waiting, None)) is not None else [])]
        else:
            rest.append(argument)
    return [*first, *rest]


def show_version(wanted: bool) -> None:
    """Print the version and end, whatever else was given."""
    if wanted:
        typer.echo(f"busyout {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    *,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON: one document, or one a line while following.")
    ] = False,
    server: Annotated[
        str | None, typer.Option(metavar="URL", help=f"The server; else BUSYOUT_SERVER, else {DEFAULT_SERVER}.")
    ] = None,
    user: Annotated[str | None, typer.Option(metavar="NAME", help="Operator; else BUSYOUT_USER, else admin.")] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Data directory of a server on this machine, for its password.")
    ] = None,
    ca: Annotated[Path | None, typer.Option(metavar="FILE", help="Certificate authority to trust, PEM.")] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=show_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Take note of what holds for every command."""
    context.obj = Session(Wanted(server, user, data, ca), json=json)


@app.command(add_help_option=False, context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def serve() -> Exit:
    """Run the server: `busyout serve --help` says how; this word comes first."""
    raise CommandError(Exit.USAGE, "serve comes first: busyout serve [OPTIONS]")


app.command()(demo)
app.command()(inventory.elements)
app.command()(service.drain)
app.command()(service.restore)
app.command()(service.restart)
app.add_typer(operations.app, name="operations")
app.command()(inventory.calls)
app.command()(inventory.trunks)
app.command()(inventory.alarms)
app.command()(records.events)
app.add_typer(records.audit, name="audit")
app.add_typer(configuration.app, name="config")
app.add_typer(plugins.app, name="plugins")
app.add_typer(password.app, name="password")
