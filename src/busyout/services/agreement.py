"""How the servers on one store agree on the mode: each keeps its gate in step with the row that all of them share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from busyout.domain.errors import StoreUnavailable
from busyout.domain.mode import Confirmation, GateState, Mode, ModeRow, still_to_come
from busyout.ports.clock import Clock
from busyout.ports.modes import ModeRegister, Slots
from busyout.services.gate import Gate

REFRESH_EVERY: Final = 0.2
"""Seconds between two looks at the row, where other servers may have changed it."""


Prepare = Callable[[], Awaitable[None]]


class Agreement:
    """The gate of this process, and what it has agreed on with the others."""

    def __init__(
        self, gate: Gate, register: ModeRegister, slots: Slots, clock: Clock, *, prepare: Prepare | None = None
    ) -> None:
        """`prepare` takes in what others have changed before a gate opens in production; None where nobody does."""
        self.gate = gate
        self._prepare = prepare
        self._register = register
        self._slots = slots
        self._clock = clock
        self._said: Confirmation | None = None
        self._held_up = False
        self._tenure = 0
        slots.when_lost(self._lose)

    @property
    def shared(self) -> bool:
        """Whether other servers may change the mode."""
        return self._slots.shared

    async def open(self, first: Mode) -> None:
        """Take in the mode; a store that has none begins with `first`. Call it once the slot is held."""
        await self._register.open(first)
        await self.refresh()

    async def refresh(self) -> None:
        """Take in what was decided, and say how far this process has closed its gate; shut it without a slot."""
        tenure = self._tenure
        if self._slots.slot is None:
            self.gate.shut()
            return
        await self._follow(await self._register.read(), tenure)
        await self._confirm()
        if self.gate.switching and self.gate.busy:
            await self.wait_empty(REFRESH_EVERY)
            await self._confirm()

    async def begin(self, mode: Mode, *, operation: str, deadline: float | None) -> ModeRow:
        """Close every gate, this one at once; see `ModeRegister.begin`. Nothing where that is the mode already.

        Raises:
            StoreUnavailable: This process holds no slot.
        """
        self._own()
        tenure = self._tenure
        row = await self._register.begin(mode, operation=operation, deadline=deadline)
        await self._follow(row, tenure)
        return row

    async def keep(self, *, operation: str) -> None:
        """Give up the switch of an operation: every gate opens as it was, this one at once."""
        self._own()
        tenure = self._tenure
        await self._follow(await self._register.keep(operation=operation), tenure)

    async def look(self) -> tuple[int, int]:
        """Requests that are still in progress, and servers that have not closed their gates yet."""
        others = await self._others()
        requests, processes = still_to_come(others, await self._said_by(others), generation=self.gate.generation)
        held_up, self._held_up = self._held_up, False
        return requests + self.gate.busy + held_up, processes + (not self.gate.switching)

    async def commit(self, closed: ModeRow) -> bool:
        """Change the mode if nothing is in progress anywhere; false, and nothing changed, otherwise.

        What the gates do not know of may hold it up: the work of a server that has stood still, and holds no slot any
        more. The next look counts it as a request, so that it is waited for as long as for others.
        """
        tenure, others = self._tenure, await self._others()
        if self.gate.busy or not self.gate.switching or self.gate.generation != closed.generation:
            return False
        row = await self._register.commit(closed, others=others)
        self._held_up = row is None
        if row is None:
            return False
        await self._follow(row, tenure)
        return True

    async def wait_empty(self, seconds: float) -> None:
        """Return when nothing is in progress in this process that a switch waits for, or after so many seconds."""
        async with asyncio.TaskGroup() as waiting:
            pause = waiting.create_task(self._clock.sleep(seconds))
            empty = waiting.create_task(self.gate.wait_empty())
            await asyncio.wait((pause, empty), return_when=asyncio.FIRST_COMPLETED)
            pause.cancel()
            empty.cancel()

    def _own(self) -> str:
        slot = self._slots.slot
        if slot is None:
            self.gate.shut()
            raise StoreUnavailable("this server has lost its slot")
        return slot

    async def _others(self) -> frozenset[str]:
        own = self._own()
        return await self._slots.live() - {own} if self._slots.shared else frozenset()

    async def _said_by(self, others: frozenset[str]) -> dict[str, Confirmation]:
        return await self._register.confirmations() if others else {}

    def _lose(self) -> None:
        """Let nobody in, and believe nothing that was read while the slot was ours."""
        self._tenure += 1
        self.gate.shut()

    async def _follow(self, row: ModeRow, tenure: int) -> None:
        """Do as a row says that was read in a tenure of a slot, if that has not ended meanwhile."""
        await self._prepared(row)
        if self._tenure == tenure:
            self.gate.apply(row)

    async def _prepared(self, row: ModeRow) -> None:
        """Before requests on data are let in by a row, take in the schemas as they were left in maintenance."""
        opens = row.switching_to is None and row.mode is Mode.PRODUCTION and self.gate.state is not GateState.PRODUCTION
        if opens and self._prepare is not None:
            await self._prepare()

    async def _confirm(self) -> None:
        """Say how many requests are in, where others wait to know."""
        slot = self._slots.slot
        if slot is None or not self.gate.switching or not self._slots.shared:
            return
        said = Confirmation(slot, self.gate.generation, self.gate.busy)
        if said != self._said:
            await self._register.confirm(said)
            self._said = said
