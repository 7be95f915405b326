"""Routes and faces as data, and what passes between them and their handlers."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
from falcon.asgi import SSEvent
from msgspec import Struct

from busyout.domain.errors import BusyoutError
from busyout.domain.operator import Caller, Level
from busyout.http.authentication import Authenticator
from busyout.http.entrance import Entrance
from busyout.http.manners import OURS, Manners

JSON = "application/json"

BODY_LIMIT = 4 * 1024 * 1024
"""Most bytes of a body that is decoded as a whole."""

B = TypeVar("B")
Q = TypeVar("Q")

encoded = msgspec.json.Encoder().encode
"""A value as JSON bytes."""


class Request(Struct, Generic[B, Q], frozen=True):
    """What a handler is given: authenticated, permitted, decoded."""

    caller: Caller
    """For a route without a level, nobody: a name of no operator."""
    path: Mapping[str, str]
    """The variable parts of the address, by name."""
    query: Q
    body: B
    header: Callable[[str], str | None]
    """A request header by name, whatever its case; None when it is not there."""
    gone: Callable[[], Awaitable[None]]
    """Returns when the client has gone away; for routes that take no body, or have it already."""


class Reply(Struct, frozen=True):
    """What a handler answers."""

    status: int = 200
    body: bytes = b""
    media_type: str | None = None
    """None for the route's own where there is a body, and for none where there is no body."""
    headers: tuple[tuple[str, str], ...] = ()
    pieces: AsyncIterator[bytes] | None = None
    """What follows the body, as it is made, so that its length is not told; None where `body` is all."""
    events: AsyncIterator[SSEvent | None] | None = None
    """Server-sent events instead of a body; None for an ordinary answer."""


Handler = Callable[[Request[Any, Any]], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One method on one path."""

    method: str
    path: str
    """With `{name}` for a segment, `{name:path}` for all that is left."""
    handler: Handler
    level: Level | None
    """Lowest level that may come in; None lets everybody in, without credentials."""
    summary: str
    permits: Callable[[Caller], None] | None = None
    """Raises a refusal where the caller has not what is needed beside the level. None for nothing more."""
    answers: Mapping[int, Any]
    """Type of the body of each success; None where it is empty or no JSON."""
    produces: str = JSON
    negotiated: bool = True
    """Whether the Accept header is looked at."""
    known: Callable[[Mapping[str, str]], None] | None = None
    """Raises a refusal where the variable parts name nothing, before anybody is asked for credentials. None for no."""
    entrance: Entrance | None = None
    """What its requests pass: checked once the caller is known to be permitted, counted from when the body has come
    until the reply is made. None for nothing."""
    body: Any = None
    """Type that the body is decoded to; None where a body is ignored."""
    default: Any = None
    """What an empty body stands for; None where a body is required."""
    query: Any = None
    """A `Struct` that the query is converted to, or `dict` for all of it as texts; None where it is ignored."""
    headers: tuple[str, ...] = ()
    """Request headers that it heeds, for the documentation."""
    refuses: tuple[type[BusyoutError], ...] = ()
    """What its service refuses, for the documentation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The routes of one document, and how it words a refusal."""

    name: str
    prefixes: tuple[str, ...]
    """Paths that it owns, each with everything below."""
    routes: tuple[Route, ...]
    operators: Authenticator
    statuses: Mapping[type[BusyoutError], int]
    """Status of each refusal and failure; the nearest base class counts."""
    worded: Callable[[int, BusyoutError], bytes]
    """The body of a refusal."""
    error_type: str = JSON
    """Media type of that body."""
    answers_options: bool = True
    """Whether OPTIONS is answered with 204 and Allow; otherwise it is a method like any other."""
    manners: Manners = OURS
    """How it handles HTTP itself."""
    closed: Callable[[str], None] | None = None
    """Raises a refusal while the face serves nobody at a path; asked after authentication, also where there is nothing.
    None for never."""
    observed: Callable[[int], None] | None = None
    """Told the status of each answer once it is made. None where nobody counts."""
    addressed: Callable[[str | None], None] | None = None
    """Raises a refusal where the header Host names a host that the face is not for; asked first of all, but not on
    routes without a level. None for any host."""
    gate: Callable[[], None] | None = None
    """Raises a refusal while the face cannot serve; asked after authentication. None where it always can."""


def status_of(statuses: Mapping[type[BusyoutError], int], error: type[BusyoutError]) -> int:
    """The status of an error's nearest base class in a face's table.

    Raises:
        LookupError: The table has none.
    """
    for base in error.__mro__:
        if base in statuses:
            return statuses[base]
    raise LookupError(f"{error.__name__} has no status")
