"""The driver of simulated engines: asks the engine in memory, as truthfully as its faults allow."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from typing import TypeVar

from msgspec.structs import replace

from busyout.domain.configuration.check import check
from busyout.domain.configuration.tables import RESTART_TABLES, Tables, changed_tables
from busyout.domain.engine import Applied, Capability, EngineEvent, EngineInfo, EngineSetup, Stopped, TrunkStatus
from busyout.domain.errors import (
    ElementUnreachable,
    EngineGone,
    EngineRefused,
    InvalidConfiguration,
    NotSupported,
    StopTimeout,
)
from busyout.domain.traffic import Call, Counters, Ended, Load
from busyout.drivers.simulated.behaviour import Behaviour
from busyout.drivers.simulated.engine import Process, SimulatedEngine
from busyout.drivers.simulated.faults import Fault
from busyout.ports.clock import Clock

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds that an answer is waited for."""

LOOK_AGAIN = 0.25
"""Seconds between two looks at whether an engine that hangs answers again."""

MAX_EVENTS = 1000
"""Events kept for one listener that is slow; then it is told `resync`."""


@dataclass(frozen=True, slots=True)
class SimulatedDriver:
    """Implements `ports.driver.Driver`."""

    engine: SimulatedEngine
    behaviour: Behaviour
    clock: Clock

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the engine can do."""
        return self.behaviour.capabilities

    async def start(self, setup: EngineSetup) -> EngineInfo:
        """Start the engine, or attach to the one that runs."""
        fault = await self._meet("start")
        if self.engine.process is not None:
            return self.engine.process.info()
        if fault is Fault.REFUSES:
            raise InvalidConfiguration(("the simulated engine refuses its tables",))
        _require_acceptable(setup.tables)
        if self.behaviour.start_seconds:
            await self.clock.sleep(self.behaviour.start_seconds)
        if fault is Fault.DIES:
            raise ElementUnreachable(f"the engine of {self.engine.name} ended at once")
        info = (self.engine.process or self.engine.spawn(setup, self.behaviour)).info()
        if fault is Fault.LIES:
            self.engine.die()
        return self._arrived(fault, info)

    async def info(self) -> EngineInfo:
        """Who answers now."""
        return await self._ask("info", Process.info, Process.info)

    async def stop(self, *, kill_after: float = 10.0) -> Stopped | None:
        """End the engine at once."""
        fault = self.engine.faults.take("stop")
        process = self.engine.process
        if process is None:
            return None
        if fault in (Fault.HANGS, Fault.REFUSES):
            await self.clock.sleep(kill_after)
        if fault is Fault.REFUSES:
            raise StopTimeout(f"process {process.pid} of {self.engine.name} is there even after it was killed")
        if fault is not Fault.LIES:
            self.engine.die()
        return self._arrived(fault, Stopped(pid=process.pid, killed=fault is Fault.HANGS))

    async def take_over(self, setup: EngineSetup) -> EngineInfo:
        """Replace the process by a new one that keeps calls and counts."""
        self._require(Capability.TAKEOVER)
        _require_acceptable(setup.tables)
        return await self._ask(
            "take_over", lambda process: self.engine.replace(process, setup).info(), lambda process: process.info()
        )

    async def admit(self, admitting: bool, *, retry_after: int) -> None:
        """Open or close for new calls."""

        def switch(process: Process) -> None:
            process.machine.admitting, process.machine.retry_after = admitting, retry_after
            self.engine.notice("admission", self.clock.now(), "")

        await self._ask("admit", switch, lambda process: None)

    async def load(self) -> Load:
        """Work in progress now."""
        return await self._ask(
            "load", lambda process: process.machine.load(self.clock.now()), lambda process: Load(0, 0, 0)
        )

    async def calls(self, *, limit: int = 1000, after: str | None = None) -> tuple[Call, ...]:
        """Calls in progress, oldest first."""
        return await self._ask(
            "calls",
            lambda process: process.machine.calls(self.clock.now(), limit=limit, after=after),
            lambda process: (),
        )

    async def end(self, ids: Collection[str] | None) -> Ended:
        """End calls; None for all of them."""
        self._require(Capability.END_CALLS)

        def claim(process: Process) -> Ended:
            said = len(process.machine.carried(self.clock.now())) if ids is None else len(ids)
            return Ended(asked=said, ended=said, failed=0)

        return await self._ask("end", lambda process: process.machine.end(ids, self.clock.now()), claim)

    async def counters(self) -> Counters:
        """Counters since the engine's epoch."""
        now = self.clock.now()
        return await self._ask(
            "counters", lambda process: process.counters(now), lambda process: Counters(process.epoch, now, {})
        )

    async def apply(self, tables: Tables, *, dry_run: bool = False) -> Applied:
        """Put tables into effect; changed interfaces wait for the next start."""
        self._require(Capability.LIVE_RELOAD)
        _require_acceptable(tables)

        def plan(process: Process) -> Applied:
            changed = changed_tables(process.machine.tables, tables)
            return Applied(
                live=tuple(name for name in changed if name not in RESTART_TABLES),
                needs_restart=tuple(name for name in changed if name in RESTART_TABLES),
            )

        def reload(process: Process) -> Applied:
            applied = plan(process)
            running = process.machine.tables
            kept = {name: getattr(running, name) for name in applied.needs_restart}
            process.machine.reload(replace(tables, **kept), self.clock.now())
            return applied

        return await self._ask("apply", plan if dry_run else reload, plan)

    async def trunks(self) -> tuple[TrunkStatus, ...]:
        """Every trunk and its state."""
        return await self._ask("trunks", lambda process: process.machine.trunks.statuses(), lambda process: ())

    async def set_trunk(self, trunk: str, *, enabled: bool) -> None:
        """Use a trunk for new calls or not, until the next start."""
        self._require(Capability.TRUNK_ADMINISTRATION)
        await self._ask(
            "set_trunk",
            lambda process: process.machine.trunks.set_enabled(trunk, enabled),
            lambda process: None,
        )

    async def events(self) -> AsyncIterator[EngineEvent]:
        """Hints, until the engine's process ends; an end of calls is noticed when somebody looks at them."""
        await self._ask("events", lambda process: None, lambda process: None)
        waiting: deque[EngineEvent] = deque()
        arrived = asyncio.Event()

        def note(event: EngineEvent) -> None:
            if len(waiting) >= MAX_EVENTS:
                waiting.clear()
                waiting.append(EngineEvent("resync", event.at, "", {}))
            waiting.append(event)
            arrived.set()

        self.engine.listen(note)
        try:
            while True:
                await arrived.wait()
                arrived.clear()
                while waiting:
                    event = waiting.popleft()
                    yield event
                    if event.kind == "gone":
                        return
        finally:
            self.engine.leave(note)

    async def close(self) -> None:
        """Let go of the engine; it goes on."""

    def _require(self, capability: Capability) -> None:
        if capability not in self.capabilities:
            raise NotSupported(f"the engine of {self.engine.name} lacks {capability.value}")

    async def _ask(self, method: str, truth: Callable[[Process], T], lie: Callable[[Process], T]) -> T:
        fault = await self._meet(method)
        if fault is Fault.DIES:
            self.engine.die()
        process = self.engine.process
        if process is None:
            raise EngineGone(f"the engine of {self.engine.name} does not run")
        if fault is Fault.REFUSES:
            raise EngineRefused(f"the engine of {self.engine.name} refused {method}")
        if fault is Fault.LIES:
            return lie(process)
        return self._arrived(fault, truth(process))

    async def _meet(self, method: str) -> Fault | None:
        """The fault that a request meets, after the wait that a real engine would cause."""
        await asyncio.sleep(0)
        fault = self.engine.faults.take(method)
        if fault is not Fault.HANGS:
            return fault
        patience = PATIENCE
        while self.engine.faults.hanging(method):
            if patience <= 0:
                raise ElementUnreachable(f"the engine of {self.engine.name} did not answer within {PATIENCE:g} s")
            await self.clock.sleep(LOOK_AGAIN)
            patience -= LOOK_AGAIN
        return None

    def _arrived(self, fault: Fault | None, answer: T) -> T:
        if fault is Fault.LOSES_ANSWER:
            raise ElementUnreachable(f"the answer of {self.engine.name} was lost")
        return answer


def _require_acceptable(tables: Tables) -> None:
    findings = check(tables)
    if findings:
        raise InvalidConfiguration(findings)
