"""Drains, from the first refused call to the last one that ends."""

from pathlib import Path

import pytest
from tests.world import ADMIN, Plan, World, element

from busyout.domain.commands import Drain, Restore
from busyout.domain.drain import AtDeadline, Immediately, UntilIdle, Within
from busyout.domain.operation import OperationState, Progress, StepState
from busyout.domain.states import AdministrativeState
from busyout.drivers.simulated.faults import Fault

pytestmark = pytest.mark.anyio


async def progress_of(world: World, operation: str) -> Progress:
    """How far the drain is, as it is told now."""
    progress = (await world.services.operations.find(operation)).steps[0].progress
    assert progress is not None
    return progress


async def test_a_drain_waits_for_every_call_and_cuts_none(world: World) -> None:
    world.sbc.call(seconds=20)
    world.sbc.call(seconds=300)
    operation = await world.start(Drain(UntilIdle()))
    await world.clock.advance(299)
    assert not (await world.services.operations.find(operation.id)).settled
    assert world.status.element.administrative is AdministrativeState.SHUTTING_DOWN
    assert len(world.sbc.calls) == 1
    settled = await world.settled(operation.id, within=10)
    assert settled.state is OperationState.SUCCEEDED
    assert world.status.element.administrative is AdministrativeState.LOCKED
    assert world.sbc.counter("ended_by_us") == 0


async def test_new_calls_are_refused_from_the_first_moment_and_counted(world: World) -> None:
    world.sbc.call(seconds=30)
    operation = await world.start(Drain(UntilIdle()))
    await world.clock.advance(2)
    refused = [world.sbc.call() for _ in range(3)]
    assert {(outcome.status, outcome.retry_after) for outcome in refused} == {(503, 10)}
    await world.clock.advance(2)
    assert (await progress_of(world, operation.id)).refused == 3


async def test_a_drain_tells_what_it_waits_for_and_how_long_it_may_take(world: World) -> None:
    for seconds in (10, 20, 30, 40):
        world.sbc.call(seconds=seconds)
    operation = await world.start(Drain(Within(100)))
    await world.clock.advance(21)
    progress = await progress_of(world, operation.id)
    assert progress.calls_left == 2
    assert progress.oldest_call == pytest.approx(21, abs=1.5)
    assert progress.seconds_to_empty == pytest.approx(21, abs=5)
    assert progress.deadline_in == pytest.approx(79, abs=1.5)
    assert progress.waiting_for.startswith("2 calls to end, for 7")


async def test_at_the_deadline_the_calls_that_are_left_are_ended_and_named(world: World) -> None:
    stays = world.sbc.call(seconds=3000)
    world.sbc.call(seconds=10)
    settled = await world.done(Drain(Within(60)))
    assert settled.state is OperationState.SUCCEEDED
    progress = settled.steps[0].progress
    assert progress is not None
    assert (progress.ended, progress.ended_calls, progress.calls_left) == (1, (stays.id,), 0)
    assert world.sbc.counter("ended_by_us") == 1
    assert world.clock.now() - settled.created_at == pytest.approx(60, abs=5)


async def test_at_the_deadline_an_abort_puts_the_element_back(world: World) -> None:
    world.sbc.call(seconds=3000)
    settled = await world.done(Drain(Within(60), AtDeadline.ABORT))
    assert settled.state is OperationState.FAILED
    assert settled.reason == "the deadline passed with 1 calls still in progress"
    assert settled.steps[0].state is StepState.UNDONE
    assert world.status.element.administrative is AdministrativeState.UNLOCKED
    assert world.sbc.call().status == 200
    assert len(world.sbc.calls) == 2


async def test_at_the_deadline_an_extension_waits_for_as_long_again_and_warns(world: World) -> None:
    world.sbc.call(seconds=150)
    operation = await world.start(Drain(Within(60), AtDeadline.EXTEND))
    await world.clock.advance(130)
    names = [alarm.name for alarm in await world.services.alarms.active()]
    assert names == ["drainOverdue"]
    settled = await world.settled(operation.id, within=60)
    assert settled.state is OperationState.SUCCEEDED
    assert world.sbc.counter("ended_by_us") == 0
    assert await world.services.alarms.active() == ()


async def test_an_operator_can_extend_the_deadline(world: World) -> None:
    world.sbc.call(seconds=100)
    operation = await world.start(Drain(Within(60)))
    await world.clock.advance(10)
    await world.services.operations.extend(ADMIN, operation.id, 60)
    settled = await world.settled(operation.id, within=200)
    assert settled.state is OperationState.SUCCEEDED
    assert world.sbc.counter("ended_by_us") == 0


async def test_an_operator_can_force_a_drain_that_would_wait_for_ever(world: World) -> None:
    world.sbc.call(seconds=1e6)
    operation = await world.start(Drain(UntilIdle()))
    await world.clock.advance(5)
    await world.services.operations.force(ADMIN, operation.id)
    settled = await world.settled(operation.id, within=30)
    assert settled.state is OperationState.SUCCEEDED
    assert world.sbc.counter("ended_by_us") == 1


async def test_a_cancelled_drain_lets_calls_in_again(world: World) -> None:
    world.sbc.call(seconds=1000)
    operation = await world.start(Drain(UntilIdle()))
    await world.clock.advance(5)
    await world.services.operations.cancel(ADMIN, operation.id)
    settled = await world.settled(operation.id, within=30)
    assert settled.state is OperationState.CANCELLED
    assert settled.reason == "The operation was cancelled."
    assert world.sbc.call().status == 200
    assert world.status.element.administrative is AdministrativeState.UNLOCKED


