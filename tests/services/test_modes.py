"""The mode of the context services is switched by an operation that waits for what is in progress."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.world import ADMIN, WATCHER, Plan, World

from busyout.domain.commands import SwitchMode
from busyout.domain.context.errors import ModeKept, ModeNotAllowed, ModeSwitching, NoProfileSchema
from busyout.domain.drain import Immediately, UntilIdle, Within
from busyout.domain.errors import InvalidValue, NotSupported
from busyout.domain.mode import Mode, RequestClass
from busyout.domain.operation import Operation, OperationState, StepState
from busyout.domain.page import OperationQuery
from busyout.services.gate import Gate
from busyout.settings import ContextSettings, ElementSettings

pytestmark = pytest.mark.anyio

CONTEXT = ElementSettings(name="context", kind="context", driver="inside")
DATA, SCHEMA, ANY = RequestClass.DATA, RequestClass.SCHEMA, RequestClass.ANY
TO_MAINTENANCE = SwitchMode(Mode.MAINTENANCE)


def plan(home: Path, **more: object) -> Plan:
    """A world with context services."""
    return Plan(store_url=f"sqlite:///{home}/busyout.db", elements=(CONTEXT,), **more)  # type: ignore[arg-type]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A server in production."""
    async with World.opened(tmp_path, plan(tmp_path)) as world:
        yield world


def gate(world: World) -> Gate:
    """The gate of the server."""
    return world.services.gate


async def waiting(world: World, operation: Operation) -> Operation:
    """The operation once it waits for requests in progress."""

    async def waits() -> bool:
        return (await world.services.operations.find(operation.id)).steps[1].progress is not None

    await world.clock.run_until(waits, within=1.0)
    return await world.services.operations.find(operation.id)


async def switched(world: World, mode: Mode) -> None:
    """Let somebody switch, and time pass until that is done."""
    await world.clock.finish(world.services.modes.switch(ADMIN, mode))


async def test_a_server_with_a_profile_schema_begins_in_production(world: World) -> None:
    assert gate(world).mode is Mode.PRODUCTION
    with gate(world).enter(DATA), gate(world).enter(ANY):
        assert gate(world).in_flight(DATA) == 1
    with pytest.raises(ModeNotAllowed, match='while the system is in "production" mode') as refused:
        gate(world).check(SCHEMA)
    assert refused.value.mode is Mode.PRODUCTION


async def test_a_server_without_a_profile_schema_begins_in_maintenance(tmp_path: Path) -> None:
    async with World.opened(tmp_path, plan(tmp_path, context=ContextSettings(attributes={}))) as world:
        assert gate(world).mode is Mode.MAINTENANCE
        with pytest.raises(NoProfileSchema):
            await world.services.modes.switch(ADMIN, Mode.PRODUCTION)
        assert gate(world).mode is Mode.MAINTENANCE


async def test_a_switch_with_nothing_in_progress_is_done_at_once(world: World) -> None:
    await switched(world, Mode.MAINTENANCE)
    assert gate(world).mode is Mode.MAINTENANCE
    with gate(world).enter(SCHEMA), pytest.raises(ModeNotAllowed):
        gate(world).check(DATA)
    (operation,) = await world.services.operations.page(OperationQuery(element="context"))
    assert [step.progress for step in operation.steps] == [None, None]


async def test_the_mode_that_is_in_force_is_not_switched_to(world: World) -> None:
    await world.services.modes.switch(ADMIN, Mode.PRODUCTION)
    assert await world.services.operations.unsettled() == ()


async def test_a_mode_is_durable(world: World) -> None:
    await switched(world, Mode.MAINTENANCE)
    await world.crash()
    await world.reopen()
    assert gate(world).mode is Mode.MAINTENANCE


async def test_a_switch_waits_for_the_request_in_progress_and_refuses_all_others(world: World) -> None:
    with gate(world).enter(DATA):
        operation = await waiting(world, await world.start(TO_MAINTENANCE, on="context"))
        progress = operation.steps[1].progress
        assert progress is not None
        assert (progress.calls_left, progress.waiting_for) == (1, "1 request to end, for 60 s more")
        for kind in RequestClass:
            with pytest.raises(ModeSwitching) as refused:
                gate(world).check(kind)
            assert refused.value.retry_after == 60
        with pytest.raises(ModeSwitching):
            await world.services.modes.switch(ADMIN, Mode.MAINTENANCE)
        await world.clock.advance(50)
        assert gate(world).switching
    settled = await world.settled(operation.id, within=0.1)
    assert settled.state is OperationState.SUCCEEDED
    assert gate(world).mode is Mode.MAINTENANCE


async def test_a_request_that_touches_neither_is_not_waited_for(world: World) -> None:
    with gate(world).enter(ANY):
        await switched(world, Mode.MAINTENANCE)


