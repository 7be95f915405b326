"""A server that stands still in the middle of its work does not keep the others from ending a switch in time."""

from pathlib import Path

import psycopg
import pytest
from tests.world import ADMIN, Plan, World

from busyout.domain.commands import SwitchMode
from busyout.domain.drain import UntilIdle, Within
from busyout.domain.mode import Mode, RequestClass
from busyout.domain.operation import OperationState
from busyout.settings import ElementSettings
from busyout.store.tables.modes import LOCK

pytestmark = pytest.mark.anyio

CONTEXT = ElementSettings(name="context", kind="context", driver="inside")
STAND_STILL = "SELECT pg_advisory_xact_lock_shared(%s)"


def mode(world: World) -> Mode:
    """The mode that the gate is in."""
    return world.services.gate.mode


async def test_a_switch_is_given_up_at_its_deadline_and_requests_are_let_in_again(
    tmp_path: Path, postgres_url: str
) -> None:
    async with World.opened(tmp_path, Plan(store_url=postgres_url, elements=(CONTEXT,))) as world:
        with psycopg.connect(postgres_url) as other_server:
            other_server.execute(STAND_STILL, (LOCK,))
            operation = await world.start(SwitchMode(Mode.MAINTENANCE, Within(5.0)), on="context")
            settled = await world.clock.finish(world.services.operations.wait_settled(operation.id))
            assert settled.state is OperationState.FAILED
            assert "1 request was still in progress" in settled.reason
            with world.services.gate.enter(RequestClass.DATA):
                assert mode(world) is Mode.PRODUCTION
        await world.clock.finish(world.services.modes.switch(ADMIN, Mode.MAINTENANCE))
        assert mode(world) is Mode.MAINTENANCE


async def test_a_switch_that_waits_for_it_can_be_cancelled(tmp_path: Path, postgres_url: str) -> None:
    async with World.opened(tmp_path, Plan(store_url=postgres_url, elements=(CONTEXT,))) as world:
        with psycopg.connect(postgres_url) as other_server:
            other_server.execute(STAND_STILL, (LOCK,))
            operation = await world.start(SwitchMode(Mode.MAINTENANCE, UntilIdle()), on="context")
            await world.clock.advance(3.0)
            assert not (await world.services.operations.find(operation.id)).settled
            await world.services.operations.cancel(ADMIN, operation.id)
            settled = await world.clock.finish(world.services.operations.wait_settled(operation.id))
            assert settled.state is OperationState.CANCELLED
            assert mode(world) is Mode.PRODUCTION
