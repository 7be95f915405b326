"""The demo as a command: where it runs, and what it says at the end."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from busyout.cli.exits import Exit
from busyout.cli.output import show_json, show_line, show_lines
from busyout.cli.session import Session, session_of

if TYPE_CHECKING:
    from busyout.cli.client import Client
    from busyout.cli.demo.report import Report


def demo(
    context: typer.Context,
    *,
    element: Annotated[str, typer.Option(help="SBC that is restarted.")] = "sbc",
    calls: Annotated[int, typer.Option(min=1, max=500, help="Calls that are up when it begins.")] = 20,
    seconds: Annotated[float, typer.Option(min=1, max=600, help="Length of the longest of them.")] = 8.0,
) -> Exit:
    """Restart an SBC under real calls, show what happens, and count: no call is cut.

    Starts a server of its own on free ports; with --server or BUSYOUT_SERVER it uses that one.
    """
    session = session_of(context)
    try:
        report = asyncio.run(_run(session, element, calls, seconds))
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    if session.json:
        show_json(report)
    else:
        from busyout.cli.demo.report import report_lines  # noqa: PLC0415 - every command would load it

        show_lines(["", *report_lines(report)])
    return Exit.DONE if report.kept else Exit.FAILED


async def _run(session: Session, element: str, calls: int, seconds: float) -> "Report":
    from busyout.cli.demo.play import Play  # noqa: PLC0415 - every command would load it

    async with _connected(session, element) as client:
        play = Play(client, element, quiet=session.json)
        return await play.run(calls, longest=seconds)


@asynccontextmanager
async def _connected(session: Session, element: str) -> "AsyncIterator[Client]":
    """A client of the server that was named, or else of one of our own."""
    from busyout.cli.client import Client  # noqa: PLC0415 - every command would load it
    from busyout.cli.credentials import find_target  # noqa: PLC0415 - as above
    from busyout.cli.demo.server import own_server  # noqa: PLC0415 - as above

    if session.wanted.server or os.environ.get("BUSYOUT_SERVER"):
        async with Client(find_target(session.wanted, os.environ)) as client:
            yield client
        return
    if not session.json:
        show_line("starting a server of our own, with one SBC that carries SIP calls …")
    async with own_server(element, os.environ) as target, Client(target) as client:
        yield client
