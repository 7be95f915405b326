"""Interactions are handed over on the native API and read on the face of the context services."""

from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.services.context.desk import Desk
from tests.world import ADMIN, World, WorldOn

from busyout.domain.context.interaction import MAX_CONTENT, MAX_UDATA
from busyout.domain.mode import Mode
from busyout.settings import ElementSettings

pytestmark = pytest.mark.anyio

INTERACTIONS = "/v1/context/interactions"
CONTEXT = ElementSettings(name="context", kind="context", driver="inside")
LEAST = {"interaction_id": "i-1", "established_date": "2026-01-02T03:04:05.006Z"}


@pytest.fixture
async def world(world_on: WorldOn) -> AsyncIterator[World]:
    """A server in production."""
    async with world_on(elements=(CONTEXT,)) as world:
        yield world


async def test_what_was_said_is_handed_over_and_read(world: World) -> None:
    customer = await world.services.customers.create(ADMIN, {"FirstName": "Anna"})
    service = await Desk(world).start_service({"customer_id": customer, "service_type": 1})
    whole = {
        **LEAST,
        "external_id": "x",
        "customer_id": customer,
        "service_id": service,
        "media_type": "chat",
        "udata": {"Queue": "a"},
    }
    said = {"plain_text": "Grüezi", "binary_content": b64encode(b"\0\xff").decode()}
    added = await world.client.post(INTERACTIONS, json=whole | said)
    assert (added.status, added.json()) == (201, {"interaction_id": "i-1"})
    for path in (f"/customers/{customer}/interactions", f"/services/{service}/interactions", "/interactions/i-1"):
        (told,) = (await world.client.get(path)).json()
        assert (told["media_type"], told["text"]) == ("chat", "/interactions/i-1/plain_text")
    read = await world.client.get("/interactions/i-1/plain_text")
    assert (read.text, read.headers["content-type"]) == ("Grüezi", "text/plain;charset=UTF-8")
    assert (await world.client.get("/interactions/i-1/structured_text")).status == 404


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"interaction_id": "a/b"}, 422),
        ({"interaction_id": "x" * 51}, 422),
        ({"interaction_id": None}, 400),
        ({"established_date": "yesterday"}, 422),
        ({"established_date": "10000-01-01T00:00:00Z"}, 422),
        ({"colour": "red"}, 400),
        ({"customer_id": "nobody"}, 404),
        ({"service_id": 99}, 404),
        ({"service_id": 2**63}, 422),
        ({"binary_content": "no base64"}, 422),
        ({"plain_text": "x" * (MAX_CONTENT + 1)}, 422),
        ({"udata": {"a": "x" * MAX_UDATA}}, 422),
    ],
)
async def test_what_is_no_interaction_is_refused_and_not_kept(world: World, more: dict[str, Any], status: int) -> None:
    assert (await world.client.post(INTERACTIONS, json=LEAST | more)).status == status
    assert (await world.client.get("/interactions/i-1")).status == 404


async def test_an_id_is_taken_once(world: World) -> None:
    assert (await world.client.post(INTERACTIONS, json=LEAST)).status == 201
    again = await world.client.post(INTERACTIONS, json=LEAST)
    assert (again.status, again.json()["type"]) == (409, "urn:busyout:problem:name-taken")


async def test_interactions_are_for_administrators_and_for_production(world: World) -> None:
    assert (await world.client_of("watcher").post(INTERACTIONS, json=LEAST)).status == 403
    await world.clock.finish(world.services.modes.switch(ADMIN, Mode.MAINTENANCE))
    refused = await world.client.post(INTERACTIONS, json=LEAST)
    assert (refused.status, "maintenance" in refused.json()["detail"]) == (503, True)
