"""The driver of an element that lives in the server: always there, never with a call."""

import os
from collections.abc import AsyncIterator, Collection

from busyout import __version__
from busyout.domain.configuration.tables import Tables, digest
from busyout.domain.element import Element
from busyout.domain.engine import (
    Applied,
    Capability,
    EngineEvent,
    EngineInfo,
    EngineSetup,
    Stopped,
    TrunkStatus,
)
from busyout.domain.errors import InvalidConfiguration, InvalidValue, NoSuchCall, NoSuchTrunk, NotSupported
from busyout.domain.traffic import Call, Counters, Ended, Load
from busyout.ports.clock import Clock

CAPABILITIES = {
    "provisioning": frozenset({Capability.PROVISIONING}),
    "context": frozenset({Capability.CONTEXT}),
}
"""What each kind of element can do that lives in the server."""


class InsideDriver:
    """Implements `ports.driver.Driver`."""

    def __init__(self, element: Element, clock: Clock) -> None:
        """Raises InvalidValue where no element of that kind lives in the server, or it is given options."""
        if element.kind not in CAPABILITIES:
            raise InvalidValue(f"the driver inside has elements of kind {', '.join(CAPABILITIES)} only")
        if element.options:
            raise InvalidValue("the driver inside has no options")
        self.capabilities = CAPABILITIES[element.kind]
        self._name = element.name
        self._clock = clock
        self._epoch = clock.now()
        self._admitting = True
        self._tables = Tables()

    async def start(self, setup: EngineSetup) -> EngineInfo:
        """Nothing needs to be started."""
        _require_empty(setup.tables)
        self._admitting = setup.admitting
        return await self.info()

    async def info(self) -> EngineInfo:
        """The server itself."""
        return EngineInfo(
            name="inside",
            version=__version__,
            pid=os.getpid(),
            epoch=self._epoch,
            admitting=self._admitting,
            digest=digest(self._tables),
        )

    async def stop(self, *, kill_after: float = 10.0) -> Stopped | None:
        """Nothing can be ended without the server."""
        del kill_after
        return None

    async def take_over(self, setup: EngineSetup) -> EngineInfo:
        """Raises NotSupported: there is no process of its own."""
        raise NotSupported(f"{self._name} lives in the server and cannot be handed over")

    async def admit(self, admitting: bool, *, retry_after: int) -> None:
        """Take the decision; there are no calls that it would concern."""
        del retry_after
        self._admitting = admitting

    async def load(self) -> Load:
        """Nothing."""
        return Load(calls=0, setups=0, transactions=0)

    async def calls(self, *, limit: int = 1000, after: str | None = None) -> tuple[Call, ...]:
        """None."""
        del limit, after
        return ()

    async def end(self, ids: Collection[str] | None) -> Ended:
        """There is nothing to end; one single call that is named is not there."""
        if ids is not None and len(ids) == 1:
            raise NoSuchCall
        return Ended(asked=len(ids or ()), ended=0, failed=0)

    async def counters(self) -> Counters:
        """None."""
        return Counters(epoch=self._epoch, taken_at=self._clock.now(), values={})

    async def apply(self, tables: Tables, *, dry_run: bool = False) -> Applied:
        """There is nothing that a row could configure."""
        del dry_run
        _require_empty(tables)
        return Applied(live=(), needs_restart=())

    async def trunks(self) -> tuple[TrunkStatus, ...]:
        """None."""
        return ()

    async def set_trunk(self, trunk: str, *, enabled: bool) -> None:
        """Raises NoSuchTrunk: there are none."""
        del enabled
        raise NoSuchTrunk(f"{self._name} has no trunk {trunk!r}")

    async def events(self) -> AsyncIterator[EngineEvent]:
        """None: what changes here is told by the services."""
        nothing: tuple[EngineEvent, ...] = ()
        for event in nothing:
            yield event

    async def close(self) -> None:
        """Nothing is held."""


def _require_empty(tables: Tables) -> None:
    if tables != Tables():
        raise InvalidConfiguration(("an element that lives in the server has no tables",))
