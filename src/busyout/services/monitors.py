"""Numbers by which operations in progress are followed: kept over a restart, never given twice, not kept for ever."""

from collections import OrderedDict
from typing import Final

from busyout.domain.errors import NoSuchMonitor, NoSuchOperation
from busyout.domain.monitor import Monitor, MonitorBounds
from busyout.domain.operation import Operation
from busyout.domain.operator import Caller
from busyout.ports.clock import Clock
from busyout.ports.store import MonitorList
from busyout.services.operations import Operations

LARGEST: Final = 2**53
"""Numbers from here on are given to nobody."""

REMEMBERED: Final = 32
"""Settled operations kept in memory, as they do not change any more."""

BELIEVED_FOR: Final = 1.0
"""Seconds for which a monitor is believed to be there; as long can one be read that another server has deleted."""

LONGEST_WAIT: Final = 300.0
"""Longest wait for the end of an operation, in seconds."""

MOST_WAITING: Final = 512
"""Most waits at the same time: each looks into the journal again and again, and holds a connection."""


class Monitors:
    """Opens, reads and removes monitors."""

    def __init__(self, store: MonitorList, operations: Operations, bounds: MonitorBounds, clock: Clock) -> None:
        self._store = store
        self._operations = operations
        self._bounds = bounds
        self._clock = clock
        self._settled: OrderedDict[str, Operation] = OrderedDict()
        self._seen: dict[tuple[str, int], tuple[Monitor, float]] = {}
        """Monitors that were there, and until when that is believed."""
        self.waiting = 0
        """How many wait for the end of an operation."""

    async def open(self, caller: Caller, collection: str, operation: str) -> int:
        """Give an operation the next number of a collection, the first one being 1; it is the caller's tenant's."""
        opened = await self._store.open(collection, operation, tenant=caller.tenant, kept=self._bounds.kept)
        self._seen.clear()
        return opened.number

    async def find(self, caller: Caller, collection: str, number: int) -> Operation:
        """The operation behind a number, with its progress as it is now.

        Raises:
            NoSuchMonitor: The number was never given, or its monitor was deleted, has expired or is another tenant's.
        """
        monitor = await self._monitor(collection, number)
        if not monitor.seen_by(caller.tenant):
            raise NoSuchMonitor
        operation = self._settled.get(monitor.operation) or await self._operation(monitor)
        if operation.settled:
            self._remember(operation)
            if operation.settled_at is not None and operation.settled_at < self._expiring:
                raise NoSuchMonitor
        return operation

    async def delete(self, caller: Caller, collection: str, number: int) -> None:
        """Remove a monitor, but never its operation; one that is gone already stays gone.

        Raises:
            NoSuchMonitor: The number was never given, or is another tenant's.
        """
        if not 0 < number < LARGEST or not await self._store.delete(collection, number, tenant=caller.tenant):
            raise NoSuchMonitor
        self._seen.pop((collection, number), None)

    async def wait(self, caller: Caller, collection: str, number: int, seconds: float) -> Operation:
        """As `find`, once the operation has settled or so many seconds have passed, at most `LONGEST_WAIT`.

        Raises:
            NoSuchMonitor: As for `find`.
        """
        operation = await self.find(caller, collection, number)
        if operation.settled or not seconds > 0:
            return operation
        self.waiting += 1
        try:
            await self._operations.wait_settled(operation.id, timeout=min(seconds, LONGEST_WAIT))
        finally:
            self.waiting -= 1
        return await self.find(caller, collection, number)

    @property
    def crowded(self) -> bool:
        """Whether so many wait that further ones had better look again later."""
        return self.waiting >= MOST_WAITING

    async def expire(self) -> None:
        """Remove the monitors whose grace has passed."""
        await self._store.expire(settled_before=self._expiring)
        self._seen.clear()

    @property
    def _expiring(self) -> float:
        return self._clock.now() - self._bounds.grace

    async def _monitor(self, collection: str, number: int) -> Monitor:
        seen = self._seen.get((collection, number))
        if seen is not None and self._clock.now() < seen[1]:
            return seen[0]
        monitor = await self._store.find(collection, number) if 0 < number < LARGEST else None
        if monitor is None:
            raise NoSuchMonitor
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        self._seen[collection, number] = monitor, self._clock.now() + BELIEVED_FOR
        return monitor

    async def _operation(self, monitor: Monitor) -> Operation:
        try:
            return await self._operations.find(monitor.operation)
        except NoSuchOperation as error:
            raise NoSuchMonitor from error

    def _remember(self, operation: Operation) -> None:
        self._settled[operation.id] = operation
        self._settled.move_to_end(operation.id)
        while len(self._settled) > REMEMBERED:
            self._settled.popitem(last=False)
