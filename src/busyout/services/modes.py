"""The mode of the context services, as faces ask for it."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from busyout.domain.commands import SwitchMode
from busyout.domain.drain import DrainPolicy, UntilIdle, Within
from busyout.domain.errors import ElementBusy, ModeKept, ModeSwitching, NoProfileSchema
from busyout.domain.mode import Mode, RequestClass
from busyout.domain.operation import Operation, OperationState
from busyout.domain.operator import Caller, Level
from busyout.services.context.seat import seat
from busyout.services.gate import Gate
from busyout.services.inventory import Inventory
from busyout.services.operations import Operations

AT_ONCE: Final = 1.0
"""Seconds for which a request that found no profile schema waits to see the server in maintenance."""


class Patience(Struct, frozen=True):
    """How long a switch waits for requests in progress, in seconds; 0 for as long as they take."""

    to_production: float = 60.0
    to_maintenance: float = 60.0

    def policy(self, mode: Mode) -> DrainPolicy:
        """How long the switch to a mode waits."""
        seconds = self.to_production if mode is Mode.PRODUCTION else self.to_maintenance
        return Within(seconds) if seconds > 0 else UntilIdle()


class Modes:
    """Switches the mode, by an operation like every other."""

    def __init__(
        self,
        gate: Gate,
        inventory: Inventory,
        operations: Operations,
        patience: Patience,
        *,
        profile_schema: Callable[[], bool],
    ) -> None:
        """`profile_schema` tells whether there is one, without which there is no production."""
        self._gate = gate
        self._inventory = inventory
        self._operations = operations
        self._patience = patience
        self._profile_schema = profile_schema

    @property
    def gate(self) -> Gate:
        """What lets requests in."""
        return self._gate

    @property
    def first(self) -> Mode:
        """The mode in which a new store begins."""
        return Mode.PRODUCTION if self._profile_schema() else Mode.MAINTENANCE

    async def switch(self, caller: Caller, mode: Mode) -> None:
        """Switch, and return when the mode is in force; at once when it is already.

        Goes on when the caller does not wait any more.

        Raises:
            NotPermitted, NoSuchElement: The caller may not, or there is nothing to switch.
            NoProfileSchema: There is no production without one.
            ModeSwitching, GateShut: The mode is being switched, or is not known here at present.
            ModeKept: Requests were still in progress at the deadline, or somebody cancelled.
        """
        if mode is Mode.PRODUCTION and not self._profile_schema():
            raise NoProfileSchema
        self._gate.check_open()
        if self._gate.mode is mode:
            return
        operation = await self._start(caller, mode)
        settled = await self._operations.wait_settled(operation.id)
        if settled.state is not OperationState.SUCCEEDED:
            raise ModeKept(settled.reason, still_running=still_running(settled))

    async def to_maintenance_at_once(self, caller: Caller) -> None:
        """Go into maintenance because a request for data, which is in, has found no profile schema.

        That request is not waited for; others are, as in every switch. It waits itself for a second at the most.

        Raises:
            NoProfileSchema: Always, when that is under way.
        """
        try:
            operation = await self._start(_in_our_name(caller), Mode.MAINTENANCE)
        except ModeSwitching:
            raise NoProfileSchema from None
        with self._gate.aside(RequestClass.DATA):
            await self._operations.wait_settled(operation.id, timeout=AT_ONCE)
        raise NoProfileSchema

    async def _start(self, caller: Caller, mode: Mode) -> Operation:
        command = SwitchMode(mode, self._patience.policy(mode))
        try:
            return await self._operations.start(caller, seat(self._inventory.statuses()), command)
        except ElementBusy as error:
            raise ModeSwitching from error


def still_running(operation: Operation) -> int:
    """Requests that were in progress when a switch was last looked at."""
    return next((step.progress.calls_left for step in operation.steps if step.progress is not None), 0)


def _in_our_name(caller: Caller) -> Caller:
    """What the server does by itself when a caller comes across something; it needs no right of theirs."""
    return Caller(caller.name, Level.ADMINISTRATOR, caller.face, caller.address)
