"""A disk that is full, at every place where something is written: a clear failure, nothing changed or left over."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.services.conftest import Provisioned, updated
from tests.services.repository import SampleRepository, recipes, zipped
from tests.services.shop import ACME, done
from tests.services.test_plugins_cancelled import litter, seen
from tests.world import World

from busyout.domain.commands import (
    Command,
    InstallPackage,
    InstallPlugin,
    UninstallPlugin,
    UpdatePlugins,
    UpgradePlugin,
)
from busyout.domain.operation import OperationState

pytestmark = pytest.mark.anyio

SIZE = 2 * 1024 * 1024
PAGE = 4096
LARGE = os.urandom(300_000)
IMAGE = zipped(**{"a.bin": LARGE})


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB where the plug-ins are."""
    if os.geteuid() != 0 or not shutil.which("mount"):
        pytest.skip("a small file system can be mounted by root only")
    place = tmp_path / "provisioning"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", place], check=False).returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


async def ends(world: World, disk: Path, tmp_path: Path, command: Command) -> int:
    """Have a command done with more and more room on the disk until it succeeds; how often it failed."""
    filler, left, failures = disk / "filler", 0, 0
    while True:
        before = seen(tmp_path)
        filler.write_bytes(bytes(max(0, shutil.disk_usage(disk).free - left)))
        operation = await done(world, command)
        filler.unlink()
        if operation.state is OperationState.SUCCEEDED:
            return failures
        assert "No space left" in (operation.reason or ""), (command, left, operation)
        assert operation.state is OperationState.FAILED, (command, left, operation)
        assert seen(tmp_path) == before, (command, left)
        assert litter(tmp_path) == [], (command, left)
        failures += 1
        left = left + PAGE if left < 10 * PAGE else left + 25 * PAGE
        assert left < SIZE


async def test_a_full_disk_changes_nothing(
    provisioned: Provisioned, repository: SampleRepository, disk: Path, tmp_path: Path
) -> None:
    async with provisioned() as world:
        repository.put("firmware.zip", IMAGE)
        package = {"pkgs/pkgs.db": recipes(url=f"{repository.url}/firmware.zip", content=IMAGE)}
        repository.offer(ACME, "1.0", files={**package, "large": LARGE})
        await updated(world)
        repository.offer("another", vendor="x" * 50_000)
        assert await ends(world, disk, tmp_path, UpdatePlugins()) > 3
        assert await ends(world, disk, tmp_path, InstallPlugin(ACME)) > 5
        repository.offer(ACME, "2.0", files={**package, "large": LARGE})
        await updated(world)
        assert await ends(world, disk, tmp_path, UpgradePlugin(ACME)) > 5
        assert await ends(world, disk, tmp_path, InstallPackage(ACME, "firmware")) > 5
        await ends(world, disk, tmp_path, UninstallPlugin(ACME))
