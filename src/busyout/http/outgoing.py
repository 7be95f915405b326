"""An answer as it goes out."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from functools import lru_cache
from typing import Any, Final

from falcon.asgi import SSEvent
from msgspec import Struct

from busyout.domain.errors import BusyoutError
from busyout.http.incoming import Incoming
from busyout.http.manners import Headers as Fixed
from busyout.http.route import Reply

log = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]

Headers = list[tuple[bytes, bytes]]

PATIENCE: Final = 60.0
"""Longest wait for a client to read a piece of an answer, in seconds."""

BODILESS: Final = frozenset({204, 304})

COMMENT: Final = b":\n\n"
"""What a heartbeat looks like."""


class Answer(Struct, frozen=True):
    """A reply, and what its face and its route add."""

    reply: Reply
    produces: str
    """Media type where the reply has none of its own."""
    headers: Fixed
    observed: Callable[[int], None] | None = None
    """Who counts answers; None for nobody."""


async def write(answer: Answer, incoming: Incoming, send: Send) -> None:
    """Write an answer."""
    reply = answer.reply
    headers: Headers = [*answer.headers]
    if reply.headers:
        headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in reply.headers]
    if reply.media_type is not None or reply.body or reply.events is not None:
        headers.append(_content_type(reply.media_type or answer.produces))
    if reply.events is not None and incoming.method != "HEAD":
        await _stream(reply.events, headers, incoming, send)
        return
    if reply.pieces is not None:
        await _in_pieces(reply, headers, incoming, send)
        return
    if reply.status not in BODILESS:
        headers.append((b"content-length", b"%d" % len(reply.body)))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if incoming.method == "HEAD" else reply.body})


async def _in_pieces(reply: Reply, headers: Headers, incoming: Incoming, send: Send) -> None:
    """Send a body as it is made. Where it cannot be made to its end, or is not taken, the connection is cut."""
    assert reply.pieces is not None
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    gone = asyncio.ensure_future(incoming.wait_gone())
    try:
        if incoming.method != "HEAD":
            await _taken(reply.body, send)
            await _rest(reply.pieces, gone, send)
        await send({"type": "http.response.body", "body": b""})
    except (BusyoutError, TimeoutError) as error:
        log.warning("answer_cut", extra={"path": incoming.path, "reason": str(error) or "the client does not read"})
    finally:
        gone.cancel()
        if isinstance(reply.pieces, AsyncGenerator):
            await reply.pieces.aclose()


async def _rest(pieces: AsyncIterator[bytes], gone: asyncio.Future[None], send: Send) -> None:
    """Send pieces until there are no more, or the client is gone."""
    async for piece in pieces:
        if gone.done():
            return
        await _taken(piece, send)


async def _taken(piece: bytes, send: Send) -> None:
    """Send a piece; raises TimeoutError where the client does not read."""
    async with asyncio.timeout(PATIENCE):
        await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _stream(events: AsyncIterator[SSEvent | None], headers: Headers, incoming: Incoming, send: Send) -> None:
    """Send events until there are no more, or the client is gone."""
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    gone = asyncio.ensure_future(incoming.wait_gone())
    try:
        while (sent := await _next(events, gone)) is not None:
            await send({"type": "http.response.body", "body": sent, "more_body": True})
    finally:
        gone.cancel()
        if isinstance(events, AsyncGenerator):
            await events.aclose()
    await send({"type": "http.response.body", "body": b""})


async def _next(events: AsyncIterator[SSEvent | None], gone: asyncio.Future[None]) -> bytes | None:
    """The next event as it is sent; None when there are no more, or the client is gone."""
    coming = asyncio.ensure_future(anext(events))
    try:
        await asyncio.wait((coming, gone), return_when=asyncio.FIRST_COMPLETED)
        if gone.done() and not coming.done():
            return None
        event = coming.result()
        return COMMENT if event is None else event.serialize()
    except StopAsyncIteration:
        return None
    finally:
        if not coming.done():
            coming.cancel()
            await asyncio.wait((coming,))


@lru_cache(maxsize=64)
def _content_type(media_type: str) -> tuple[bytes, bytes]:
    return b"content-type", media_type.encode("latin-1")
