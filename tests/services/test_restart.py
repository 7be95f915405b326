"""Restarts: saved, drained, restarted, admitted; or undone."""

import msgspec
import pytest
from tests.world import TABLES, World

from busyout.domain.commands import Commit, Configure, Drain, Restart, TakeOver
from busyout.domain.configuration.datastore import Datastore
from busyout.domain.configuration.tables import Route, Tables
from busyout.domain.drain import Immediately, UntilIdle, Within
from busyout.domain.operation import OperationState, StepState
from busyout.domain.states import AdministrativeState
from busyout.drivers.simulated.faults import Fault

pytestmark = pytest.mark.anyio

OTHER = msgspec.structs.replace(TABLES, route=(*TABLES.route, Route(1, "also", "users")))


async def tables(world: World, datastore: Datastore) -> Tables:
    """What a datastore of the element holds."""
    return (await world.services.configuration.read("sbc", datastore)).tables


async def test_a_restart_waits_for_the_calls_then_restarts_once_and_admits_again(world: World) -> None:
    world.sbc.call(seconds=20)
    operation = await world.start(Restart(UntilIdle()))
    await world.clock.advance(19)
    assert world.sbc.restarts == 0
    assert world.sbc.call().status == 503
    settled = await world.settled(operation.id, within=30)
    assert settled.state is OperationState.SUCCEEDED
    assert [step.state for step in settled.steps] == [StepState.DONE] * 4
    assert (world.sbc.restarts, world.sbc.cut) == (1, [])
    assert world.sbc.call().status == 200


async def test_a_restart_that_saves_keeps_unsaved_changes(world: World) -> None:
    await world.done(Configure(OTHER))
    assert await tables(world, Datastore.STARTUP) == TABLES
    await world.done(Restart(Immediately(), save=True))
    assert await tables(world, Datastore.STARTUP) == OTHER
    assert world.sbc.tables == OTHER


async def test_a_restart_that_does_not_save_loses_them(world: World) -> None:
    await world.done(Configure(OTHER))
    assert world.sbc.tables == OTHER
    await world.done(Restart(Immediately(), save=False))
    assert await tables(world, Datastore.RUNNING) == TABLES
    assert world.sbc.tables == TABLES


async def test_a_restart_of_a_locked_element_leaves_it_locked(world: World) -> None:
    await world.done(Drain(UntilIdle()))
    settled = await world.done(Restart(UntilIdle()))
    assert settled.state is OperationState.SUCCEEDED
    assert world.sbc.restarts == 1
    assert world.status.element.administrative is AdministrativeState.LOCKED
    assert world.sbc.call().status == 503


async def test_calls_are_let_in_again_when_a_restart_fails(world: World) -> None:
    await world.done(Configure(OTHER))
    world.sbc.fault(Fault.REFUSES, "stop", times=1)
    settled = await world.done(Restart(UntilIdle()))
    assert settled.state is OperationState.FAILED
    states = [step.state for step in settled.steps]
    assert states == [StepState.UNDONE, StepState.UNDONE, StepState.UNDONE, StepState.WAITING]
    assert await tables(world, Datastore.STARTUP) == TABLES, "the save is taken back"
    assert await tables(world, Datastore.RUNNING) == OTHER, "and what was running runs on"
    assert world.sbc.tables == OTHER
    assert world.sbc.call().status == 200


async def test_what_cannot_be_undone_is_said_and_raises_an_alarm_until_all_is_well(world: World) -> None:
    world.sbc.fault(Fault.REFUSES, "start")
    settled = await world.done(Restart(UntilIdle()))
    assert settled.state is OperationState.FAILED
    assert settled.reason is not None
    assert "«restart the engine» could not be undone" in settled.reason
    assert "operationIncomplete" in {alarm.name for alarm in await world.services.alarms.active()}
    world.sbc.heal()
    await world.clock.advance(5)
    await world.done(Restart(UntilIdle()))
    assert await world.services.alarms.active() == ()


async def test_a_dead_engine_is_restarted(world: World) -> None:
    world.sbc.fault(Fault.REFUSES, "start", times=3)
    world.sbc.die()
    settled = await world.done(Restart(Within(5)))
    assert settled.state is OperationState.SUCCEEDED
    assert world.sbc.call().status == 200


async def test_a_hand_over_keeps_calls_and_counts(world: World) -> None:
    world.sbc.call(seconds=100)
    before = world.status.pid
    settled = await world.done(TakeOver())
    assert settled.state is OperationState.SUCCEEDED
    assert world.status.pid not in (0, before)
    assert (len(world.sbc.calls), world.sbc.counter("admitted"), world.sbc.restarts) == (1, 1, 0)


async def test_a_commit_makes_startup_what_running_is(world: World) -> None:
    await world.done(Configure(OTHER))
    assert (await world.done(Commit())).state is OperationState.SUCCEEDED
    assert await tables(world, Datastore.STARTUP) == OTHER


async def test_a_configuration_that_the_engine_refuses_is_taken_back(world: World) -> None:
    world.sbc.fault(Fault.REFUSES, "apply", times=1)
    settled = await world.done(Configure(OTHER))
    assert settled.state is OperationState.FAILED
    assert await tables(world, Datastore.RUNNING) == TABLES
    assert world.sbc.tables == TABLES


async def test_a_restart_of_a_silent_engine_is_done_although_the_server_died_in_it(world: World) -> None:
    world.sbc.fault(Fault.HANGS)
    operation = await world.start(Restart(Immediately()))
    while not (await world.store.operations.find(operation.id)).steps[2].notes:
        await world.clock.advance(0.5)
    await world.crash()
    assert world.sbc.restarts == 0
    world.sbc.heal()
    await world.reopen()
    settled = await world.settled(operation.id)
    assert settled.state is OperationState.SUCCEEDED
    assert world.sbc.restarts == 1
