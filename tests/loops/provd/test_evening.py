"""An evening of an operator, through clients that find services by their links and through such as know paths."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.faces.provd.shop import ACME
from tests.loops.provd.client import Progress, ProvdClient, ProvdError
from tests.loops.provd.discovery import SERVICES, Find, by_path, by_rel
from tests.loops.provd.test_life import client_of, offer_with_package, running

pytestmark = pytest.mark.anyio

MAC = "00:11:22:33:44:55"

WAYS = [("/provd", by_rel), ("/0.2", by_rel), ("/provd", by_path), ("/0.2", by_path)]


class Operator:
    """Somebody at work with a client."""

    def __init__(self, client: ProvdClient, find: Find) -> None:
        self.client = client
        self.find = find

    async def get(self, service: str, rest: str = "") -> Any:
        """A document."""
        return await self.client.ask("GET", await self.find(self.client, service) + rest)

    async def post(self, service: str, body: object) -> Any:
        """Something that is done at once."""
        return await self.client.ask("POST", await self.find(self.client, service), body)

    async def follow(self, service: str, body: object) -> str:
        """Something that takes its time, to its end; its monitor is deleted then."""
        seen = await self.client.done(await self.find(self.client, service), body)
        assert all(Progress.of(status).state in ("progress", "success") for status in seen), seen
        return seen[-1]

    async def device(self) -> dict[str, Any]:
        """The only device there is."""
        [found] = (await self.get("devices", f'?q={{"mac":"{MAC}"}}'))["devices"]
        return found


@pytest.mark.parametrize(("prefix", "find"), WAYS)
async def test_an_evening_goes_well(tmp_path: Path, prefix: str, find: Find) -> None:
    async with running(tmp_path) as (server, repository), client_of(server, prefix) as client:
        offer_with_package(repository)
        one = Operator(client, find)
        place = await find(client, "configure") + "/plugin_server"
        await client.ask("PUT", place, {"param": {"value": repository.site.url}})
        assert (await client.ask("GET", place)) == {"param": {"value": repository.site.url}}
        await bring(one)
        await use(one)
        await bring_up_to_date(one, repository.plugins.offer)
        await clear_away(one)


async def bring(one: Operator) -> None:
    """A plug-in and its package."""
    assert (await one.follow("update", {})).startswith("update|success;")
    assert (await one.follow("install", {"id": ACME})).startswith("install|success(download|success;")
    assert (await one.follow(f"{ACME} install", {"id": "firmware"})).startswith("install_pkg|success(download|success")
    assert list((await one.get(f"{ACME} installed"))["pkgs"]) == ["firmware"]


async def use(one: Operator) -> None:
    """A config and a device, told of by DHCP and synchronized."""
    config = {"id": "base", "parent_ids": [], "raw_config": {"ntp_ip": "10.0.0.1"}, "role": "autocreate"}
    assert await one.post("configs", {"config": config}) == {"id": "base"}
    made = await one.post("autocreate", {})
    lease = {"op": "commit", "ip": "10.0.0.9", "mac": MAC, "options": ["06059.65.61"]}
    assert await one.post("dhcpinfo", {"dhcp_info": lease}) is None
    device = await one.device() | {"plugin": ACME, "config": made["id"]}
    place = f"{await one.find(one.client, 'devices')}/{device['id']}"
    assert await one.client.ask("PUT", place, {"device": device}) is None
    assert (await one.device())["configured"] is True
    assert await one.follow("synchronize", {"id": device["id"]}) == "success"


async def bring_up_to_date(one: Operator, offer: Callable[[str, str], str]) -> None:
    """The plug-in in its next version; its device stays configured."""
    offer(ACME, "1.1")
    await one.follow("update", {})
    assert (await one.follow("upgrade", {"id": ACME})).startswith("install|success(download|success;")
    assert (await one.get("installed"))["pkgs"][ACME]["version"] == "1.1"
    assert await one.post("reload", {"id": ACME}) is None
    device = await one.device()
    assert device["configured"] is True
    assert await one.post("reconfigure", {"id": device["id"]}) is None


async def clear_away(one: Operator) -> None:
    """The plug-in, its device and the config that was made for it."""
    assert await one.post("uninstall", {"id": ACME}) is None
    device = await one.device()
    assert device["configured"] is False
    devices = await one.find(one.client, "devices")
    await one.client.ask("DELETE", f"{devices}/{device['id']}")
    assert (await one.get("devices"))["devices"] == []
    assert [config["id"] for config in (await one.get("configs"))["configs"]] == ["base"]
    with pytest.raises(ProvdError, match=r"^404: "):
        await one.client.ask("GET", f"{await one.find(one.client, 'synchronize')}/1")


async def test_both_ways_lead_to_the_same_places(tmp_path: Path) -> None:
    async with running(tmp_path) as (server, _), client_of(server, "/provd") as client:
        for name in SERVICES:
            assert await by_rel(client, name) == await by_path(client, name)
