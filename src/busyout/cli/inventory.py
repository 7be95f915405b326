"""`elements`, `calls`, `trunks`, `alarms`: how things are."""

import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from busyout.cli.exits import CommandError, Exit
from busyout.cli.output import show_json, show_line, show_lines, show_table
from busyout.cli.session import Session, session_of
from busyout.cli.text import columns, segment
from busyout.cli.words import (
    ALARM_TITLES,
    CALL_TITLES,
    ELEMENT_TITLES,
    TRUNK_TITLES,
    alarm_row,
    call_row,
    element_lines,
    element_row,
    trunk_row,
)
from busyout.wire.native import Alarm, Call, Element, EndedCalls, Page, TrunkStatus

if TYPE_CHECKING:
    from busyout.cli.client import Client

Name = Annotated[str, typer.Argument(metavar="ELEMENT", help="Name of the element.")]
SomeName = Annotated[str | None, typer.Argument(metavar="[ELEMENT]", help="Name; without it all of them.")]


def elements(context: typer.Context, element: SomeName = None) -> Exit:
    """List the elements, or show one."""
    session = session_of(context)

    async def work(client: "Client") -> Exit:
        if element:
            one = await client.get(f"elements/{segment(element)}", Element)
            if session.json:
                show_json(one)
            else:
                show_lines(element_lines(one, now=time.time()))
            return Exit.DONE
        found = await client.items("elements", Element)
        if session.json:
            show_json(found)
        else:
            rows = [element_row(one, now=time.time()) for one in found]
            show_table(columns(ELEMENT_TITLES, rows), empty="no elements")
        return Exit.DONE

    return session.run(work)


def calls(
    context: typer.Context,
    element: Name,
    action: Annotated[Literal["list", "end"], typer.Argument(help="List them, or end them.")] = "list",
    ids: Annotated[list[str] | None, typer.Argument(metavar="[CALL]...", help="Ids of the calls to end.")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="End every call of the element.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="List the oldest so many.")] = 1000,
) -> Exit:
    """List calls in progress, oldest first, or end them with BYE to both sides."""
    session = session_of(context)
    if action == "list":
        if ids or every:
            raise CommandError(Exit.USAGE, f"to end calls: busyout calls {element} end")
        return _list_calls(session, element, limit)
    if bool(ids) == every:
        raise CommandError(Exit.USAGE, "name the calls to end, or say --all")
    return _end_calls(session, element, ids or [])


def _list_calls(session: Session, element: str, limit: int) -> Exit:
    async def work(client: "Client") -> Exit:
        found = await client.items(f"elements/{segment(element)}/calls", Call, most=limit)
        if session.json:
            show_json(found)
        else:
            rows = [call_row(call, now=time.time()) for call in found]
            show_table(columns(CALL_TITLES, rows), empty="no calls in progress")
        return Exit.DONE

    return session.run(work)


def _end_calls(session: Session, element: str, ids: list[str]) -> Exit:
    async def work(client: "Client") -> Exit:
        ended = await _end(client, f"elements/{segment(element)}/calls", ids)
        if session.json:
            show_json(ended)
        else:
            show_line(f"{element}: {ended.ended} of {ended.asked} calls ended, {ended.failed} could not be")
        return Exit.FAILED if ended.failed else Exit.DONE

    return session.run(work)


async def _end(client: "Client", path: str, ids: list[str]) -> EndedCalls:
    if not ids:
        return await client.send("DELETE", path, EndedCalls)
    found = [await client.send("DELETE", f"{path}/{segment(one)}", EndedCalls) for one in ids]
    return EndedCalls(
        asked=sum(one.asked for one in found),
        ended=sum(one.ended for one in found),
        failed=sum(one.failed for one in found),
    )


def trunks(context: typer.Context, element: Name) -> Exit:
    """List the addresses that calls leave by, and whether they answer."""
    session = session_of(context)

    async def work(client: "Client") -> Exit:
        found = (await client.get(f"elements/{segment(element)}/trunks", Page[TrunkStatus])).items
        if session.json:
            show_json(found)
        else:
            show_table(columns(TRUNK_TITLES, [trunk_row(trunk) for trunk in found]), empty="no trunks")
        return Exit.DONE

    return session.run(work)


def alarms(context: typer.Context) -> Exit:
    """List what is wrong now."""
    session = session_of(context)

    async def work(client: "Client") -> Exit:
        found = await client.items("alarms", Alarm)
        if session.json:
            show_json(found)
        else:
            show_table(columns(ALARM_TITLES, [alarm_row(alarm) for alarm in found]), empty="no alarms")
        return Exit.DONE

    return session.run(work)
