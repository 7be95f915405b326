"""Calls of `advance` on the event loop that opened the engine: one at a time for each operation."""

import asyncio
import logging

from busyout.ports.operations import Advance

CANCEL_PATIENCE = 1.0
"""Seconds that calls in progress have to end after they were cancelled."""

log = logging.getLogger(__name__)


class Advances:
    """What of the services runs on behalf of the engine. Made, used and closed on the loop of the services."""

    def __init__(self, advance: Advance) -> None:
        self.home = asyncio.get_running_loop()
        """The loop that every call runs on."""
        self.closed = False
        self._advance = advance
        self._running: dict[str, asyncio.Task[bool]] = {}

    async def once(self, operation: str) -> bool:
        """Advance an operation by one step; a caller that comes while one is running shares its outcome.

        Two executions of one workflow can meet here, when one has lost it to the other and does not know yet.

        Raises:
            CancelledError: It was closed; nothing is known about the step.
        """
        if self.closed:
            raise asyncio.CancelledError
        task = self._running.get(operation)
        if task is None:
            task = asyncio.ensure_future(self._advance(operation))
            self._running[operation] = task
            task.add_done_callback(lambda _: self._running.pop(operation, None))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Interrupt what is running, and let nothing run any more."""
        self.closed = True
        tasks = set(self._running.values())
        if not tasks:
            return
        for task in tasks:
            task.cancel()
        _, stuck = await asyncio.wait(tasks, timeout=CANCEL_PATIENCE)
        if stuck:
            log.error("advance_does_not_end", extra={"operations": sorted(self._running)})
