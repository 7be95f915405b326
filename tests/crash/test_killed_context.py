"""The server is killed while an extension is deleted or a key made: each ends after the next start, whole."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from tests.live.api import Api, Json, moved, progress
from tests.live.server import Server, context_on

pytestmark = pytest.mark.anyio

CUSTOMERS, RECORDS = 6, 1000
"""Customers, and orders of each: several units of work for a deletion."""

BUILD = "make the entries of the key"


@dataclass(slots=True)
class Shop:
    """A server with customers who have orders."""

    server: Server
    api: Api

    async def switch(self, mode: str) -> None:
        """Switch the mode."""
        await self.api.ask("POST", "/server/mode", {"mode": mode})

    async def define(self) -> None:
        """Define the extension."""
        attributes = [{"name": "number", "type": "integer"}]
        body = {"name": "Orders", "type": "multi-valued", "attributes": attributes}
        await self.api.ask("POST", "/metadata/profiles/extensions", body, status=201)

    async def fill(self) -> None:
        """Keep customers with orders."""
        await self.switch("maintenance")
        await self.define()
        await self.switch("production")
        for number in range(CUSTOMERS):
            orders = [{"number": order} for order in range(RECORDS)]
            body = {"FirstName": f"Ann {number}", "Orders": orders}
            await self.api.ask("POST", "/profiles", body, status=201)
        await self.switch("maintenance")

    async def begin(self, **command: object) -> Json:
        """Begin a command."""
        return await self.api.ask("POST", "/v1/elements/context/operations", command, status=202)

    async def found(self, number: int) -> list[Json]:
        """Customers of that name."""
        return await self.api.get(
            "/profiles?" + urlencode({"FirstName": f"Ann {number}", "extensions": "Orders", "include_profile": "yes"})
        )  # type: ignore[return-value]


@pytest.fixture
async def shop(store: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """A server in maintenance; gone after the test."""
    server = Server(tmp_path, context_on(store))
    async with Api.of(server) as api:
        shop = Shop(server, api)
        try:
            await server.start()
            await shop.fill()
            yield shop
        finally:
            await server.stop()
            print(server.last_lines())


@pytest.mark.parametrize("store", ["sqlite", "postgresql"], indirect=True)
async def test_a_deletion_that_was_killed_goes_on_to_its_end(shop: Shop) -> None:
    async with shop.api.events() as heard:
        operation = await shop.begin(type="delete_extension", subject="profile", name="Orders")
        await heard.when(progress(operation))
        await shop.server.kill()
    await shop.server.start()
    settled = await shop.api.settled(operation)
    assert (settled["state"], settled["reason"]) == ("succeeded", None)
    (transfer,) = settled["steps"][0]["transfers"]
    assert (transfer["current"], transfer["end"]) == (CUSTOMERS * RECORDS, CUSTOMERS * RECORDS)
    await shop.define()
    await shop.api.settled(await shop.begin(type="create_key", name="ByName", attributes=["FirstName"]))
    await shop.switch("production")
    assert [customer.get("Orders") for customer in await shop.found(0)] in ([None], [[]])


async def test_a_key_that_was_killed_is_made_whole(shop: Shop) -> None:
    async with shop.api.events() as heard:
        operation = await shop.begin(type="create_key", name="ByName", attributes=["FirstName"], unique=True)
        await heard.when(moved(operation, BUILD, "running"))
        await shop.server.kill()
    await shop.server.start()
    settled = await shop.api.settled(operation)
    assert (settled["state"], settled["reason"]) == ("succeeded", None)
    await shop.switch("production")
    for number in range(CUSTOMERS):
        (customer,) = await shop.found(number)
        assert len(customer["Orders"]) == RECORDS
