"""What is cancelled or fails after the switch is switched back."""

import asyncio
import shutil
from pathlib import Path

import pytest
from tests.inline_operations import InlineOperations
from tests.services.conftest import Provisioned, updated
from tests.services.repository import SampleRepository
from tests.services.shop import ACME, cached, done, failed, on_disk
from tests.world import ADMIN, World

from busyout.domain.commands import Command, InstallPlugin, UninstallPlugin, UpdatePlugins, UpgradePlugin
from busyout.domain.operation import Operation, OperationState, StepState
from busyout.ports.operations import Advance

pytestmark = pytest.mark.anyio


class HaltingOperations(InlineOperations):
    """A durable engine that can be held up between two steps."""

    def __init__(self) -> None:
        super().__init__()
        self.steps_left = -1
        """Steps until it waits; below zero it never does."""
        self.halted = asyncio.Event()
        self.resumed = asyncio.Event()

    async def open(self, advance: Advance) -> None:
        """Begin to work."""

        async def watched(operation: str) -> bool:
            settled = await advance(operation)
            self.steps_left -= 1
            if self.steps_left == 0:
                self.halted.set()
                await self.resumed.wait()
            return settled

        await super().open(watched)


async def cancelled(world: World, engine: HaltingOperations, command: Command, *, after: int) -> Operation:
    """Begin a command, and cancel it after so many steps."""
    engine.steps_left = after
    operation = await world.start(command, on="provisioning")
    await engine.halted.wait()
    await world.services.operations.cancel(ADMIN, operation.id)
    engine.resumed.set()
    return await world.settled(operation.id)


async def test_an_upgrade_that_is_cancelled_after_the_switch_is_switched_back(
    provisioned: Provisioned, repository: SampleRepository, tmp_path: Path
) -> None:
    engine = HaltingOperations()
    async with provisioned(durable=lambda url: engine, duties=False) as world:
        await updated(world)
        await done(world, InstallPlugin(ACME))
        repository.offer(ACME, "2.0")
        await updated(world)
        operation = await cancelled(world, engine, UpgradePlugin(ACME), after=3)
        assert operation.state is OperationState.CANCELLED
        assert [step.state for step in operation.steps] == [StepState.UNDONE] * 3 + [StepState.WAITING]
        assert (on_disk(tmp_path), world.services.plugins.info(ACME)["version"]) == ("1.0", "1.0")


async def test_an_install_that_is_cancelled_after_the_switch_leaves_nothing(
    provisioned: Provisioned, tmp_path: Path
) -> None:
    engine = HaltingOperations()
    async with provisioned(durable=lambda url: engine, duties=False) as world:
        await updated(world)
        assert (await cancelled(world, engine, InstallPlugin(ACME), after=3)).state is OperationState.CANCELLED
        assert (on_disk(tmp_path), world.services.plugins.plugins()) == (None, ())


async def test_an_uninstall_that_fails_after_the_switch_is_switched_back(shop: World, tmp_path: Path) -> None:
    await done(shop, InstallPlugin(ACME))
    packages = cached(tmp_path).parent.parent
    shutil.rmtree(packages)
    packages.write_text("a file where a directory should be")
    assert await failed(shop, UninstallPlugin(ACME))
    assert (on_disk(tmp_path), shop.services.plugins.plugins()) == ("1.0", (ACME,))


async def test_an_index_that_the_disk_does_not_take_leaves_the_one_before_and_nobody_alarmed(
    shop: World, repository: SampleRepository, tmp_path: Path
) -> None:
    home = tmp_path / "provisioning"
    before, listed = (home / "plugins.db").read_bytes(), shop.services.plugins.installable()
    repository.offer("another")
    (home / ".plugins.db.half").mkdir()
    operation = await done(shop, UpdatePlugins())
    assert operation.state is OperationState.FAILED
    assert [step.state for step in operation.steps] == [StepState.UNDONE] * 3
    assert (home / "plugins.db").read_bytes() == before
    assert shop.services.plugins.installable().revision == listed.revision
    assert await shop.services.alarms.active() == ()
    (home / ".plugins.db.half").rmdir()
    await updated(shop)
    assert "another" in shop.services.plugins.installable().entries
