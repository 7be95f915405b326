"""`events` and `audit`: what happened, and who did what."""

from typing import TYPE_CHECKING, Annotated

import typer

from busyout.cli.exits import Exit
from busyout.cli.follow import happenings
from busyout.cli.output import show_json, show_json_line, show_line
from busyout.cli.session import session_of
from busyout.cli.text import counted
from busyout.cli.words import event_line
from busyout.wire.native import AuditVerdict

if TYPE_CHECKING:
    from busyout.cli.client import Client

audit = typer.Typer(help="The trail of who did what.", no_args_is_help=True, rich_markup_mode=None)


def events(
    context: typer.Context,
    *,
    after: Annotated[int | None, typer.Option(metavar="ID", help="Begin with what happened after that event.")] = None,
    element: Annotated[str | None, typer.Option(help="Only those of this element.")] = None,
    progress: Annotated[bool, typer.Option("--progress", help="Also the progress of drains.")] = False,
) -> Exit:
    """Print events as they happen, one a line, until interrupted; a server that restarts is waited for."""
    session = session_of(context)

    async def work(client: "Client") -> Exit:
        async for event in happenings(client, after=after):
            if (element and event.element != element) or (event.type == "operation.progress" and not progress):
                continue
            if session.json:
                show_json_line(event)
            else:
                show_line(event_line(event))
        return Exit.DONE

    return session.run(work)


@audit.command()
def verify(context: typer.Context) -> Exit:
    """Check that no entry of the audit trail was changed or removed."""
    session = session_of(context)

    async def work(client: "Client") -> Exit:
        verdict = await client.get("audit/verification", AuditVerdict)
        if session.json:
            show_json(verdict)
        elif verdict.intact:
            show_line(f"the audit trail is intact: {counted(verdict.entries, 'entry')}".replace("entrys", "entries"))
        else:
            show_line(f"the audit trail is BROKEN at entry {verdict.first_broken} of {verdict.entries}")
        return Exit.DONE if verdict.intact else Exit.FAILED

    return session.run(work)
