"""The mode of the context services, as faces ask for it."""

from typing import Final

from busyout.domain.commands import SwitchMode
from busyout.domain.context.errors import ModeKept, ModeSwitching, NoProfileSchema
from busyout.domain.errors import ElementBusy
from busyout.domain.mode import Mode, RequestClass
from busyout.domain.operation import Operation, OperationState
from busyout.domain.operator import Caller
from busyout.services.context.errands import Errands
from busyout.services.context.rules import ContextRules
from busyout.services.gate import Gate

AT_ONCE: Final = 1.0
"""Seconds for which a request that found no profile schema waits to see the server in maintenance."""


class Modes:
    """Switches the mode, by an operation like every other."""

    def __init__(self, gate: Gate, errands: Errands, rules: ContextRules) -> None:
        self._gate = gate
        self._errands = errands
        self._rules = rules

    @property
    def gate(self) -> Gate:
        """What lets requests in."""
        return self._gate

    @property
    def first(self) -> Mode:
        """The mode in which a new store begins."""
        fitting = Mode.PRODUCTION if self._rules.has_profile_schema else Mode.MAINTENANCE
        return self._rules.start_mode or fitting

    async def switch(self, caller: Caller, mode: Mode) -> None:
        """Switch, and return when the mode is in force; at once when it is already.

        Goes on when the caller does not wait any more.

        Raises:
            NoSuchElement: There is nothing to switch.
            NoProfileSchema: There is no production without one.
            ModeSwitching, GateShut: The mode is being switched, or is not known here at present.
            ModeKept: Requests were still in progress at the deadline, or somebody cancelled.
        """
        if mode is Mode.PRODUCTION and not self._rules.has_profile_schema:
            raise NoProfileSchema
        self._gate.check_open()
        if self._gate.mode is mode:
            return
        operation = await self._start(caller, mode)
        settled = await self._errands.wait_settled(operation, timeout=None)
        if settled.state is not OperationState.SUCCEEDED:
            raise ModeKept(settled.reason, still_running=still_running(settled))

    async def check_profile_schema(self, caller: Caller) -> None:
        """Let a request on profiles, which is in, pass where there is a profile schema; otherwise go into maintenance.

        That request is not waited for; others are, as in every switch. It waits itself for a second at the most.

        Raises:
            NoProfileSchema: There is none, and the switch is under way.
        """
        if self._rules.has_profile_schema:
            return
        try:
            operation = await self._start(caller, Mode.MAINTENANCE)
        except ModeSwitching:
            raise NoProfileSchema from None
        with self._gate.aside(RequestClass.DATA):
            await self._errands.wait_settled(operation, timeout=AT_ONCE)
        raise NoProfileSchema

    async def _start(self, caller: Caller, mode: Mode) -> Operation:
        rules = self._rules
        command = SwitchMode(mode, rules.to_production if mode is Mode.PRODUCTION else rules.to_maintenance)
        try:
            return await self._errands.start(caller, command)
        except ElementBusy as error:
            raise ModeSwitching from error


def still_running(operation: Operation) -> int:
    """Requests that were in progress when a switch was last looked at."""
    return next((step.progress.calls_left for step in operation.steps if step.progress is not None), 0)
