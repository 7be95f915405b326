"""Steps that follow each other at once: each is told of, and the end of one is the beginning of the next."""

import asyncio

import pytest
from tests.inline_operations import InlineOperations
from tests.services.conftest import Provisioned, updated
from tests.services.shop import ACME
from tests.world import ADMIN, World, WorldOn

from busyout.domain.commands import InstallPlugin, Restart
from busyout.domain.drain import Immediately
from busyout.domain.event import Event
from busyout.domain.operation import OperationState, StepState
from busyout.drivers.simulated.faults import Fault

pytestmark = pytest.mark.anyio

LABELS = ("download", "verify", "put in place", "finish")


class IdleOperations(InlineOperations):
    """A durable engine that carries nothing once it has been told to rest."""

    resting = False

    async def start(self, operation: str, *, new: bool = False) -> None:
        """Carry an operation, unless resting."""
        if not self.resting:
            await super().start(operation, new=new)


def moves(events: tuple[Event, ...], operation: str) -> list[tuple[object, object]]:
    """Each step of an operation with the state that it has moved to, in order."""
    steps = [event.data for event in events if event.type == "operation.step" and event.operation == operation]
    return [(data["step"], data["step_state"]) for data in steps]


async def test_every_step_of_a_quick_operation_is_told_of_in_order(provisioned: Provisioned) -> None:
    engine = IdleOperations()
    async with provisioned(durable=lambda url: engine, duties=False) as world:
        await updated(world)
        engine.resting = True
        operation = await world.start(InstallPlugin(ACME), on="provisioning")
        while not await world.services.operations.carry(operation.id):
            pass
        settled = await world.services.operations.find(operation.id)
        assert settled.state is OperationState.SUCCEEDED
        told = moves(await world.services.events.since(0, limit=500), operation.id)
        assert told == [(label, state) for label in LABELS for state in ("running", "done")]


async def test_a_cancellation_before_the_first_step_does_none(provisioned: Provisioned) -> None:
    engine = IdleOperations()
    async with provisioned(durable=lambda url: engine, duties=False) as world:
        await updated(world)
        engine.resting = True
        operation = await world.start(InstallPlugin(ACME), on="provisioning")
        await world.services.operations.cancel(ADMIN, operation.id)
        while not await world.services.operations.carry(operation.id):
            pass
        settled = await world.services.operations.find(operation.id)
        assert settled.state is OperationState.CANCELLED
        assert {step.state for step in settled.steps} == {StepState.WAITING}


async def stuck_in_the_stop(world: World, operation: str) -> asyncio.Task[bool]:
    """A restart that is being carried, in the middle of a step that asks nobody whether to go on."""
    await world.clock.finish(world.services.operations.advance(operation))
    world.sbc.faults.add(Fault.HANGS, frozenset({"stop"}), times=1)
    carrying = asyncio.create_task(world.services.operations.carry(operation))

    async def stopping() -> bool:
        return (await world.services.operations.find(operation)).steps[1].state is StepState.RUNNING

    await world.clock.run_until(stopping)
    return carrying


async def test_a_cancellation_in_a_step_that_does_not_heed_it_keeps_the_next_one_from_beginning(
    world_on: WorldOn,
) -> None:
    engine = IdleOperations()
    async with world_on("sqlite", durable=lambda url: engine, duties=False) as world:
        engine.resting = True
        operation = await world.start(Restart(Immediately(), save=False))
        carrying = await stuck_in_the_stop(world, operation.id)
        await world.services.operations.cancel(ADMIN, operation.id)
        settled = await world.clock.finish(carrying)
        while not settled:
            settled = await world.clock.finish(world.services.operations.carry(operation.id))
        ended = await world.services.operations.find(operation.id)
        assert ended.state is OperationState.CANCELLED
        told = moves(await world.services.events.since(0, limit=500), operation.id)
        assert ("restart the engine", "done") in told
        assert ("admit calls", "running") not in told
