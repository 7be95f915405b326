"""Purges as faces ask for them: an operation that somebody waits for."""

from typing import Final

from msgspec.structs import replace

from busyout.domain.commands import PurgeServices
from busyout.domain.context.upkeep import Purge
from busyout.domain.errors import OperationFailed
from busyout.domain.mode import RequestClass
from busyout.domain.operation import OperationState
from busyout.domain.operator import Caller, Level
from busyout.services.context.seat import seat
from busyout.services.gate import Gate
from busyout.services.inventory import Inventory
from busyout.services.operations import Operations

PATIENCE: Final = 600.0
"""Seconds for which a caller waits for a purge; it goes on without one."""


class Purging:
    """Has old services forgotten."""

    def __init__(self, operations: Operations, inventory: Inventory, gate: Gate) -> None:
        self._operations = operations
        self._inventory = inventory
        self._gate = gate

    async def purge(self, caller: Caller, before: str, which: Purge) -> None:
        """Forget services by an operation; returns when it has settled.

        The request, which is in, is not counted meanwhile, so that a switch of the mode does not wait for a purge: the
        pieces that are left are refused then.

        Raises:
            InvalidValue: `before` is no moment.
            ElementBusy: Another purge is in progress.
            NoSuchElement: There are no context services.
            OperationFailed: Not all of them could be forgotten; the message says why, such as that the mode has become
                maintenance.
        """
        able = replace(caller, level=max(caller.level, Level.ADMINISTRATOR))
        operation = await self._operations.start(able, seat(self._inventory.statuses()), PurgeServices(before, which))
        with self._gate.aside(RequestClass.DATA):
            settled = await self._operations.wait_settled(operation.id, timeout=PATIENCE)
        if settled.state is not OperationState.SUCCEEDED:
            raise OperationFailed(settled.reason or f"it takes long; it is followed as operation {operation.id}")
