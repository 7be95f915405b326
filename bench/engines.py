"""The embedded engine without a server: the peer of everything that is said about the engine."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace
from tests.live.estate import ADDRESS, Estate
from tests.live.sipp import Address
from tests.ports import free_port

from busyout.domain.configuration.tables import Tables
from busyout.domain.element import Element
from busyout.domain.engine import EngineSetup
from busyout.drivers.registry import Registry
from busyout.ports.driver import Driver
from busyout.server.clock import SystemClock
from busyout.server.first_start import element_of, tables_of
from busyout.settings import load


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine that nobody manages."""

    driver: Driver
    setup: EngineSetup
    address: Address
    """Where it takes calls."""

    async def start(self) -> int:
        """Start it; its process id."""
        return (await self.driver.start(self.setup)).pid


@asynccontextmanager
async def alone(estate: Estate) -> AsyncIterator[Engine]:
    """An engine configured as that of the estate, but for its own address; not started, and gone after the block."""
    element, tables = _configured(estate.server.home / "busyout.toml")
    address = (ADDRESS, free_port(ADDRESS))
    interface = (replace(tables.interface[0], port=address[1]),)
    setup = EngineSetup(replace(tables, interface=interface), admitting=True, retry_after=5)
    driver = Registry(SystemClock()).make(element, estate.server.home / "alone")
    try:
        yield Engine(driver, setup, address)
    finally:
        await driver.stop()
        await driver.close()


def _configured(file: Path) -> tuple[Element, Tables]:
    """The first element of a settings file."""
    settings = load(file, environ=os.environ, given={"server.data": str(file.parent / "data")})
    first = settings.elements[0]
    return element_of(first, settings.server.retry_after), tables_of(first)
