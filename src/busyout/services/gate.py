"""The gate of one process: lets requests in by what they touch, and counts those that are in.

In memory and on the event loop only: between the check and the count nothing else runs, so that both are one act.
"""

import asyncio
import logging
import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Final

from busyout.domain.context.errors import GateShut, ModeNotAllowed, ModeSwitching
from busyout.domain.errors import TransitionRefused
from busyout.domain.mode import (
    ALLOWED,
    GATE_TRANSITIONS,
    GATED,
    OPEN,
    GateEvent,
    GateState,
    Mode,
    ModeRow,
    RequestClass,
)
from busyout.domain.states import move
from busyout.ports.clock import Clock

log = logging.getLogger(__name__)

UNLIMITED_RETRY_AFTER: Final = 10.0
"""Seconds told to those who are refused while a switch waits without a deadline."""

ADMITTED: Final = {state: ALLOWED[mode] for state, mode in OPEN.items()}
"""What each open state lets in."""


class Gate:
    """Lets requests in, or refuses them, and knows how many are in."""

    __slots__ = ("_admitted", "_busy", "_clock", "_counts", "_empty", "_row", "_state", "refused")

    def __init__(self, clock: Clock) -> None:
        """Shut, until the mode is known."""
        self._clock = clock
        self._state = GateState.SHUT
        self._admitted: frozenset[RequestClass] = frozenset()
        self._row: ModeRow | None = None
        self._counts = dict.fromkeys(RequestClass, 0)
        self._busy = 0
        self._empty = asyncio.Event()
        self._empty.set()
        self.refused = 0
        """Requests that were refused since the process began."""

    @property
    def mode(self) -> Mode:
        """The mode in force; while switching, the old one.

        Raises:
            GateShut: This process does not know it.
        """
        if self._row is None or self._state is GateState.SHUT:
            raise GateShut
        return self._row.mode

    @property
    def switching(self) -> bool:
        """Whether nobody is let in because the mode is being switched."""
        return self._state in (GateState.TO_MAINTENANCE, GateState.TO_PRODUCTION)

    @property
    def state(self) -> GateState:
        """Whom it lets in."""
        return self._state

    @property
    def generation(self) -> int:
        """Of the row that was applied last; 0 before the first."""
        return 0 if self._row is None else self._row.generation

    def check_open(self) -> None:
        """Let every kind of request pass while the gate is open.

        Raises:
            ModeSwitching, GateShut
        """
        if not self._admitted:
            raise self._closed()

    def check(self, kind: RequestClass) -> None:
        """Let a request pass; it is not counted.

        Raises:
            ModeSwitching, GateShut: Nobody is let in.
            ModeNotAllowed: The mode in force does not let its kind in.
        """
        if kind not in self._admitted:
            raise self._refusal()

    def enter(self, kind: RequestClass) -> AbstractContextManager[None]:
        """What a request runs in: checked and counted as it begins, uncounted as it ends.

        Entering raises what `check` raises.
        """
        return _Passage(self, kind)

    def admit(self, kind: RequestClass) -> None:
        """Check and count a request; raises what `check` raises. `enter` does it, and the counterpart for sure."""
        if kind not in self._admitted:
            raise self._refusal()
        self._count(kind)

    def leave(self, kind: RequestClass) -> None:
        """Uncount a request that was admitted."""
        self._counts[kind] -= 1
        if kind in GATED:
            self._busy -= 1
            if not self._busy:
                self._empty.set()

    def in_flight(self, kind: RequestClass) -> int:
        """Requests of a kind that are in."""
        return self._counts[kind]

    @property
    def busy(self) -> int:
        """Requests that are in and that a switch waits for."""
        return self._busy

    @contextmanager
    def aside(self, kind: RequestClass) -> Iterator[None]:
        """Not count a request that is in while it waits for a switch; afterwards it may only say what came of it."""
        self.leave(kind)
        try:
            yield
        finally:
            self._count(kind)

    async def wait_empty(self) -> None:
        """Return when nothing is in that a switch waits for."""
        await self._empty.wait()

    def apply(self, row: ModeRow) -> None:
        """Do as all processes have agreed; a row that is older than the last one is left alone.

        A gate that was shut opens only once nothing is in that its mode would not let in. A gate that is told of
        something that was not agreed with it shuts, because its slot was lost without its noticing.
        """
        shut = self._state is GateState.SHUT
        if row.generation < self.generation:
            return
        if row.generation == self.generation and not shut:
            self._row = row  # at most its deadline is another one
            return
        if shut and row.switching_to is None and self._carries_other_than(row.mode):
            return
        self._row = row
        try:
            self._become(row.event)
        except TransitionRefused:
            log.error("mode_changed_unasked", extra={"state": self._state.value, "mode": row.mode.value})
            self.shut()

    def shut(self) -> None:
        """Let nobody in, because this process has lost its slot. Idempotent."""
        if self._state is not GateState.SHUT:
            self._become(GateEvent.SLOT_LOST)

    def _become(self, event: GateEvent) -> None:
        """Do what an event asks for; one that asks for the present state changes nothing."""
        if GATE_TRANSITIONS.get((GateState.SHUT, event)) is not self._state:
            self._state = move(GATE_TRANSITIONS, self._state, event)
            log.info("gate_moved", extra={"state": self._state.value, "generation": self.generation})
        self._admitted = ADMITTED.get(self._state, frozenset())

    def _carries_other_than(self, mode: Mode) -> bool:
        return any(self._counts[kind] for kind in GATED if kind not in ALLOWED[mode])

    def _count(self, kind: RequestClass) -> None:
        self._counts[kind] += 1
        if kind in GATED:
            self._busy += 1
            self._empty.clear()

    def _refusal(self) -> ModeNotAllowed | ModeSwitching | GateShut:
        if not self._admitted:
            return self._closed()
        self.refused += 1
        return ModeNotAllowed(OPEN[self._state])

    def _closed(self) -> ModeSwitching | GateShut:
        self.refused += 1
        if self._state is GateState.SHUT or self._row is None:
            return GateShut()
        deadline = self._row.deadline
        return ModeSwitching(
            retry_after=UNLIMITED_RETRY_AFTER if deadline is None else math.ceil(deadline - self._clock.now())
        )


class _Passage:
    """One request on its way through."""

    __slots__ = ("_gate", "_kind")

    def __init__(self, gate: Gate, kind: RequestClass) -> None:
        self._gate = gate
        self._kind = kind

    def __enter__(self) -> None:
        self._gate.admit(self._kind)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gate.leave(self._kind)
