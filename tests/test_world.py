"""The world that other tests stand on: real server, simulated engines, simulated time."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.clock import REAL_PATIENCE, START
from tests.world import Plan, World, WorldOn, element

from busyout.domain.commands import Drain, Restart
from busyout.domain.drain import Within
from busyout.domain.errors import InvalidValue
from busyout.domain.operation import OperationState
from busyout.domain.states import AdministrativeState, OperationalState
from busyout.drivers.simulated.faults import Fault

pytestmark = pytest.mark.anyio

UNDRIVEN = replace(element(), driver="none")


async def test_the_engine_runs_and_is_seen(world: World):
    assert world.sbc.admitting
    assert world.status.operational is OperationalState.ENABLED
    assert world.sbc.call().admitted


async def test_a_restart_waits_for_the_calls_in_progress(world: World):
    call = world.sbc.call(seconds=20)
    operation = await world.start(Restart())
    await world.clock.advance(19)
    assert world.sbc.call().status == 503
    assert [up.id for up in world.sbc.calls] == [call.id]
    assert world.sbc.restarts == 0
    operation = await world.settled(operation.id)
    assert operation.state is OperationState.SUCCEEDED
    assert world.sbc.restarts == 1
    assert world.sbc.refused == 1
    assert world.sbc.cut == []
    assert world.sbc.call().admitted
    assert world.clock.now() - START < 25


async def test_time_runs_the_same_way_twice(tmp_path_factory: pytest.TempPathFactory):
    ends = set()
    for _ in range(2):
        async with World.opened(tmp_path_factory.mktemp("world")) as world:
            world.sbc.call(seconds=7.5)
            operation = await world.done(Restart())
            ends.add((operation.started_at, operation.settled_at))
    assert len(ends) == 1


async def test_the_server_may_die_in_a_drain(world: World):
    world.sbc.call(seconds=30)
    operation = await world.start(Drain(Within(60)))
    await world.clock.advance(10)
    await world.crash()
    await world.clock.advance(5)
    assert world.sbc.load.calls == 1
    await world.reopen()
    operation = await world.settled(operation.id)
    assert operation.state is OperationState.SUCCEEDED
    assert world.status.element.administrative is AdministrativeState.LOCKED
    assert world.sbc.starts == 1
    assert 30 <= world.clock.now() - START < 35


async def test_the_real_faces_answer(world: World):
    answer = await world.client.get("/api/v1/status")
    assert answer.status == 200
    assert (await world.client_of(None).get("/api/v1/status")).status == 401
    assert (await world.client_of("admin", "wrong").get("/api/v1/status")).status == 401


async def test_the_faces_answer_again_after_a_crash(world: World):
    for _ in range(3):
        assert (await world.client.get("/api/v1/status")).status == 200
        await world.crash()
        await world.reopen()
    async with asyncio.timeout(REAL_PATIENCE):
        assert (await world.client.get("/api/v1/status")).status == 200


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_either_database_will_do(world_on: WorldOn, database: str):
    async with world_on(database) as world:
        world.sbc.call(seconds=3)
        assert (await world.done(Restart())).state is OperationState.SUCCEEDED


async def test_a_server_that_dies_by_itself_is_not_passed_over(tmp_path: Path):
    with pytest.RaisesGroup(pytest.RaisesExc(InvalidValue, match="no driver")):
        async with World.opened(tmp_path, Plan(store_url=f"sqlite:///{tmp_path}/b.db", elements=(UNDRIVEN,))):
            raise AssertionError("it must not start")


async def test_the_duties_run_once_a_second(world: World):
    world.sbc.die()
    await world.clock.advance(1)
    assert world.sbc.restarts == 1
    await world.clock.advance(60)
    assert world.sbc.restarts == 1


async def test_time_goes_on_for_a_server_whose_engine_hangs(world: World):
    world.sbc.fault(Fault.HANGS)
    await world.clock.advance(60)
    assert world.status.operational is OperationalState.DISABLED
    world.sbc.heal()
    await world.clock.advance(10)
    assert world.status.operational is OperationalState.ENABLED
    assert world.sbc.restarts == 0
