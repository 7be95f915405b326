"""Keep every engine running, admitting calls as was decided, on the configuration that is running."""

import asyncio
import logging
from typing import Final

from busyout.domain.alarm import Alarm, Severity
from busyout.domain.configuration.datastore import Datastore
from busyout.domain.element import ElementStatus, admits
from busyout.domain.engine import Capability
from busyout.domain.errors import (
    BusyoutError,
    ElementUnreachable,
    EngineGone,
    EngineRefused,
    InvalidConfiguration,
    NoSuchElement,
)
from busyout.domain.operation import Operation
from busyout.domain.supervision import Restarts, flapping, start_due_at
from busyout.ports.clock import Clock
from busyout.services.activities.catalogue import SERVICE, moves_engine
from busyout.services.alarms import Alarms
from busyout.services.configuration import Configuration
from busyout.services.duties.trunks import TrunkWatch
from busyout.services.inventory import Inventory
from busyout.services.operations import Operations

log = logging.getLogger(__name__)

AT_ONCE: Final = 64
"""Elements looked at together."""

SILENT_LOOKS: Final = 3
"""Looks in a row without an answer that raise an alarm."""

ENGINE: Final = "engine"
"""Source of the alarms about the engine as a whole."""

UNREACHABLE: Final = "elementUnreachable"
FLAPPING: Final = "engineFlapping"
REFUSING: Final = "engineRefuses"
"""It answers, but not as it is asked to: by an error, or that its configuration is wrong."""


class Supervision:
    """Looks at every element and mends what can be mended."""

    def __init__(
        self, inventory: Inventory, configuration: Configuration, operations: Operations, alarms: Alarms, clock: Clock
    ) -> None:
        self._inventory = inventory
        self._configuration = configuration
        self._operations = operations
        self._alarms = alarms
        self._clock = clock
        self._trunks = TrunkWatch(alarms, clock)
        self._restarts: dict[str, Restarts] = {}
        self._silent: dict[str, int] = {}
        self._applied: dict[str, tuple[float | None, str]] = {}

    async def round(self) -> None:
        """Look at every element once, and leave nothing of those that are gone."""
        unsettled = await self._operations.unsettled()
        held = {operation.element: operation for operation in unsettled if operation.lane == SERVICE}
        names = self._inventory.names()
        await self._leave(frozenset(names))
        for first in range(0, len(names), AT_ONCE):
            async with asyncio.TaskGroup() as looks:
                for name in names[first : first + AT_ONCE]:
                    looks.create_task(self._look(name, held.get(name)))

    async def _leave(self, names: frozenset[str]) -> None:
        """Forget elements that are none of these, and clear what was wrong with them."""
        for noted in (self._restarts, self._silent, self._applied):
            for gone in noted.keys() - names:
                noted.pop(gone)
        await self._alarms.clear_of_others(names)

    async def _look(self, name: str, operation: Operation | None) -> None:
        try:
            status = await self._inventory.look(name)
            await self._obey(name, status)
            if operation is None:
                await self._reapply(name, status)
            await self._trunks.look(name, self._inventory.driver(name))
            await self._calm(name)
        except EngineGone:
            if operation is None or not moves_engine(operation):
                await self._revive(name)
        except BusyoutError as error:
            await self._judge(name, error)

    async def _judge(self, name: str, error: BusyoutError) -> None:
        """Only silence counts as silence; a store that is away is no fault of the element."""
        match error:
            case ElementUnreachable():
                await self._complain(name, str(error))
            case EngineRefused() | InvalidConfiguration():
                self._silent.pop(name, None)
                await self._alarms.clear(name, ENGINE, UNREACHABLE)
                await self._alarm(name, REFUSING, Severity.MAJOR, str(error))
            case NoSuchElement():
                log.info("element_left", extra={"element": name})
            case _:
                log.warning("look_failed", extra={"element": name, "reason": str(error)})

    async def _obey(self, name: str, status: ElementStatus) -> None:
        """Assert what was decided where the engine has another mind."""
        if not status.obeys:
            element = self._inventory.element(name)
            await self._inventory.driver(name).admit(admits(element), retry_after=element.retry_after)

    async def _reapply(self, name: str, status: ElementStatus) -> None:
        """Hand the engine the running configuration, once for each start and content."""
        if Capability.LIVE_RELOAD not in status.capabilities:
            return
        wanted = (status.up_since, status.running_digest)
        if status.effective_digest != status.running_digest and self._applied.get(name) != wanted:
            running = await self._configuration.read(name, Datastore.RUNNING)
            await self._inventory.driver(name).apply(running.tables)
            self._applied[name] = wanted

    async def _revive(self, name: str) -> None:
        """Start an engine that has ended by itself, ever less eagerly."""
        now = self._clock.now()
        restarts = self._restarts.get(name, Restarts())
        if now < start_due_at(restarts, now=now):
            return
        self._restarts[name] = restarts.noted(now)
        log.warning("engine_started_again", extra={"element": name, "starts": len(self._restarts[name].at)})
        if flapping(self._restarts[name], now=now):
            await self._alarm(name, FLAPPING, Severity.MAJOR, "the engine ends again and again by itself")
        try:
            await self._inventory.start(name)
        except BusyoutError as error:
            await self._judge(name, error)

    async def _complain(self, name: str, reason: str) -> None:
        self._silent[name] = self._silent.get(name, 0) + 1
        if self._silent[name] >= SILENT_LOOKS:
            await self._alarm(name, UNREACHABLE, Severity.CRITICAL, reason)

    async def _calm(self, name: str) -> None:
        self._silent.pop(name, None)
        await self._alarms.clear(name, ENGINE, UNREACHABLE)
        await self._alarms.clear(name, ENGINE, REFUSING)
        if not flapping(self._restarts.get(name, Restarts()), now=self._clock.now()):
            await self._alarms.clear(name, ENGINE, FLAPPING)

    async def _alarm(self, name: str, alarm: str, severity: Severity, text: str) -> None:
        await self._alarms.raise_(
            Alarm(
                id=0,
                element=name,
                source=ENGINE,
                name=alarm,
                severity=severity,
                probable_cause="equipmentMalfunction",
                text=text,
                raised_at=self._clock.now(),
            )
        )