async def test_requests_that_take_too_long_keep_the_old_mode(world: World) -> None:
    with ExitStack() as requests:
        for _ in range(3):
            requests.enter_context(gate(world).enter(DATA))
        with pytest.raises(
            ModeKept, match=r"3 requests were still in progress .* the mode is still production"
        ) as kept:
            await switched(world, Mode.MAINTENANCE)
        assert kept.value.still_running == 3
        assert not gate(world).switching
        gate(world).check(DATA)


async def test_a_switch_to_production_waits_as_long_as_it_is_told(tmp_path: Path) -> None:
    patient = plan(tmp_path, context=ContextSettings(mode_switch_timeout=7.0), drain_warning=20.0)
    async with World.opened(tmp_path, patient) as world:
        await switched(world, Mode.MAINTENANCE)
        with gate(world).enter(SCHEMA), pytest.raises(ModeKept):
            await switched(world, Mode.PRODUCTION)
        last, _ = await world.services.operations.page(OperationQuery(element="context"))
        begun, ended = last.steps[0].started_at, last.steps[1].ended_at
        assert (begun, ended) == (begun, (begun or 0.0) + 7.0)
        await switched(world, Mode.PRODUCTION)
        request = gate(world).enter(DATA)
        request.__enter__()
        operation = await world.start(SwitchMode(Mode.MAINTENANCE, UntilIdle()), on="context")
        await world.clock.advance(21)
        assert [alarm.name for alarm in await world.services.alarms.active(after=0, limit=9)] == ["drainOverdue"]
        request.__exit__(None, None, None)
        assert (await world.settled(operation.id)).state is OperationState.SUCCEEDED
        assert await world.services.alarms.active(after=0, limit=9) == ()


async def test_a_switch_can_be_cancelled_and_extended(world: World) -> None:
    with gate(world).enter(DATA):
        operation = await waiting(world, await world.start(TO_MAINTENANCE, on="context"))
        await world.services.operations.extend(ADMIN, operation.id, 100.0)
        await world.clock.advance(90)
        assert gate(world).switching
        with pytest.raises(ModeSwitching) as refused:
            gate(world).check_open()
        assert refused.value.retry_after == 70
        await world.services.operations.cancel(ADMIN, operation.id)
        settled = await world.settled(operation.id, within=1.0)
        assert settled.state is OperationState.CANCELLED
        assert [step.state for step in settled.steps] == [StepState.UNDONE, StepState.UNDONE]
        gate(world).check(DATA)


async def test_a_switch_goes_on_after_its_client_has_left(world: World) -> None:
    with gate(world).enter(DATA):
        asking = asyncio.create_task(world.services.modes.switch(ADMIN, Mode.MAINTENANCE))
        await world.clock.run_until(lambda: gate(world).switching)
        asking.cancel()
    await world.clock.run_until(lambda: not gate(world).switching)
    assert gate(world).mode is Mode.MAINTENANCE


async def test_a_data_request_without_a_profile_schema_takes_the_server_into_maintenance(tmp_path: Path) -> None:
    async with World.opened(tmp_path, plan(tmp_path)) as world:
        pass
    async with World.opened(tmp_path, plan(tmp_path, context=ContextSettings(attributes={}))) as world:
        assert gate(world).mode is Mode.PRODUCTION
        with gate(world).enter(DATA), pytest.raises(NoProfileSchema):
            await world.clock.finish(world.services.modes.check_profile_schema(WATCHER))
        assert gate(world).mode is Mode.MAINTENANCE
        assert gate(world).in_flight(DATA) == 0


async def test_what_cannot_be_is_refused_before_anything_is_changed(world: World) -> None:
    with pytest.raises(InvalidValue, match="cannot be cut"):
        await world.start(SwitchMode(Mode.MAINTENANCE, Immediately()), on="context")
    with pytest.raises(InvalidValue):
        await world.start(SwitchMode(Mode.MAINTENANCE, Within(float("nan"))), on="context")
    gate(world).check(DATA)


async def test_an_element_of_another_kind_has_no_mode(tmp_path: Path) -> None:
    async with World.opened(tmp_path) as world:
        with pytest.raises(NotSupported):
            await world.start(TO_MAINTENANCE)


@pytest.mark.parametrize("step", range(2))
async def test_a_server_that_dies_in_a_switch_completes_it(world: World, step: int) -> None:
    with gate(world).enter(DATA) if step == 1 else ExitStack():
        operation = await world.start(TO_MAINTENANCE, on="context")

        async def reached() -> bool:
            found = await world.services.operations.find(operation.id)
            return found.steps[step].state is not StepState.WAITING

        await world.clock.run_until(reached)
        await world.crash()
    await world.reopen()
    await world.clock.run_until(lambda: not gate(world).switching)
    assert (await world.settled(operation.id)).state is OperationState.SUCCEEDED
    assert gate(world).mode is Mode.MAINTENANCE
