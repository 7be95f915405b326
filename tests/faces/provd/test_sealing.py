"""Secrets that come in through the provd face stay in the server: nothing that is written anywhere tells them."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from tests.faces.provd.conftest import PROVISIONING
from tests.faces.provd.repository import Server
from tests.faces.provd.shop import ACME, Shop
from tests.store.direct import ask
from tests.store.dump import stolen
from tests.world import World, WorldOn, element

from busyout.durable.operations import DbosOperations
from busyout.settings import ProvisioningSettings

pytestmark = pytest.mark.anyio

DEVICES = "/provd/dev_mgr/devices"
CONFIGS = "/provd/cfg_mgr/configs"
CONFIGURE = "/provd/configure"
UPDATE = "/provd/pg_mgr/install/update"

SECRET = "s3cr3t-0f-th3-h0us3"
PROXY = f"http://user:{SECRET}@127.0.0.1:9"

RAW = {"admin_password": SECRET, "sip_lines": {"1": {"password": SECRET}}, "X_pin": SECRET}
"""Of which no list of names would know the last."""

CONFIG = {"id": "c1", "parent_ids": [], "raw_config": RAW}
DEVICE = {"id": "d1", "mac": "00:11:22:33:44:55", "plugin": ACME, "config": "c1", "options": {"http_key": SECRET}}


def written(home: Path, url: str, log: pytest.LogCaptureFixture) -> dict[str, bytes]:
    """Everything that could be read by somebody else, but for the answers."""
    files = {str(file): file.read_bytes() for file in home.rglob("*") if file.is_file()}
    assert any(name.endswith("sealing-key") for name in files)
    told = "\n".join(f"{record.getMessage()} {vars(record)} {record.exc_text}" for record in log.records)
    return {**files, "store": stolen(url), "log": told.encode()}


def telling(places: dict[str, bytes]) -> list[str]:
    """The places where the secret can be read, as it is or as it stands in an address."""
    return [name for name, content in places.items() if SECRET.encode() in content]


def kept_on(database: str, request: pytest.FixtureRequest, home: Path) -> str:
    """URL of the store."""
    url: str = request.getfixturevalue("postgres_url") if database == "postgres" else f"sqlite:///{home}/busyout.db"
    return url


def plan(server: Server) -> dict[str, Any]:
    """A world that has the provisioning."""
    settings = ProvisioningSettings(plugin_server=f"{server.site.url}/", allow=("127.0.0.1",))
    return {"elements": (element(), PROVISIONING), "provisioning": settings}


async def fill(shop: Shop) -> None:
    """Give every secret, and change each once, so that the trail has a before and an after."""
    shop.stock()
    await shop.install()
    client = shop.world.client
    for name in ("http_proxy", "ftp_proxy"):
        for value in (f"{PROXY}9", PROXY):
            assert (await client.put(f"{CONFIGURE}/{name}", json={"param": {"value": value}})).status == 204
    server = f"http://user:{SECRET}@127.0.0.1:9/"
    assert (await client.put(f"{CONFIGURE}/plugin_server", json={"param": {"value": server}})).status == 204
    for path, kind, document in ((CONFIGS, "config", CONFIG), (DEVICES, "device", DEVICE)):
        assert (await client.post(path, json={kind: document})).status == 201
        changed = {kind: {**document, "note": SECRET}}
        assert (await client.put(f"{path}/{document['id']}", json=changed)).status == 204
    assert "fail" in await shop.done(UPDATE, {})


async def check(world: World) -> None:
    """The face goes on telling what it was told, and finds it."""
    client = world.client
    assert (await client.get(f"{CONFIGURE}/http_proxy")).json()["param"]["value"] == PROXY
    config: dict[str, Any] = (await client.get(f"{CONFIGS}/c1")).json()["config"]
    assert config["raw_config"] == RAW
    assert (await client.get(f"{CONFIGS}/c1/raw")).json()["raw_config"]["X_pin"] == SECRET
    device: dict[str, Any] = (await client.get(f"{DEVICES}/d1")).json()["device"]
    assert device["options"] == DEVICE["options"]
    assert device["configured"]
    rendering = await world.services.devices.rendering("d1")
    assert rendering is not None and SECRET in rendering.content
    for selector in ({"mac": DEVICE["mac"]}, {"options.http_key": SECRET}, {"id": "d1", "note": SECRET}):
        answer = await client.get(DEVICES, params={"q": json.dumps(selector)})
        assert [one["id"] for one in answer.json()["devices"]] == ["d1"]


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_nothing_written_tells_a_secret(
    world_on: WorldOn, server: Server, database: str, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    caplog.set_level(logging.DEBUG)
    tmp_path: Path = request.getfixturevalue("tmp_path")
    url = kept_on(database, request, tmp_path)
    async with world_on(database, durable=DbosOperations, **plan(server)) as world:
        await fill(Shop(world, server))
        await check(world)
        assert telling(written(tmp_path, url, caplog)) == []
        await world.crash()
        assert telling(written(tmp_path, url, caplog)) == []
        await world.reopen()
        await check(world)
        told = ask(url, "SELECT CAST(data AS text) FROM events") + ask(url, "SELECT record FROM audit")
        assert any("user:***@127.0.0.1:9" in text for (text,) in told)
    assert telling(written(tmp_path, url, caplog)) == []


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
async def test_what_somebody_has_tampered_with_is_a_503_that_names_it(
    world_on: WorldOn, server: Server, tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    url = kept_on(database, request, tmp_path)
    async with world_on(database, **plan(server)) as world:
        await fill(Shop(world, server))
        assert (await world.client.post(CONFIGS, json={"config": {**CONFIG, "id": "c2"}})).status == 201
        ask(url, "UPDATE profiles SET document = (SELECT document FROM profiles WHERE id = 'c2') WHERE id = 'c1'")
        ask(url, "UPDATE devices SET content = 'sealed:1:deadbeef:AAAA'")
        for path, place in ((CONFIGS, "profiles.document/c1"), (DEVICES, "devices.content/d1")):
            for address in (f"{path}/{place.rpartition('/')[2]}", path):
                answer = await world.client.get(address)
                assert (answer.status, place in answer.text) == (503, True), answer.text
        assert (await world.client.get(f"{CONFIGS}/c2")).status == 200
        await world.clock.advance(5)
        assert (await world.client.get(f"{CONFIGURE}/http_proxy")).json()["param"]["value"] == PROXY
