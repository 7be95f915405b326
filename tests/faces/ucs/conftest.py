"""A world with context services."""

from collections.abc import AsyncIterator

import pytest
from tests.world import World, WorldOn, element

from busyout.settings import ElementSettings

CONTEXT = ElementSettings(name="context", kind="context", driver="inside")


@pytest.fixture
async def ucs(world_on: WorldOn) -> AsyncIterator[World]:
    """A world in production, without extensions and keys."""
    async with world_on(elements=(element(), CONTEXT)) as world:
        yield world
