"""Work that is worth doing only as long as somebody waits for its result."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def unless_gone(work: Coroutine[Any, Any, T], gone: Callable[[], Awaitable[None]]) -> T | None:
    """The result of some work; None where the client has gone away before, and the work is broken off."""
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(gone())
    both = (working, leaving)
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in both:
            task.cancel()
        await asyncio.wait(both)
