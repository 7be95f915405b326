"""A device is synchronised by an operation, which says why where it cannot be."""

import pytest
from tests.services.conftest import Provisioned
from tests.services.directory import MAC, profile
from tests.world import ADMIN, World

from busyout.domain.commands import InstallPlugin, SynchronizeDevice, UninstallPlugin, UpdatePlugins
from busyout.domain.errors import ElementBusy, InvalidValue
from busyout.domain.operation import Operation, OperationState

pytestmark = pytest.mark.anyio


async def furnished(world: World) -> None:
    """A plug-in, a profile, a device that has both, and one that has nothing."""
    for command in (UpdatePlugins(), InstallPlugin("null")):
        assert (await world.done(command, on="provisioning")).state is OperationState.SUCCEEDED
    await world.services.profiles.create(ADMIN, profile("p", raw={"locale": "fr"}))
    await world.services.devices.create(ADMIN, {"id": "d", "mac": MAC, "plugin": "null", "config": "p"})
    await world.services.devices.create(ADMIN, {"id": "bare"})


async def synchronized(world: World, device: str) -> Operation:
    return await world.done(SynchronizeDevice(device), on="provisioning")


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_a_configured_device_is_rendered_anew(provisioned: Provisioned, database: str) -> None:
    async with provisioned(database) as world:
        await furnished(world)
        before = await world.services.devices.rendering("d")
        await world.clock.advance(5)
        done = await synchronized(world, "d")
        after = await world.services.devices.rendering("d")
        assert done.state is OperationState.SUCCEEDED
        assert before is not None and after is not None
        assert after.rendered_at > before.rendered_at
        assert done.steps[0].notes["digest"] == after.digest
        assert "outside" in done.steps[0].notes["left"]


async def test_what_cannot_be_synchronised_fails_and_says_why(provisioned: Provisioned) -> None:
    async with provisioned() as world:
        await furnished(world)
        for device, reason in (("bare", "device bare is not configured"), ("nobody", 'invalid device ID "nobody"')):
            failed = await synchronized(world, device)
            assert failed.state is OperationState.FAILED
            assert failed.reason is not None and failed.reason.startswith(reason)
        with pytest.raises(InvalidValue, match="an id is"):
            await world.start(SynchronizeDevice("../d"), on="provisioning")


async def test_two_devices_are_synchronised_at_once_and_one_is_not_twice(provisioned: Provisioned) -> None:
    async with provisioned() as world:
        await furnished(world)
        first = await world.start(SynchronizeDevice("d"), on="provisioning")
        with pytest.raises(ElementBusy) as refused:
            await world.start(SynchronizeDevice("d"), on="provisioning")
        assert refused.value.holder == first.id
        other = await world.start(SynchronizeDevice("bare"), on="provisioning")
        assert (await world.settled(first.id)).state is OperationState.SUCCEEDED
        assert (await world.settled(other.id)).state is OperationState.FAILED


async def test_a_device_follows_the_plugin_that_goes_and_comes(provisioned: Provisioned) -> None:
    async with provisioned() as world:
        await furnished(world)
        assert (await world.services.devices.get("d")).configured
        await world.done(UninstallPlugin("null"), on="provisioning")
        assert not (await world.services.devices.get("d")).configured
        await world.done(InstallPlugin("null"), on="provisioning")
        assert (await world.services.devices.get("d")).configured


async def test_what_is_out_of_date_is_rendered_without_being_asked(provisioned: Provisioned) -> None:
    async with provisioned() as world:
        await furnished(world)
        await world.store.devices.outdate("null")
        assert not (await world.services.devices.get("d")).configured
        await world.clock.advance(2)
        assert (await world.services.devices.get("d")).configured


async def test_an_operation_goes_on_after_a_crash(provisioned: Provisioned) -> None:
    async with provisioned() as world:
        await furnished(world)
        started = await world.start(SynchronizeDevice("d"), on="provisioning")
        await world.crash()
        await world.reopen()
        assert (await world.settled(started.id)).state is OperationState.SUCCEEDED
