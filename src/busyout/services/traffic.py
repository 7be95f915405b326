"""The calls and trunks of an element, looked at and handled by hand."""

from collections.abc import Collection

from busyout.domain.engine import TrunkStatus
from busyout.domain.operator import Caller, Level, require
from busyout.domain.traffic import Call, Counters, Ended
from busyout.services.audit import Audit
from busyout.services.inventory import Inventory


class Traffic:
    """Lists and ends calls, shows and switches trunks."""

    def __init__(self, inventory: Inventory, audit: Audit) -> None:
        self._inventory = inventory
        self._audit = audit

    async def calls(self, name: str, *, limit: int = 100, after: str | None = None) -> tuple[Call, ...]:
        """Calls in progress, oldest first; `after` is the id of the last one of the previous page."""
        return await self._inventory.driver(name).calls(limit=limit, after=after)

    async def end_calls(self, caller: Caller, name: str, ids: Collection[str] | None) -> Ended:
        """End calls by hand; None for all of them.

        Raises:
            NotPermitted: The caller is no administrator.
            NoSuchCall: One single id was given and it is not in progress.
        """
        require(caller, Level.ADMINISTRATOR)
        driver = self._inventory.driver(name)
        await self._audit.record(caller, "calls.end", name, after="all" if ids is None else sorted(ids))
        return await driver.end(ids)

    async def trunks(self, name: str) -> tuple[TrunkStatus, ...]:
        """Every trunk of an element."""
        return await self._inventory.driver(name).trunks()

    async def set_trunk(self, caller: Caller, name: str, trunk: str, *, enabled: bool) -> None:
        """Use a trunk for new calls or not, until the engine's next start.

        Raises:
            NotPermitted: The caller is no administrator.
            NoSuchTrunk: There is none of that id.
        """
        require(caller, Level.ADMINISTRATOR)
        driver = self._inventory.driver(name)
        await driver.set_trunk(trunk, enabled=enabled)
        await self._audit.record(caller, "trunk.set", f"{name}/{trunk}", after={"enabled": enabled})

    async def counters(self, name: str) -> Counters:
        """Counters since the engine's start."""
        return await self._inventory.driver(name).counters()
