"""The elements as one server knows them, while others on the same store decide too."""

import asyncio
from pathlib import Path

import pytest
from tests.world import World

from busyout.domain.element import Element
from busyout.domain.states import AdministrativeEvent, AdministrativeState
from busyout.drivers.registry import Registry
from busyout.ports.store import ElementRegister
from busyout.services.inventory import Inventory
from busyout.services.sighting import Sightings

pytestmark = pytest.mark.anyio


class SlowRegister:
    """A register whose list takes its time after it was read."""

    def __init__(self, register: ElementRegister) -> None:
        self.set_administrative = register.set_administrative
        self._register = register
        self.read = asyncio.Event()
        self.told = asyncio.Event()
        self.told.set()

    async def all(self) -> tuple[Element, ...]:
        elements = await self._register.all()
        self.read.set()
        await self.told.wait()
        return elements


async def test_what_is_decided_while_the_store_is_read_is_not_forgotten(world: World, tmp_path: Path) -> None:
    register = SlowRegister(world.store.elements)
    sightings = Sightings(world.services.configuration, world.services.events, world.clock)
    drivers = Registry(world.clock, world.network)
    inventory = Inventory(register, drivers, world.services.configuration, sightings, tmp_path)
    await inventory.open()
    register.read.clear()
    register.told.clear()
    refreshing = asyncio.create_task(inventory.refresh())
    await register.read.wait()
    await inventory.administrate("sbc", AdministrativeEvent.SHUT_DOWN, operation="")
    register.told.set()
    await refreshing
    assert inventory.element("sbc").administrative is AdministrativeState.SHUTTING_DOWN
    await inventory.close()
