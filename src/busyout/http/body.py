"""Bodies: read whole, within a bound, and decoded strictly by content, never by header."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

import falcon.asgi
import msgspec

from busyout.http.faults import BodyIncomplete, BodyTooLarge, MalformedBody
from busyout.http.route import Route

Receive = Callable[[], Awaitable[dict[str, Any]]]


PATIENCE: Final = 60.0
"""Longest wait for a whole body, in seconds."""


NOTHING_YET: Final = {"type": "http.request", "body": b"", "more_body": True}


def guarded(receive: Receive) -> Receive:
    """`receive` that mistrusts both ends.

    The first event is empty, so that a request is judged before its body is asked for. A client that is gone before
    its body is complete raises: Falcon takes that for the end.
    """
    begun = complete = False

    async def receive_whole() -> dict[str, Any]:
        nonlocal begun, complete
        if not begun:
            begun = True
            return NOTHING_YET
        event = await receive()
        if event["type"] == "http.request":
            complete = not event.get("more_body", False)
        elif not complete:
            raise BodyIncomplete
        return event

    return receive_whole


async def read_whole(request: falcon.asgi.Request, limit: int) -> bytes:
    """The body.

    Raises:
        BodyTooLarge: It has more than `limit` bytes; no more than that were kept.
        BodyIncomplete: The client went away in the middle, or is too slow.
    """
    if (request.content_length or 0) > limit:
        raise BodyTooLarge(f"a body has at most {limit} bytes here")
    try:
        async with asyncio.timeout(PATIENCE):
            return await _collected(request, limit)
    except TimeoutError:
        raise BodyIncomplete("the body did not arrive in time") from None


async def _collected(request: falcon.asgi.Request, limit: int) -> bytes:
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
