"""`operations`: what is going on, and what can be asked of it while it does."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from busyout.cli.exits import OUTCOMES, CommandError, Exit
from busyout.cli.output import show_json, show_line, show_lines, show_table
from busyout.cli.session import session_of
from busyout.cli.text import columns, segment
from busyout.cli.words import OPERATION_TITLES, command_words, operation_lines, operation_row
from busyout.wire.native import Extension, Operation

if TYPE_CHECKING:
    from busyout.cli.client import Client

app = typer.Typer(help="List, follow and steer operations.", no_args_is_help=True, rich_markup_mode=None)

Id = Annotated[str, typer.Argument(metavar="OPERATION", help="Id of the operation.")]
SomeId = Annotated[
    str | None, typer.Argument(metavar="[OPERATION]", help="Id; without it the newest one that has not settled.")
]
Seconds = Annotated[float, typer.Argument(min=0.1, metavar="SECONDS", help="Seconds added to the deadline.")]
Follow = Annotated[bool, typer.Option("--follow/--no-follow", help="Stay and show how it goes, or return at once.")]


@app.command("list")
def list_operations(
    context: typer.Context,
    *,
    element: Annotated[str | None, typer.Option(help="Only those of this element.")] = None,
    settled: Annotated[bool | None, typer.Option("--settled/--unsettled", help="Only those that (un)settled.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 20,
) -> Exit:
    """List operations, newest first."""
    session = session_of(context)

    async def work(client: "Client") -> Exit:
        found = await client.items("operations", Operation, most=limit, element=element, settled=settled)
        if session.json:
            show_json(found)
        else:
            rows = [operation_row(operation, now=time.time()) for operation in found]
            show_table(columns(OPERATION_TITLES, rows), empty="no operations")
        return Exit.DONE

    return session.run(work)


@app.command()
def show(context: typer.Context, operation: Id) -> Exit:
    """Show one operation with its steps; the exit code says how it ended."""
    session = session_of(context)

    async def work(client: "Client") -> Exit:
        found = await client.operation(operation)
        if session.json:
            show_json(found)
        else:
            show_lines(operation_lines(found, now=time.time()))
        return OUTCOMES.get(found.state, Exit.DONE)

    return session.run(work)


@app.command()
def watch(context: typer.Context, operation: SomeId = None) -> Exit:
    """Follow an operation to its end, also over a restart of the server; with --json one document for each change."""
    session = session_of(context)

    async def work(client: "Client") -> Exit:
        found = await client.operation(operation) if operation else await _newest_unsettled(client)
        return await session.see_through(client, found, lines=True)

    return session.run(work)


@app.command()
def cancel(context: typer.Context, operation: Id, *, follow: Follow = True) -> Exit:
    """Stop an operation and take back what it did: a drain lets calls in again."""
    return _ask(context, operation, "cancel", follow=follow)


@app.command()
def extend(context: typer.Context, operation: Id, seconds: Seconds, *, follow: Follow = False) -> Exit:
    """Give the calls in progress more time."""
    return _ask(context, operation, "extend", Extension(seconds), follow=follow)


@app.command()
def force(context: typer.Context, operation: Id, *, follow: Follow = True) -> Exit:
    """End the calls that are left now, with BYE to both sides, and go on."""
    return _ask(context, operation, "force", follow=follow)


@app.command()
def retry(context: typer.Context, operation: Id, *, follow: Follow = True) -> Exit:
    """Do again what a settled operation was to do, as a new operation."""
    return _ask(context, operation, "retry", follow=follow)


def _ask(context: typer.Context, operation: str, what: str, body: Extension | None = None, *, follow: bool) -> Exit:
    session = session_of(context)

    async def work(client: "Client") -> Exit:
        found = await client.send("POST", f"operations/{segment(operation)}/{what}", Operation, body)
        if not follow:
            if session.json:
                show_json(found)
            else:
                show_line(f"{found.element}: {command_words(found)}, {what} is noted, operation {found.id}")
            return Exit.DONE
        code = await session.see_through(client, found)
        return Exit.DONE if what == "cancel" and code is Exit.CANCELLED else code

    return session.run(work)


async def _newest_unsettled(client: "Client") -> Operation:
    found = await client.items("operations", Operation, most=1, settled=False)
    if not found:
        raise CommandError(Exit.REFUSED, "no operation is in progress; `busyout operations list` shows those that were")
    return found[0]
