"""Numbers of operations in progress: one for each who asks, kept over a restart, given once, not kept for ever."""

import asyncio

import pytest
from tests.services.conftest import Provisioned
from tests.services.directory import ADMIN
from tests.services.shop import ACME, done
from tests.world import World

from busyout.domain.commands import InstallPlugin, UpdatePlugins, UpgradePlugin
from busyout.domain.errors import NoSuchMonitor
from busyout.domain.operation import OperationState

pytestmark = pytest.mark.anyio

INSTALL = "pg_mgr/install/install"
UPDATE = "pg_mgr/install/update"


async def opened(world: World, *, collection: str = INSTALL) -> int:
    """A number of an operation that has settled."""
    operation = await done(world, UpdatePlugins())
    return await world.services.monitors.open(ADMIN, collection, operation.id)


async def test_a_number_leads_to_its_operation_also_after_a_restart(shop: World) -> None:
    monitors = shop.services.monitors
    operation = await shop.start(InstallPlugin(ACME), on="provisioning")
    assert [await monitors.open(ADMIN, INSTALL, operation.id) for _ in range(2)] == [1, 2]
    assert await monitors.open(ADMIN, UPDATE, operation.id) == 1
    assert (await monitors.find(ADMIN, INSTALL, 2)).id == operation.id
    await shop.crash()
    await shop.reopen()
    await shop.settled(operation.id)
    for _ in range(2):
        assert (await shop.services.monitors.find(ADMIN, INSTALL, 1)).state is OperationState.SUCCEEDED
    assert await shop.services.monitors.open(ADMIN, INSTALL, operation.id) == 3


async def test_a_deleted_monitor_is_gone_and_its_operation_is_not(shop: World) -> None:
    monitors = shop.services.monitors
    number = await opened(shop)
    found = await monitors.find(ADMIN, INSTALL, number)
    for _ in range(2):
        await monitors.delete(ADMIN, INSTALL, number)
    with pytest.raises(NoSuchMonitor):
        await monitors.find(ADMIN, INSTALL, number)
    assert (await shop.services.operations.find(found.id)).settled


@pytest.mark.parametrize("number", [0, -1, 2, 2**53, 2**200])
async def test_a_number_that_was_never_given_is_unknown(shop: World, number: int) -> None:
    await opened(shop)
    for asking in (shop.services.monitors.find, shop.services.monitors.delete):
        with pytest.raises(NoSuchMonitor):
            await asking(ADMIN, INSTALL, number)
        with pytest.raises(NoSuchMonitor):
            await asking(ADMIN, "nowhere", 1)


async def test_a_finished_monitor_expires_after_its_grace_and_can_still_be_deleted(provisioned: Provisioned) -> None:
    async with provisioned(provisioning={"monitors_grace": 60.0}, duties=False) as world:
        number = await opened(world)
        await world.clock.advance(59)
        assert (await world.services.monitors.find(ADMIN, INSTALL, number)).settled
        await world.house.expiry.round()
        assert (await world.services.monitors.find(ADMIN, INSTALL, number)).settled
        await world.clock.advance(2)
        for _ in range(2):
            with pytest.raises(NoSuchMonitor):
                await world.services.monitors.find(ADMIN, INSTALL, number)
            await world.services.monitors.delete(ADMIN, INSTALL, number)
            await world.house.expiry.round()
        assert await opened(world) == number + 1


async def test_ten_times_the_bound_leave_the_newest(provisioned: Provisioned) -> None:
    async with provisioned(provisioning={"monitors_kept": 3}) as world:
        operation = await done(world, UpdatePlugins())
        for _ in range(30):
            await world.services.monitors.open(ADMIN, INSTALL, operation.id)
        kept = []
        for number in range(1, 31):
            try:
                kept.append((await world.services.monitors.find(ADMIN, INSTALL, number), number)[1])
            except NoSuchMonitor:
                await world.services.monitors.delete(ADMIN, INSTALL, number)
        assert kept == [28, 29, 30]


async def test_who_waits_is_answered_when_it_is_over_or_when_the_time_is(shop: World) -> None:
    monitors = shop.services.monitors
    operation = await shop.start(UpgradePlugin(ACME), on="provisioning")
    number = await monitors.open(ADMIN, INSTALL, operation.id)
    waiting = asyncio.create_task(monitors.wait(ADMIN, INSTALL, number, 30.0))
    await shop.settled(operation.id)
    answered = await waiting
    assert answered.state is OperationState.FAILED
    assert "not already installed" in (answered.reason or "")
    for seconds in (0.0, -1.0, float("nan"), 1e9):
        assert (await monitors.wait(ADMIN, INSTALL, number, seconds)).settled
    with pytest.raises(NoSuchMonitor):
        await monitors.wait(ADMIN, INSTALL, number + 1, 1.0)


async def test_a_wait_for_what_goes_on_ends_with_its_time(world: World) -> None:
    from busyout.domain.commands import Drain  # noqa: PLC0415 - only here

    world.sbc.call(seconds=1000)
    running = await world.start(Drain())
    number = await world.services.monitors.open(ADMIN, "somewhere", running.id)
    assert not (await world.services.monitors.wait(ADMIN, "somewhere", number, 0.01)).settled
