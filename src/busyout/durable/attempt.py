"""Work that is tried until it succeeds, whatever goes wrong: the error is looked at, never caught."""

import asyncio
from collections.abc import Coroutine, Iterator
from itertools import chain, repeat
from typing import Any

FIRST_PAUSE = 0.25
"""Seconds before the second try."""

LONGEST_PAUSE = 30.0
"""Seconds between two tries at the most."""


def pauses() -> Iterator[float]:
    """Seconds to wait after each failed try: doubled each time, up to the longest."""
    doubled = (FIRST_PAUSE * 2.0**number for number in range(7))
    return chain(doubled, repeat(LONGEST_PAUSE))


async def failure_of(work: Coroutine[Any, Any, object]) -> BaseException | None:
    """Do the work; returns what it raised, or None. Cancelled together with its caller."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait({task})
        raise
    return asyncio.CancelledError() if task.cancelled() else task.exception()


async def end(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it has ended."""
    task.cancel()
    await asyncio.wait({task})
