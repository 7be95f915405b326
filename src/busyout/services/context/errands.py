"""Errands: operations on the context services that a request asks for and waits for."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from busyout.domain.commands import Command
from busyout.domain.element import ElementStatus
from busyout.domain.engine import Capability
from busyout.domain.errors import NoSuchElement, OperationFailed
from busyout.domain.operation import Operation, OperationState
from busyout.domain.operator import Caller, Level
from busyout.services.inventory import Inventory
from busyout.services.operations import Operations

PATIENCE: Final = 600.0
"""Seconds for which a request waits for its operation, which goes on without one."""


class Errands:
    """Starts operations on the element that stands for the context services."""

    def __init__(self, operations: Operations, inventory: Inventory) -> None:
        self._operations = operations
        self._inventory = inventory

    async def start(self, caller: Caller, command: Command) -> Operation:
        """Start one for a caller whom the face has let pass: by a privilege, which counts here as the level.

        Raises:
            NoSuchElement: There are no context services.
            ElementBusy, InvalidValue: As of `Operations.start`.
        """
        able = replace(caller, level=max(caller.level, Level.ADMINISTRATOR))
        return await self._operations.start(able, _seat(self._inventory.statuses()), command)

    async def wait_settled(self, operation: Operation, *, timeout: float | None = PATIENCE) -> Operation:
        """The operation once it has settled, or as it is after `timeout` seconds; with None, in the end."""
        return await self._operations.wait_settled(operation.id, timeout=timeout)


def check_succeeded(operation: Operation) -> None:
    """Let an operation pass that has done what it was to do.

    Raises:
        OperationFailed: It has not; the message says why, or how an operation is followed that takes long.
    """
    if operation.state is not OperationState.SUCCEEDED:
        raise OperationFailed(operation.reason or f"it takes long; it is followed as operation {operation.id}")


def _seat(statuses: Iterable[ElementStatus]) -> str:
    """The element that stands for the context services."""
    for status in statuses:
        if Capability.CONTEXT in status.capabilities:
            return status.element.name
    raise NoSuchElement("there are no context services; add an element of kind context, driver inside")
