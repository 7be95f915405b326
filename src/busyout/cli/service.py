"""`drain`, `restore`, `restart`: taking elements out of service and putting them back."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from busyout.cli.exits import CommandError, Exit
from busyout.cli.output import show_json, show_line
from busyout.cli.session import Session, session_of
from busyout.cli.text import segment
from busyout.cli.words import command_words
from busyout.wire.native import Command, Drain, Immediately, Operation, Policy, Restart, Restore, UntilIdle, Within

if TYPE_CHECKING:
    from busyout.cli.client import Client

Name = Annotated[str, typer.Argument(metavar="ELEMENT", help="Name of the element.")]
Idle = Annotated[bool, typer.Option("--until-idle", help="Wait until every call has ended by itself (the default).")]
Seconds = Annotated[
    float | None,
    typer.Option("--within", metavar="SECONDS", min=0.1, help="Wait so long at the most; see --at-deadline."),
]
Now = Annotated[bool, typer.Option("--immediately", help="Do not wait: end the calls in progress at once.")]
Choice = Literal["force", "abort", "extend"]
Deadline = Annotated[
    Choice | None,
    typer.Option(
        help="With --within, when calls are left then: end them (force, the default), put the element back (abort), "
        "or wait for as long again (extend)."
    ),
]
Follow = Annotated[bool, typer.Option("--follow/--no-follow", help="Stay and show how it goes, or return at once.")]


def drain(
    context: typer.Context,
    element: Name,
    *,
    until_idle: Idle = False,
    within: Seconds = None,
    immediately: Now = False,
    at_deadline: Deadline = None,
    follow: Follow = True,
) -> Exit:
    """Take an element out of service without cutting a call: refuse new calls, wait for those in progress."""
    policy = _policy(until_idle=until_idle, within=within, immediately=immediately)
    command = Drain(policy, _then(at_deadline, policy))
    return start(session_of(context), element, command, follow=follow)


def restart(
    context: typer.Context,
    element: Name,
    *,
    until_idle: Idle = False,
    within: Seconds = None,
    immediately: Now = False,
    at_deadline: Deadline = None,
    no_save: Annotated[bool, typer.Option("--no-save", help="Lose configuration that is not saved.")] = False,
    follow: Follow = True,
) -> Exit:
    """Drain an element, restart its engine, and let calls in again."""
    policy = _policy(until_idle=until_idle, within=within, immediately=immediately)
    return start(
        session_of(context), element, Restart(policy, _then(at_deadline, policy), save=not no_save), follow=follow
    )


def restore(context: typer.Context, element: Name, *, follow: Follow = True) -> Exit:
    """Put an element back into service: let calls in again."""
    return start(session_of(context), element, Restore(), follow=follow)


def start(session: Session, element: str, command: Command, *, follow: bool) -> Exit:
    """Start an operation and, if wanted, see it through."""

    async def work(client: "Client") -> Exit:
        path = f"elements/{segment(element)}/operations"
        operation = await client.send("POST", path, Operation, command)
        if follow:
            return await session.see_through(client, operation)
        if session.json:
            show_json(operation)
        else:
            show_line(f"{operation.element}: {command_words(operation)} has begun, operation {operation.id}")
        return Exit.DONE

    return session.run(work)


def _policy(*, until_idle: bool, within: float | None, immediately: bool) -> Policy:
    if until_idle + (within is not None) + immediately > 1:
        raise CommandError(Exit.USAGE, "only one of --until-idle, --within and --immediately")
    if immediately:
        return Immediately()
    return UntilIdle() if within is None else Within(within)


def _then(at_deadline: Choice | None, policy: Policy) -> Choice:
    """What happens at the deadline; refused where there is none."""
    if at_deadline is not None and not isinstance(policy, Within):
        raise CommandError(Exit.USAGE, "--at-deadline needs --within: there is no deadline otherwise")
    return at_deadline or "force"
