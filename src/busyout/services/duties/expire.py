"""Forget what is old, so that nothing grows for ever."""

from typing import Final

from busyout.ports.clock import Clock
from busyout.ports.store import EventLog
from busyout.services.operations import Operations

OPERATIONS_KEPT: Final = 30 * 86_400.0
"""Seconds for which a settled operation can be looked up."""

PURGED_AT_ONCE: Final = 500
"""Operations forgotten in one unit of work."""

EVENTS_KEPT: Final = 100_000
"""Most events in the log."""


class Expiry:
    """Forgets old operations and events."""

    def __init__(self, operations: Operations, log: EventLog, clock: Clock) -> None:
        self._operations = operations
        self._log = log
        self._clock = clock

    async def round(self) -> None:
        """Forget everything that is old now."""
        before = self._clock.now() - OPERATIONS_KEPT
        while await self._operations.purge(settled_before=before, limit=PURGED_AT_ONCE) == PURGED_AT_ONCE:
            pass
        await self._log.trim(keep=EVENTS_KEPT)
