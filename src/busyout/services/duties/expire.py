"""Forget what is old, so that nothing grows for ever."""

from typing import Final

from busyout.ports.clock import Clock
from busyout.ports.store import EventLog
from busyout.services.monitors import Monitors
from busyout.services.operations import Operations

PURGED_AT_ONCE: Final = 500
"""Operations forgotten in one unit of work."""


class Expiry:
    """Forgets old operations, monitors and events."""

    def __init__(
        self, operations: Operations, monitors: Monitors, log: EventLog, clock: Clock, *, keep: tuple[float, int]
    ) -> None:
        """`keep` is how many seconds settled operations are kept, and how many events."""
        self._operations = operations
        self._monitors = monitors
        self._log = log
        self._clock = clock
        self._seconds, self._events = keep

    async def round(self) -> None:
        """Forget everything that is old now."""
        before = self._clock.now() - self._seconds
        while await self._operations.purge(settled_before=before, limit=PURGED_AT_ONCE) == PURGED_AT_ONCE:
            pass
        await self._monitors.expire()
        await self._log.trim(keep=self._events)
