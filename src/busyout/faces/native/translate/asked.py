"""What is asked on the native API, in the services' words. No I/O.

Commands and tables have the same shape on both sides, and tests hold them to it; they are carried over as a whole.
"""

import msgspec

from busyout.domain import commands
from busyout.domain.configuration.datastore import Datastore
from busyout.domain.configuration.tables import Tables
from busyout.domain.element import Element
from busyout.domain.page import OperationQuery
from busyout.http import MalformedRequest
from busyout.wire import native

RUNNING, STARTUP = Datastore.RUNNING, Datastore.STARTUP


def command(asked: native.Command) -> commands.Command:
    """What is asked of an element."""
    return msgspec.convert(msgspec.to_builtins(asked), commands.Command)  # type: ignore[no-any-return]


def configure(tables: native.Tables, if_match: str | None) -> commands.Configure:
    """The command that a new running configuration stands for."""
    return commands.Configure(domain_tables(tables), expected(if_match))


def domain_tables(tables: native.Tables) -> Tables:
    """The tables of a request."""
    return msgspec.convert(msgspec.to_builtins(tables), Tables)


def expected(if_match: str | None) -> str | None:
    """The digest that If-Match asks for; None where anything will do.

    Raises:
        MalformedRequest: It is neither `*` nor one strong entity tag.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tag = if_match.strip()
    if len(tag) < 3 or tag[0] != '"' or tag[-1] != '"' or '"' in tag[1:-1]:
        raise MalformedRequest("If-Match is * or one entity tag in quotes")
    return tag[1:-1]


def matches(if_none_match: str | None, digest: str) -> bool:
    """Whether If-None-Match names that digest."""
    tags = [tag.strip().removeprefix("W/") for tag in (if_none_match or "").split(",")]
    return "*" in tags or f'"{digest}"' in tags


def last_event(header: str | None, after: int | None) -> int | None:
    """The event to go on after; None begins with what happens now.

    Raises:
        MalformedRequest: Last-Event-ID is no event's id.
    """
    if header is None or not header.strip():
        return after
    if not (header.isascii() and header.strip().isdigit()) or len(header) > 18:
        raise MalformedRequest("Last-Event-ID is the id of an event")
    return int(header)


def query(*, element: str | None, settled: bool | None, after: str | None, limit: int) -> OperationQuery:
    """Which operations are asked for."""
    return OperationQuery(element=element, settled=settled, before=after, limit=limit)


def new_element(asked: native.NewElement) -> Element:
    """The element that is to be added."""
    return Element(
        name=asked.name, kind=asked.kind, driver=asked.driver, options=asked.options, retry_after=asked.retry_after
    )
