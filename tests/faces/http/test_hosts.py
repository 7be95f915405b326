"""A face that asks nobody who they are serves no web page that had its own name resolved to this machine."""

from pathlib import Path

import pytest
from tests.faces.raw import dialogue, exchange
from tests.life import Plan
from tests.world import World

from busyout.http import ForeignHost, at_loopback
from busyout.settings import FaceSettings

pytestmark = pytest.mark.anyio

OURS = ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:8080", "127.9.9.9", "[::1]", "[::1]:8080", "localhost:"]

FOREIGN = [
    "rebound.example",
    "rebound.example:8080",
    "localhost.rebound.example",
    "127.0.0.1.rebound.example",
    "0.0.0.0",
    "192.0.2.1:8080",
    "[::2]:8080",
    "[localhost]x",
    "localhost, rebound.example",
    "rebound.example@localhost",
    "",
]


@pytest.mark.parametrize("host", [*OURS, None])
def test_loopback_may_be_asked_by_any_of_its_names(host: str | None) -> None:
    at_loopback(host)


@pytest.mark.parametrize("host", FOREIGN)
def test_any_other_host_is_foreign(host: str) -> None:
    with pytest.raises(ForeignHost):
        at_loopback(host)


def plan(home: Path) -> Plan:
    """The native face asks nobody, the others do."""
    return Plan(store_url=f"sqlite:///{home}/busyout.db", faces={"native": FaceSettings(authentication="none")})


async def test_without_credentials_only_requests_for_this_machine_are_served(tmp_path: Path) -> None:
    rebound = {"Host": "rebound.example:8080", "Origin": "http://rebound.example:8080"}
    async with World.opened(tmp_path, plan(tmp_path)) as world:
        drain = {"type": "drain", "policy": {"type": "immediately"}}
        refused = await world.client.post("/v1/elements/sbc/operations", json=drain, headers=rebound)
        assert (refused.status, refused.json()["type"]) == (403, "urn:busyout:problem:foreign-host")
        assert "localhost" in refused.json()["detail"]
        assert (await world.client.get("/v1/elements", headers=rebound)).status == 403
        assert (await world.client.get("/v1/operations")).json()["items"] == []
        assert (await exchange(world.client.base, b"GET /v1/elements", b"")).status == 200
        aged = await dialogue(world.client.base, b"GET /v1/elements HTTP/1.0\r\n\r\n")
        assert aged.startswith(b"HTTP/1.1 200")


async def test_health_and_faces_with_credentials_may_be_asked_by_any_name(tmp_path: Path) -> None:
    other = {"Host": "busyout.example"}
    async with World.opened(tmp_path, plan(tmp_path)) as world:
        assert (await world.client.get("/healthz", headers=other)).status == 200
        assert (await world.client.get("/api/v1/status", headers=other)).status == 200
