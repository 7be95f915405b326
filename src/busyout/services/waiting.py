"""Waiting for an operation: until it has settled, or until it refuses new calls."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from busyout.domain.operation import Operation
from busyout.services.activities.drain import DrainCalls

LOOK_AGAIN: Final = 0.5
"""Seconds after which somebody who waits looks into the journal, in case another server settled the operation."""

REFUSING_LOOK: Final = 0.005
"""Seconds between two looks, in memory, at whether new calls are refused yet."""


class Waiting:
    """Those who wait for operations."""

    def __init__(self, find: Callable[[str], Awaitable[Operation]], live: Mapping[str, Operation]) -> None:
        self._find = find
        self._live = live
        self._settling: dict[str, set[asyncio.Event]] = {}
        """By operation, one for each who waits for it."""

    def settled(self, operation: str) -> None:
        """Wake those who wait for an operation that has settled."""
        for settled in self._settling.get(operation, ()):
            settled.set()

    async def wait_settled(self, operation: str, *, timeout: float | None) -> Operation:
        """The operation once it has settled, or as it is after `timeout` seconds.

        Raises:
            NoSuchOperation: There is none of that id.
        """
        until = None if timeout is None else asyncio.get_running_loop().time() + timeout
        with self._listening(operation) as settled:
            while not (found := await self._find(operation)).settled:
                left = LOOK_AGAIN if until is None else min(LOOK_AGAIN, until - asyncio.get_running_loop().time())
                if left <= 0:
                    break
                await _wait_for(settled, left)
            return found

    async def wait_refusing(self, operation: str, *, timeout: float) -> None:
        """Return when the drain of an operation that is carried here refuses new calls, or it has settled.

        At the latest after `timeout` seconds: a drain that comes late is waited for no longer.
        """
        until = asyncio.get_running_loop().time() + timeout
        while asyncio.get_running_loop().time() < until:
            carried = self._live.get(operation)
            if carried is None:
                if (await self._find(operation)).settled:
                    return
            elif any(step.label == DrainCalls.label and step.progress is not None for step in carried.steps):
                return
            await asyncio.sleep(REFUSING_LOOK)

    @contextmanager
    def _listening(self, operation: str) -> Iterator[asyncio.Event]:
        """An event of its own for each who waits: whoever gives up takes it from nobody else."""
        settled = asyncio.Event()
        others = self._settling.setdefault(operation, set())
        others.add(settled)
        try:
            yield settled
        finally:
            others.discard(settled)
            if not others:
                self._settling.pop(operation, None)


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
