"""The driver of the embedded SIP engine."""

import asyncio
import signal
from collections.abc import AsyncIterator, Collection
from pathlib import Path

from busyout.domain.configuration.tables import Tables
from busyout.domain.element import Element
from busyout.domain.engine import Applied, Capability, EngineEvent, EngineInfo, EngineSetup, Stopped, TrunkStatus
from busyout.domain.errors import (
    BusyoutError,
    ElementUnreachable,
    EngineGone,
    EngineRefused,
    InvalidConfiguration,
    InvalidValue,
)
from busyout.domain.traffic import Call, Counters, Ended, Load
from busyout.drivers.proxy import control, home
from busyout.drivers.proxy.client import ControlClient
from busyout.drivers.proxy.findings import findings_of
from busyout.drivers.proxy.spawn import Exit, Nursery

CAPABILITIES = frozenset(
    (
        Capability.RETRY_AFTER,
        Capability.END_CALLS,
        Capability.LIVE_RELOAD,
        Capability.TRUNK_ADMINISTRATION,
        Capability.TRUNK_EVENTS,
        Capability.SURVIVES_RESTART,
        Capability.TAKEOVER,
    )
)

DEFAULT_CALLS = 10_000
"""Most calls at the same time where the element's options do not say."""

LARGEST_CAPACITY = 100_000

OLD_PATIENCE = 2.0
"""Seconds that a process has to end after another has taken over from it."""


def capacity_of(options: dict[str, str]) -> int:
    """Most calls at the same time, from an element's options.

    Raises:
        InvalidValue: An option is unknown or its value is not acceptable.
    """
    for name, value in options.items():
        if name not in ("media", "max_calls"):
            raise InvalidValue(f"the embedded engine has no option {name!r}; it has media and max_calls")
        if name == "media" and value != "none":
            raise InvalidValue(f"media is none: the embedded engine relays no media, so {value!r} is not possible")
    text = options.get("max_calls", str(DEFAULT_CALLS))
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= LARGEST_CAPACITY):
        raise InvalidValue(f"max_calls is a number between 1 and {LARGEST_CAPACITY}, not {text!r}")
    return int(text)


class ProxyDriver:
    """Implements `ports.driver.Driver` for the engine process whose files are in `home`."""

    def __init__(self, element: Element, directory: Path) -> None:
        """Does not touch the engine.

        Raises:
            InvalidValue: The element's options are not acceptable.
        """
        self._capacity = capacity_of(element.options)
        self._home = directory
        self._client = ControlClient(directory)
        self._nursery = Nursery(directory)
        self._starting = asyncio.Lock()

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the engine can do beyond the necessary."""
        return CAPABILITIES

    async def start(self, setup: EngineSetup) -> EngineInfo:
        """Spawn the engine, or attach to the one that runs."""
        async with self._starting:
            try:
                return await self.info()
            except EngineGone:
                return await self._spawn_or_attach(setup)

    async def info(self) -> EngineInfo:
        """Who answers now."""
        self._nursery.reap()
        return await self._client.ask(control.AskInfo(), EngineInfo)

    async def stop(self, *, kill_after: float = 10.0) -> Stopped | None:
        """End the engine at once and return when its process is gone."""
        self._nursery.reap()
        pid = await self._pid()
        if pid is None:
            return None
        with Exit(pid) as end:
            try:
                await self._client.ask(control.AskStop(), type(None), patience=min(1.0, max(0.1, kill_after)))
            except BusyoutError:
                end.send(signal.SIGTERM)
            stopped = await end.stopped(kill_after)
        self._nursery.reap()
        return stopped

    async def take_over(self, setup: EngineSetup) -> EngineInfo:
        """Replace the process by a new one that keeps calls and counts; start one where none runs."""
        async with self._starting:
            pid = await self._pid()
            if pid is None:
                return await self._spawn_or_attach(setup)
            with Exit(pid) as old:
                info = await self._spawn(setup, take_over=True)
                await old.stopped(OLD_PATIENCE)
            return info

    async def admit(self, admitting: bool, *, retry_after: int) -> None:
        """Open or close; in effect when this returns."""
        await self._client.ask(control.AskAdmit(admitting, retry_after), type(None))

    async def load(self) -> Load:
        """Work in progress now."""
        return await self._client.ask(control.AskLoad(), Load)

    async def calls(self, *, limit: int = 1000, after: str | None = None) -> tuple[Call, ...]:
        """Calls in progress, oldest first."""
        return await self._client.ask(control.AskCalls(limit, after), tuple[Call, ...])

    async def end(self, ids: Collection[str] | None) -> Ended:
        """End calls; those whose sides have not both answered after four seconds are counted as failed."""
        ask = control.AskEnd(None if ids is None else tuple(ids))
        return await self._client.ask(ask, Ended, patience=control.END_WAIT + 3.0)

    async def counters(self) -> Counters:
        """Counters since the engine's epoch."""
        return await self._client.ask(control.AskCounters(), Counters)

    async def apply(self, tables: Tables, *, dry_run: bool = False) -> Applied:
        """Put tables into effect; all but the interfaces are live."""
        return await self._client.ask(control.AskApply(tables, dry_run), Applied)

    async def trunks(self) -> tuple[TrunkStatus, ...]:
        """Every trunk and its state."""
        return await self._client.ask(control.AskTrunks(), tuple[TrunkStatus, ...])

    async def set_trunk(self, trunk: str, *, enabled: bool) -> None:
        """Use a trunk for new calls or not."""
        await self._client.ask(control.AskSetTrunk(trunk, enabled), type(None))

    def events(self) -> AsyncIterator[EngineEvent]:
        """Hints that something changed."""
        return self._client.events()

    async def close(self) -> None:
        """Let go of the engine without ending it."""
        self._nursery.reap()

    async def _spawn_or_attach(self, setup: EngineSetup) -> EngineInfo:
        try:
            return await self._spawn(setup, take_over=False)
        except EngineRefused:
            return await self.info()  # somebody else was faster

    async def _spawn(self, setup: EngineSetup, *, take_over: bool) -> EngineInfo:
        findings = findings_of(setup.tables)
        if findings:
            raise InvalidConfiguration(findings)
        words = control.StartSetup(setup.tables, setup.admitting, setup.retry_after, self._capacity)
        try:
            return await self._nursery.start(words, take_over=take_over)
        finally:
            self._nursery.reap()

    async def _pid(self) -> int | None:
        """Process id of the engine that runs; None when none does."""
        for _ in range(100):
            pid = home.holder(self._home)
            if pid != 0:
                return pid
            await asyncio.sleep(0.02)
        raise ElementUnreachable("the engine that runs does not say its process id")
