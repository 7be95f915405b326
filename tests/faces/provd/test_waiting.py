"""Long polls: given up with their clients, and no more of them than the server can bear."""

import asyncio
from urllib.parse import urlsplit

import pytest
from tests.faces.provd.shop import INSTALL, Shop
from tests.faces.raw import ADMIN
from tests.life import OPERATOR

from busyout.services.monitors import MOST_WAITING

pytestmark = pytest.mark.anyio

UPDATE = f"{INSTALL}/update"


async def held_update(shop: Shop) -> tuple[str, asyncio.Event]:
    """An update that does not come to its end, and what lets it."""
    released = shop.server.hold("plugins.db")
    started = await shop.ask("POST", UPDATE, json={})
    return started.headers["location"], released


async def until_waiting(shop: Shop, number: int) -> None:
    async with asyncio.timeout(20):
        while shop.world.services.monitors.waiting != number:
            await shop.get("/provd")


async def test_a_long_poll_ends_with_its_client(shop: Shop) -> None:
    location, released = await held_update(shop)
    address = urlsplit(shop.world.client.base)
    head = f"GET {location} HTTP/1.1\r\nHost: localhost\r\nPrefer: wait=300\r\n".encode() + ADMIN + b"\r\n"
    polls = [await asyncio.open_connection(address.hostname, address.port) for _ in range(20)]
    for _, writer in polls:
        writer.write(head)
    await until_waiting(shop, 20)
    for _, writer in polls:
        writer.close()
    await until_waiting(shop, 0)
    released.set()
    assert (await shop.ended(location))["status"].startswith("update|success")


async def test_a_long_poll_too_many_is_answered_at_once(shop: Shop) -> None:
    location, released = await held_update(shop)
    monitors = shop.world.services.monitors
    collection, number = UPDATE.removeprefix("/provd/"), int(location.rpartition("/")[2])
    async with asyncio.TaskGroup() as crowd:
        waits = [crowd.create_task(monitors.wait(OPERATOR, collection, number, 300)) for _ in range(MOST_WAITING)]
        await until_waiting(shop, MOST_WAITING)
        answer = await shop.get(location, headers={"Prefer": "wait=300"})
        assert (answer.status, answer.headers.get("preference-applied")) == (200, None)
        assert answer.json()["status"].startswith("update|progress")
        for wait in waits:
            wait.cancel()
    assert monitors.waiting == 0
    released.set()
    await shop.ended(location)
