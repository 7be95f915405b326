"""`config`: settings files and the configuration of elements."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from busyout.cli.exits import Exit
from busyout.cli.output import show_json, show_line, show_lines
from busyout.cli.service import start
from busyout.cli.session import session_of
from busyout.cli.text import columns, segment
from busyout.cli.words import difference_lines
from busyout.wire.native import Commit, Difference, Tables

if TYPE_CHECKING:
    from busyout.cli.client import Client

app = typer.Typer(
    help="Check a settings file; show and save the configuration of elements.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="ELEMENT", help="Name of the element.")]


@app.command()
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The settings file of a server.")],
) -> Exit:
    """Say what is wrong with a settings file, and on which line; needs no server."""
    from busyout.cli.estate import estate_findings  # noqa: PLC0415 - every other command starts without settings
    from busyout.settings import InvalidSettings, load  # noqa: PLC0415 - as above

    session = session_of(context)
    findings: tuple[Any, ...] = ()
    try:
        load(file, environ=os.environ, further=estate_findings)
    except InvalidSettings as wrong:
        findings = wrong.findings
    if session.json:
        found = [{"key": one.key, "line": one.line, "source": one.source, "message": one.message} for one in findings]
        show_json({"file": str(file), "findings": found})
    else:
        show_lines([str(finding) for finding in findings] or [f"{file}: nothing is wrong"])
    return Exit.REFUSED if findings else Exit.DONE


@app.command()
def show(
    context: typer.Context,
    element: Name,
    *,
    startup: Annotated[bool, typer.Option("--startup", help="What is in effect after the next start.")] = False,
) -> Exit:
    """Show the configuration of an element that is in effect now."""
    session = session_of(context)

    async def work(client: "Client") -> Exit:
        datastore = "startup" if startup else "running"
        tables = await client.get(f"elements/{segment(element)}/configuration/{datastore}", Tables)
        if session.json:
            show_json(tables)
        else:
            show_lines(_table_lines(tables) or ["no tables"])
        return Exit.DONE

    return session.run(work)


@app.command()
def diff(context: typer.Context, element: Name) -> Exit:
    """Show what saving would change: the running configuration against the startup one."""
    session = session_of(context)

    async def work(client: "Client") -> Exit:
        found = await client.get(f"elements/{segment(element)}/configuration/diff", Difference)
        if session.json:
            show_json(found)
        elif found.tables:
            show_lines([line for table in found.tables for line in difference_lines(table)])
        else:
            show_line(f"{element}: running and startup are the same")
        return Exit.DONE

    return session.run(work)


@app.command()
def save(context: typer.Context, element: Name) -> Exit:
    """Save the running configuration, so that it is in effect after the next start."""
    return start(session_of(context), element, Commit(), follow=True)


def _table_lines(tables: Tables) -> list[str]:
    lines = []
    for name in tables.__struct_fields__:
        rows = [msgspec.to_builtins(row) for row in getattr(tables, name)]
        if rows:
            body = columns(
                [title.upper() for title in rows[0]], [[_cell(cell) for cell in row.values()] for row in rows]
            )
            lines += [f"[{name}]", *body, ""]
    return lines[:-1]


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value != "" else '""'