async def test_a_drain_at_once_ends_every_call(world: World) -> None:
    for _ in range(5):
        world.sbc.call(seconds=1000)
    settled = await world.done(Drain(Immediately()), within=30)
    assert settled.state is OperationState.SUCCEEDED
    assert world.sbc.counter("ended_by_us") == 5
    assert settled.steps[0].progress is not None
    assert settled.steps[0].progress.ended == 5


async def test_a_drain_of_a_locked_element_is_done_and_its_undo_leaves_it_locked(world: World) -> None:
    assert (await world.done(Drain(UntilIdle()))).state is OperationState.SUCCEEDED
    assert (await world.done(Drain(UntilIdle()))).state is OperationState.SUCCEEDED
    assert world.status.element.administrative is AdministrativeState.LOCKED
    assert (await world.done(Restore())).state is OperationState.SUCCEEDED
    assert world.sbc.call().status == 200


async def test_retry_after_is_never_longer_than_the_drain(world: World) -> None:
    world.sbc.call(seconds=100)
    await world.start(Drain(Within(3)))
    await world.clock.advance(1)
    assert world.sbc.call().retry_after == 3


async def test_a_drain_goes_on_when_the_engine_comes_back(tmp_path: Path) -> None:
    plan = Plan(store_url=f"sqlite:///{tmp_path}/busyout.db", elements=(element(survives_restart="true"),))
    async with World.opened(tmp_path, plan) as world:
        world.sbc.call(seconds=60)
        operation = await world.start(Drain(UntilIdle()))
        await world.clock.advance(5)
        world.sbc.die()
        await world.clock.advance(5)
        assert world.sbc.running, "the supervision starts it again"
        assert not world.sbc.admitting, "and it starts closed"
        settled = await world.settled(operation.id, within=120)
        assert settled.state is OperationState.SUCCEEDED
        assert world.clock.now() - settled.created_at >= 60
        assert world.sbc.cut == []


async def test_an_engine_that_hangs_for_long_fails_the_drain_and_says_so(world: World) -> None:
    world.sbc.call(seconds=1000)
    operation = await world.start(Drain(UntilIdle()))
    await world.clock.advance(5)
    world.sbc.fault(Fault.HANGS, "load", "calls", "counters")
    await world.clock.advance(30)
    assert "the element to answer" in (await progress_of(world, operation.id)).waiting_for
    await world.clock.advance(60)
    world.sbc.heal()
    settled = await world.settled(operation.id, within=120)
    assert settled.state is OperationState.FAILED
    assert world.sbc.call().status == 200


async def test_a_drain_without_a_deadline_warns_after_a_while_and_takes_the_warning_back(tmp_path: Path) -> None:
    plan = Plan(store_url=f"sqlite:///{tmp_path}/busyout.db", drain_warning=100.0)
    async with World.opened(tmp_path, plan) as world:
        world.sbc.call(seconds=150)
        operation = await world.start(Drain(UntilIdle()))
        await world.clock.advance(110)
        assert [alarm.name for alarm in await world.services.alarms.active()] == ["drainOverdue"]
        await world.settled(operation.id, within=100)
        assert await world.services.alarms.active() == ()


async def test_a_bye_that_is_still_unanswered_is_waited_for(tmp_path: Path) -> None:
    plan = Plan(store_url=f"sqlite:///{tmp_path}/busyout.db", elements=(element(bye_seconds="4"),))
    async with World.opened(tmp_path, plan) as world:
        world.sbc.call(seconds=10)
        settled = await world.done(Drain(UntilIdle()))
        assert world.clock.now() - settled.created_at >= 14


async def test_an_engine_that_hangs_is_given_up_once_when_it_is_not_to_be_waited_for(world: World) -> None:
    world.sbc.fault(Fault.HANGS)
    operation = await world.start(Drain(Immediately()))
    settled = await world.settled(operation.id, within=60)
    assert settled.state is OperationState.SUCCEEDED
    assert world.clock.now() - settled.created_at < 15


async def test_a_cancelled_drain_takes_its_warning_back(tmp_path: Path) -> None:
    plan = Plan(store_url=f"sqlite:///{tmp_path}/busyout.db", drain_warning=10.0)
    async with World.opened(tmp_path, plan) as world:
        world.sbc.call(seconds=1e6)
        operation = await world.start(Drain(UntilIdle()))
        await world.clock.advance(20)
        assert [alarm.name for alarm in await world.services.alarms.active()] == ["drainOverdue"]
        await world.crash()
        await world.reopen()
        await world.services.operations.cancel(ADMIN, operation.id)
        await world.settled(operation.id, within=30)
        assert await world.services.alarms.active() == ()


async def test_calls_that_were_up_when_the_engine_died_are_not_passed_over_in_silence(world: World) -> None:
    for _ in range(5):
        world.sbc.call(seconds=1000)
    operation = await world.start(Drain(UntilIdle()))
    await world.clock.advance(5)
    world.sbc.die()
    settled = await world.settled(operation.id, within=60)
    assert settled.state is OperationState.SUCCEEDED
    assert settled.steps[0].progress is not None
    assert settled.steps[0].progress.lost == 5


async def test_calls_lost_while_server_and_engine_were_dead_are_told(world: World) -> None:
    world.sbc.call(seconds=1000)
    operation = await world.start(Drain(UntilIdle()))
    await world.clock.advance(20)
    await world.crash()
    world.sbc.die()
    await world.reopen()
    settled = await world.settled(operation.id, within=60)
    assert settled.steps[0].progress is not None
    assert settled.steps[0].progress.lost == 1
