"""Cancelled at every moment: an operation has happened or it has not, and nothing lies about afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.services.conftest import Provisioned, updated
from tests.services.repository import SampleRepository, recipes, zipped
from tests.services.shop import ACME, done
from tests.services.test_plugins_undone import HaltingOperations
from tests.world import ADMIN, World

from busyout.domain.commands import (
    Command,
    InstallPackage,
    InstallPlugin,
    UninstallPackage,
    UninstallPlugin,
    UpdatePlugins,
    UpgradePlugin,
)
from busyout.domain.errors import BusyoutError
from busyout.domain.operation import OperationState

pytestmark = pytest.mark.anyio

IMAGE = zipped(**{"a.bin": b"x" * 5000})

STEPS: dict[Command, int] = {
    InstallPlugin("null"): 4,
    UpgradePlugin(ACME): 4,
    UninstallPlugin(ACME): 2,
    UpdatePlugins(): 3,
    InstallPackage(ACME, "firmware"): 2,
    UninstallPackage(ACME, "firmware"): 1,
}

MOMENTS = [(command, after) for command, steps in STEPS.items() for after in range(1, steps + 1)]


def seen(tmp_path: Path) -> dict[str, object]:
    """All that an operation may change, downloads aside."""
    home = tmp_path / "provisioning"
    plugins = home / "plugins"
    found: dict[str, object] = {
        str(path.relative_to(plugins)): path.read_bytes()
        for path in sorted(plugins.rglob("*"))
        if path.is_file() and "cache" not in path.parts and not path.is_relative_to(plugins / ".shelf")
    }
    return found | {"index": (home / "plugins.db").read_bytes()}


def litter(tmp_path: Path) -> list[str]:
    """What is half made."""
    home = tmp_path / "provisioning"
    shelf = [path for path in (home / "plugins/.shelf").rglob("*") if path.is_file() and "kept" not in path.parts]
    return [str(path) for path in (*shelf, *home.rglob(".*.half"))]


@asynccontextmanager
async def prepared(
    provisioned: Provisioned, repository: SampleRepository, engine: HaltingOperations
) -> AsyncIterator[World]:
    """A world with a plug-in, its package fetched, and something new in the repository."""
    async with provisioned(durable=lambda url: engine, duties=False) as world:
        repository.put("firmware.zip", IMAGE)
        recipe = {"pkgs/pkgs.db": recipes(url=f"{repository.url}/firmware.zip", content=IMAGE)}
        repository.offer(ACME, "1.0", files=recipe)
        await updated(world)
        await done(world, InstallPlugin(ACME))
        yield world


@pytest.mark.parametrize(("command", "after"), MOMENTS, ids=str)
async def test_what_is_cancelled_has_happened_or_has_not(
    provisioned: Provisioned, repository: SampleRepository, tmp_path: Path, command: Command, after: int
) -> None:
    engine = HaltingOperations()
    async with prepared(provisioned, repository, engine) as world:
        if isinstance(command, UninstallPackage):
            assert (await done(world, InstallPackage(ACME, "firmware"))).state is OperationState.SUCCEEDED
        repository.offer(ACME, "2.0")
        if isinstance(command, UpgradePlugin):
            await updated(world)
        before = seen(tmp_path)
        engine.steps_left = after
        operation = await world.start(command, on="provisioning")
        await engine.halted.wait()
        try:
            await world.services.operations.cancel(ADMIN, operation.id)
        except BusyoutError:
            assert (await world.services.operations.find(operation.id)).settled
        engine.resumed.set()
        ended = await world.settled(operation.id)
        if ended.state is OperationState.SUCCEEDED:
            assert seen(tmp_path) != before
        else:
            assert (ended.state, seen(tmp_path)) == (OperationState.CANCELLED, before)
        assert litter(tmp_path) == []
        installed = world.services.plugins.plugins()
        await world.crash()
        await world.reopen()
        assert world.services.plugins.plugins() == installed
        assert seen(tmp_path) == before or ended.state is OperationState.SUCCEEDED
