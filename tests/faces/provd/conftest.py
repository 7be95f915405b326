"""A world with a repository on an HTTP server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.faces.provd.repository import Server, served
from tests.faces.provd.shop import Shop
from tests.world import World, WorldOn, element

from busyout.settings import ElementSettings, ProvisioningSettings

PROVISIONING = ElementSettings(name="provisioning", kind="provisioning", driver="inside")


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Server]:
    """A repository that offers nothing yet."""
    async with served(tmp_path / "repository") as running:
        yield running


@pytest.fixture
async def shop(world_on: WorldOn, server: Server) -> AsyncIterator[Shop]:
    """A world whose repository offers two plug-ins, one of them with a package."""
    settings = ProvisioningSettings(plugin_server=f"{server.site.url}/", allow=("127.0.0.1",))
    async with world_on(elements=(element(), PROVISIONING), provisioning=settings) as world:
        made = Shop(world, server)
        made.stock()
        yield made


@pytest.fixture
async def provd_world(shop: Shop) -> World:
    """Its world."""
    return shop.world
