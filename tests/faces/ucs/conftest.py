"""A world with context services, empty and furnished."""

from collections.abc import AsyncIterator

import pytest
from tests.faces.ucs.office import Office
from tests.world import World, WorldOn, element

from busyout.settings import ElementSettings

CONTEXT = ElementSettings(name="context", kind="context", driver="inside")


@pytest.fixture
async def ucs(world_on: WorldOn) -> AsyncIterator[World]:
    """A world in production, without extensions and keys."""
    async with world_on(elements=(element(), CONTEXT)) as world:
        yield world


@pytest.fixture
def empty(ucs: World) -> Office:
    """Its office."""
    return Office(ucs)


@pytest.fixture
async def office(empty: Office) -> Office:
    """The office with extensions of everything and a key, in production."""
    await empty.furnish()
    return empty
