"""Bodies: read whole, within a bound, and decoded strictly by content, never by header."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import falcon.asgi
import msgspec

from busyout.http.faults import BodyIncomplete, BodyTooLarge, MalformedBody
from busyout.http.route import Route

Receive = Callable[[], Awaitable[dict[str, Any]]]


def guarded(receive: Receive) -> Receive:
    """`receive` that raises when the client is gone before its body is complete; Falcon takes that for the end."""
    begun = complete = False

    async def receive_whole() -> dict[str, Any]:
        nonlocal begun, complete
        event = await receive()
        if event["type"] == "http.request":
            begun, complete = True, not event.get("more_body", False)
        elif begun and not complete:
            raise BodyIncomplete
        return event

    return receive_whole


async def read_whole(request: falcon.asgi.Request, limit: int) -> bytes:
    """The body.

    Raises:
        BodyTooLarge: It has more than `limit` bytes; no more than that were kept.
        BodyIncomplete: The client went away in the middle.
    """
    if (request.content_length or 0) > limit:
        raise BodyTooLarge(f"a body has at most {limit} bytes here")
    body = bytearray()
    async for chunk in request.stream:
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(f"a body has at most {limit} bytes here")
    return bytes(body)


def decoded(body: bytes, route: Route) -> object:
    """The value that a route's body stands for.

    Raises:
        MalformedBody: It is no JSON of that type, or names a member twice.
    """
    if not body.strip():
        if route.default is None:
            raise MalformedBody("a JSON body is required here")
        return route.default
    try:
        value: object = msgspec.json.decode(body, type=route.body)
        json.loads(body, object_pairs_hook=_members)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedBody(_worded(error)) from error
    return value


def _worded(error: Exception) -> str:
    if isinstance(error, msgspec.DecodeError):
        return str(error)
    return "the body is not UTF-8" if isinstance(error, UnicodeError) else "the body is nested too deeply"


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedBody("an object names the same member twice")
    return members
