"""A world with the provisioning, and a repository in a folder beside it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.services.directory import directory, directory_url
from tests.services.repository import PUBLIC, SampleRepository
from tests.world import World, WorldOn, element

from busyout.settings import ElementSettings, ProvisioningSettings

__all__ = ["directory", "directory_url"]

PROVISIONING = ElementSettings(name="provisioning", kind="provisioning", driver="inside")

Provisioned = Callable[..., AbstractAsyncContextManager[World]]
"""Opens a world on the database of that name, with the provisioning; keywords are those of `Plan`."""


@pytest.fixture
def repository(tmp_path: Path) -> SampleRepository:
    """A repository that offers two plug-ins."""
    made = SampleRepository(tmp_path / "repository")
    made.offer("acme-phone", "1.0", description_fr="Greffon acme-phone.", vendor="Acme")
    made.offer("null", "1.1")
    return made


@pytest.fixture
def provisioned(world_on: WorldOn, repository: SampleRepository) -> Provisioned:
    """Worlds whose repository is `repository`."""

    @asynccontextmanager
    async def opened(database: str = "sqlite", *, server: str | None = "", **plan: Any) -> AsyncIterator[World]:
        settings = ProvisioningSettings(
            plugin_server=repository.url if server == "" else server,
            public_key=PUBLIC if repository.signed else None,
            **plan.pop("provisioning", {}),
        )
        async with world_on(database, elements=(element(), PROVISIONING), provisioning=settings, **plan) as world:
            yield world

    return opened


@pytest.fixture
async def shop(provisioned: Provisioned) -> AsyncIterator[World]:
    """A world whose index has been fetched."""
    async with provisioned() as world:
        await updated(world)
        yield world


async def updated(world: World) -> None:
    """Bring the index."""
    from busyout.domain.commands import UpdatePlugins  # noqa: PLC0415 - only here
    from busyout.domain.operation import OperationState  # noqa: PLC0415

    assert (await world.done(UpdatePlugins(), on="provisioning")).state is OperationState.SUCCEEDED
