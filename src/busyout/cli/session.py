"""One run of the command line: what was said before the command, and how a command reaches the server."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import typer
from msgspec import Struct

from busyout.cli.credentials import Wanted, find_target
from busyout.cli.exits import OUTCOMES, Exit
from busyout.cli.follow import follow
from busyout.cli.output import show_json, show_line
from busyout.cli.progress import display, goes_on
from busyout.cli.words import outcome_words
from busyout.wire.native import Operation

if TYPE_CHECKING:
    from busyout.cli.client import Client


class Session(Struct, frozen=True):
    """What holds for the whole run."""

    wanted: Wanted
    json: bool
    """Whether output is JSON."""

    def run(self, work: "Callable[[Client], Awaitable[Exit]]") -> Exit:
        """Do some work on the server; its exit code."""
        from busyout.cli.client import Client  # noqa: PLC0415 - the help must not wait for an HTTP client

        async def connected() -> Exit:
            async with Client(find_target(self.wanted, os.environ)) as client:
                return await work(client)

        try:
            return asyncio.run(connected())
        except KeyboardInterrupt:
            return Exit.INTERRUPTED

    async def see_through(self, client: "Client", operation: Operation, *, lines: bool = False) -> Exit:
        """Follow an operation to its end, showing how it goes; `lines` makes JSON of every change."""
        quiet = self.json and not lines
        try:
            with display(json_lines=self.json, quiet=quiet) as shown:
                async for sight in follow(client, operation):
                    operation = sight.operation
                    shown.show(sight)
        except asyncio.CancelledError:
            typer.echo(goes_on(operation), err=True)
            raise
        if quiet:
            show_json(operation)
        elif not self.json and not shown.tells_the_end:
            show_line(outcome_words(operation))
        return OUTCOMES[operation.state]


def session_of(context: typer.Context) -> Session:
    """The session that the options before the command have made."""
    found = context.find_object(Session)
    if found is None:
        raise RuntimeError("a command was run without the options before it")
    return found
