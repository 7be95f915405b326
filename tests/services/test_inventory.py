"""The elements as one server knows them, while others on the same store decide too."""

import asyncio
from pathlib import Path

import pytest
from tests.world import World

from busyout.domain.element import Element
from busyout.domain.errors import NoSuchElement
from busyout.domain.states import AdministrativeEvent, AdministrativeState
from busyout.drivers.registry import Registry
from busyout.ports.store import ConfigurationArchive, ElementRegister
from busyout.services.configuration import Configuration
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


class SlowArchive:
    """An archive whose digests take their time, while they are held."""

    def __init__(self, archive: ConfigurationArchive) -> None:
        self.current, self.replace, self._archive = archive.current, archive.replace, archive
        self.asked = asyncio.Event()
        self.told = asyncio.Event()

    async def digests(self, element: str) -> tuple[str, str]:
        digests = await self._archive.digests(element)
        self.asked.set()
        await self.told.wait()
        return digests


async def test_an_element_is_there_once_its_status_is(world: World, tmp_path: Path) -> None:
    archive = SlowArchive(world.store.configuration)
    configuration = Configuration(archive, world.services.events, world.clock)
    sightings = Sightings(configuration, world.services.events, world.clock)
    drivers = Registry(world.clock, world.network)
    inventory = Inventory(world.store.elements, drivers, configuration, sightings, tmp_path)
    opening = [asyncio.create_task(inventory.open()) for _ in range(2)]
    await archive.asked.wait()
    assert (inventory.names(), inventory.statuses()) == ((), ())
    archive.told.set()
    await asyncio.gather(*opening)
    assert [status.element.name for status in inventory.statuses()] == ["sbc"]
    await inventory.close()


async def test_an_element_that_goes_while_it_is_looked_at_is_just_not_there(world: World, tmp_path: Path) -> None:
    archive = SlowArchive(world.store.configuration)
    archive.told.set()
    configuration = Configuration(archive, world.services.events, world.clock)
    sightings = Sightings(configuration, world.services.events, world.clock)
    drivers = Registry(world.clock, world.network)
    inventory = Inventory(world.store.elements, drivers, configuration, sightings, tmp_path)
    await inventory.open()
    archive.told.clear()
    archive.asked.clear()
    looking = asyncio.create_task(inventory.look("sbc"))
    await archive.asked.wait()
    await inventory.let_go("sbc")
    archive.told.set()
    with pytest.raises(NoSuchElement):
        await looking
