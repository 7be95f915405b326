"""A monitor is its tenant's: no token of another one reads, waits for or deletes it."""

from collections.abc import AsyncIterator
from hashlib import sha256

import pytest
from tests.faces.provd.conftest import PROVISIONING
from tests.faces.provd.repository import Server
from tests.faces.provd.shop import Shop
from tests.faces.provd.test_tokens import ask
from tests.world import World, WorldOn, element

from busyout.settings import FaceSettings, ProvisioningSettings, TokenSettings

pytestmark = pytest.mark.anyio

UPDATE = "/0.2/pg_mgr/install/update"


def token(name: str, tenant: str | None, level: str = "administrator") -> TokenSettings:
    return TokenSettings(name=name, sha256=sha256(name.encode()).hexdigest(), level=level, tenant=tenant)


TOKENS = (token("one", "one"), token("one-reads", "one", "monitor"), token("two", "two"), token("every", None))


@pytest.fixture
async def world(world_on: WorldOn, server: Server) -> AsyncIterator[World]:
    elements, face = (element(), PROVISIONING), FaceSettings(authentication="token", tokens=TOKENS)
    supply = ProvisioningSettings(plugin_server=f"{server.site.url}/", allow=("127.0.0.1",))
    async with world_on(elements=elements, faces={"provd": face}, provisioning=supply, duties=False) as made:
        Shop(made, server).stock()
        yield made


async def opened(world: World, by: str) -> str:
    """The address of a monitor of that token's."""
    answer = await ask(world, by, UPDATE, "POST", json={})
    assert answer.status == 201, answer.text
    return answer.headers["location"]


async def status(world: World, by: str, method: str, location: str, **headers: str) -> int:
    return (await ask(world, by, location, method, headers=headers)).status


async def test_a_monitor_is_read_and_deleted_by_its_tenant_and_by_those_of_every_tenant(world: World) -> None:
    for reader in ("one", "one-reads", "every"):
        assert await status(world, reader, "GET", await opened(world, "one")) == 200
    for deleter in ("one", "every"):
        location = await opened(world, "one")
        assert await status(world, deleter, "DELETE", location) == 204
        assert await status(world, "one", "GET", location) == 404


@pytest.mark.parametrize("owner", ["one", "every"])
async def test_the_monitor_of_somebody_else_is_none(world: World, owner: str) -> None:
    location = await opened(world, owner)
    for method, headers in (("GET", {}), ("GET", {"Prefer": "wait=5"}), ("DELETE", {})):
        assert await status(world, "two", method, location, **headers) == 404
        assert await status(world, "two", method, location, **headers, **{"Wazo-Tenant": "one"}) == 404
    assert await status(world, owner, "GET", location) == 200


async def test_whose_a_monitor_is_outlives_the_server(world: World) -> None:
    location = await opened(world, "one")
    await world.close()
    await world.reopen()
    assert await status(world, "two", "DELETE", location) == 404
    assert await status(world, "one", "GET", location) == 200
