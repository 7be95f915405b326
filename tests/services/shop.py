"""What the tests of plug-ins do and look at."""

import json
from pathlib import Path

from tests.world import World

from busyout.domain.commands import Command
from busyout.domain.operation import Operation, OperationState

ACME = "acme-phone"
"""A plug-in that the sample repository offers."""


async def done(world: World, command: Command) -> Operation:
    """An operation of the provisioning, after its end."""
    return await world.done(command, on="provisioning")


async def failed(world: World, command: Command) -> str:
    """Why an operation failed."""
    operation = await done(world, command)
    assert operation.state is OperationState.FAILED, operation
    return operation.reason or ""


def on_disk(tmp_path: Path, plugin: str = ACME) -> str | None:
    """Version of a plug-in in its directory; None where there is none."""
    info = tmp_path / "provisioning" / "plugins" / plugin / "plugin-info"
    return json.loads(info.read_bytes())["version"] if info.exists() else None


def cached(tmp_path: Path) -> Path:
    """The package as it was fetched."""
    return tmp_path / "provisioning" / "cache" / "packages" / ACME / f"{ACME}-1.0.tar.bz2"
