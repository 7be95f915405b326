"""Engines are kept running, as was decided, and somebody is told when that does not work."""

from pathlib import Path

import msgspec
import pytest
from tests.world import ADMIN, TABLES, World, WorldOn, element

from busyout.domain.commands import Drain
from busyout.domain.drain import UntilIdle
from busyout.domain.element import Element
from busyout.domain.errors import StoreUnavailable
from busyout.domain.states import OperationalState
from busyout.drivers.registry import Registry
from busyout.drivers.simulated.faults import Fault
from busyout.ports.store import ConfigurationArchive
from busyout.services.configuration import Configuration
from busyout.services.duties.supervise import SILENT_LOOKS, Supervision
from busyout.services.inventory import Inventory
from busyout.services.sighting import Sightings

pytestmark = pytest.mark.anyio


async def alarms(world: World) -> set[tuple[str, str]]:
    """Name and source of every active alarm."""
    return {(alarm.name, alarm.source) for alarm in await world.services.alarms.active()}


async def test_an_engine_that_ends_by_itself_is_started_again(world: World) -> None:
    world.sbc.die()
    await world.clock.advance(2)
    assert world.sbc.running
    assert world.sbc.admitting
    assert await alarms(world) == set()


async def test_an_engine_that_ends_again_and_again_is_started_less_eagerly_and_raises_an_alarm(world: World) -> None:
    for _ in range(600):
        world.sbc.die()
        await world.clock.advance(1)
    assert 6 <= world.sbc.starts <= 20
    assert ("engineFlapping", "engine") in await alarms(world)
    await world.clock.advance(400)
    assert world.sbc.running
    assert await alarms(world) == set()


async def test_a_locked_engine_that_opens_by_itself_is_closed_again(world: World) -> None:
    await world.done(Drain(UntilIdle()))
    assert world.sbc.process is not None
    world.sbc.process.machine.admitting = True
    await world.clock.advance(2)
    assert not world.sbc.admitting


async def test_an_engine_on_another_configuration_is_handed_the_running_one_once(world: World) -> None:
    assert world.sbc.process is not None
    world.sbc.process.machine.tables = msgspec.structs.replace(TABLES, route=())
    await world.clock.advance(2)
    assert world.sbc.tables == TABLES


async def test_an_engine_that_does_not_answer_is_disabled_and_raises_an_alarm_until_it_does(world: World) -> None:
    world.sbc.fault(Fault.HANGS, "info")
    await world.clock.advance(60)
    assert world.status.operational is OperationalState.DISABLED
    assert await alarms(world) == {("elementUnreachable", "engine")}
    world.sbc.heal()
    await world.clock.advance(10)
    assert world.status.operational is OperationalState.ENABLED
    assert await alarms(world) == set()


async def test_an_engine_that_refuses_is_not_called_silent(world: World) -> None:
    assert world.sbc.process is not None
    world.sbc.fault(Fault.REFUSES, "apply")
    world.sbc.process.machine.tables = msgspec.structs.replace(TABLES, route=())
    await world.clock.advance(10)
    assert await alarms(world) == {("engineRefuses", "engine")}
    world.sbc.heal()
    await world.clock.advance(2)
    assert await alarms(world) == set()


async def test_an_engine_that_cannot_reload_is_left_as_it_is(world_on: WorldOn) -> None:
    async with world_on(elements=(element(lacks="live_reload"),)) as world:
        assert world.sbc.process is not None
        world.sbc.process.machine.tables = msgspec.structs.replace(TABLES, route=())
        await world.clock.advance(10)
        assert (world.status.operational, await alarms(world)) == (OperationalState.ENABLED, set())


class ArchiveAway:
    """An archive on a store that does not answer where the server has looked at an element."""

    def __init__(self, archive: ConfigurationArchive) -> None:
        self.current, self.replace, self._archive = archive.current, archive.replace, archive
        self.away = False

    async def digests(self, element: str) -> tuple[str, str]:
        if self.away:
            raise StoreUnavailable
        return await self._archive.digests(element)


async def test_a_store_that_is_away_is_no_silence_of_an_element(world: World, tmp_path: Path) -> None:
    services, archive = world.services, ArchiveAway(world.store.configuration)
    configuration = Configuration(archive, services.events, world.clock)
    sightings = Sightings(configuration, services.events, world.clock)
    drivers = Registry(world.clock, world.network)
    inventory = Inventory(world.store.elements, drivers, configuration, sightings, tmp_path)
    await inventory.open()
    supervision = Supervision(inventory, configuration, services.operations, services.alarms, world.clock)
    archive.away = True
    for _ in range(SILENT_LOOKS + 1):
        await supervision.round()
    assert await alarms(world) == set()


async def test_nothing_is_left_of_an_element_that_is_removed(world: World) -> None:
    for _ in range(4):
        world.sbc.die()
        await world.clock.advance(10)
    trunk = world.sbc.trunks[0].id
    world.sbc.trunk_answers(trunk, False)
    await world.clock.advance(30)
    assert {name for name, _ in await alarms(world)} == {"engineFlapping", "trunkDown"}
    await world.services.roster.remove(ADMIN, "sbc")
    await world.clock.advance(2)
    assert await alarms(world) == set()
    world.sbc.trunk_answers(trunk, True)
    await world.services.roster.add(ADMIN, Element(name="sbc", kind="sbc", driver="simulated"), TABLES)
    await world.clock.advance(2)
    world.sbc.die()
    await world.clock.advance(2)
    assert (world.sbc.running, await alarms(world)) == (True, set()), "an earlier element's starts do not count"


async def test_a_trunk_that_does_not_answer_raises_one_alarm_and_clears_it_when_it_does(world: World) -> None:
    trunk = world.sbc.trunks[0].id
    world.sbc.trunk_answers(trunk, False)
    await world.clock.advance(30)
    assert await alarms(world) == {("trunkDown", f"trunk/{trunk}")}
    world.sbc.trunk_answers(trunk, True)
    await world.clock.advance(30)
    assert await alarms(world) == set()
    events = [event.type for event in await world.services.events.since(0, limit=1000)]
    assert (events.count("alarm.raised"), events.count("alarm.cleared")) == (1, 1)


async def test_an_alarm_outlives_the_server_and_is_not_raised_twice(world: World) -> None:
    trunk = world.sbc.trunks[0].id
    world.sbc.trunk_answers(trunk, False)
    await world.clock.advance(10)
    await world.crash()
    await world.reopen()
    await world.clock.advance(10)
    assert len(await world.services.alarms.active()) == 1
    world.sbc.trunk_answers(trunk, True)
    await world.clock.advance(10)
    assert await alarms(world) == set()


async def test_a_thousand_elements_are_supervised_by_one_server(world_on: WorldOn) -> None:
    elements = tuple(element(f"sbc-{number}") for number in range(1000))
    async with world_on(elements=elements, duties=False) as world:
        for number in range(0, 1000, 10):
            world.engine(f"sbc-{number}").die()
        await world.house.supervision.round()
        assert all(world.engine(f"sbc-{number}").running for number in range(1000))
