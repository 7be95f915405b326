"""Server-sent events with a heartbeat, so that both ends notice when the other is gone."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import TypeVar

from falcon.asgi import SSEvent

T = TypeVar("T")

HEARTBEAT = 15.0
"""Seconds between two comments."""


async def server_sent(
    source: AsyncIterator[T], worded: Callable[[T], SSEvent], sleep: Callable[[float], Awaitable[None]]
) -> AsyncIterator[SSEvent | None]:
    """The events of `source`, and None (a comment) every `HEARTBEAT` seconds; ends when `source` ends."""
    coming = asyncio.ensure_future(anext(source, None))
    beat = asyncio.ensure_future(sleep(HEARTBEAT))
    try:
        while True:
            await asyncio.wait((coming, beat), return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                if (event := coming.result()) is None:
                    return
                yield worded(event)
                coming = asyncio.ensure_future(anext(source, None))
            if beat.done():
                yield None
                beat = asyncio.ensure_future(sleep(HEARTBEAT))
    finally:
        coming.cancel()
        beat.cancel()
        await asyncio.wait((coming, beat))
        if isinstance(source, AsyncGenerator):
            await source.aclose()
