"""What clients of both dialects read, byte by byte, and what they do with their own hands on the server."""

import json
from hashlib import sha1
from pathlib import Path

import pytest
from tests.faces.provd.shop import ACME, RECIPE, Shop

pytestmark = pytest.mark.anyio

LANGUAGES = """
[pkg_languages]
description: Languages
version: 1.0
files: image
install: unpack
"""
"""A second package of the same files."""

CONFIG = {"id": "c1", "parent_ids": [], "raw_config": {}}


async def configured(shop: Shop, device: str) -> bool:
    """Whether it says so of itself."""
    return bool((await shop.get(f"/provd/dev_mgr/devices/{device}")).json()["device"]["configured"])


async def test_devices_follow_a_plugin_that_somebody_has_put_in_place_or_taken_away_by_hand(
    shop: Shop, tmp_path: Path
) -> None:
    await shop.ask("POST", "/provd/cfg_mgr/configs", json={"config": CONFIG})
    device = {"id": "d1", "plugin": "by-hand", "config": "c1"}
    await shop.ask("POST", "/provd/dev_mgr/devices", json={"device": device})
    assert not await configured(shop, "d1")
    folder = tmp_path / "provisioning" / "plugins" / "by-hand"
    folder.mkdir(parents=True)
    info = {"version": "1", "description": "Made by hand.", "capabilities": {}}
    (folder / "plugin-info").write_text(json.dumps(info))
    assert (await shop.ask("POST", "/provd/pg_mgr/reload", json={"id": "by-hand"})).status == 204
    assert await configured(shop, "d1")
    (folder / "plugin-info").unlink()
    folder.rmdir()
    assert (await shop.ask("POST", "/provd/pg_mgr/reload", json={"id": "by-hand"})).status == 400
    assert not await configured(shop, "d1")


async def test_what_is_in_progress_is_not_said_of_the_wrong_package(shop: Shop) -> None:
    content = (shop.server.plugins.folder / "firmware.zip").read_bytes()
    recipe = RECIPE.format(url=shop.server.site.url, size=len(content), digest=sha1(content).hexdigest())
    shop.server.plugins.offer(ACME, files={"pkgs/pkgs.db": (recipe + LANGUAGES).encode()})
    await shop.install()
    released = shop.server.hold("firmware.zip")
    service = f"/provd/pg_mgr/plugins/{ACME}/install"
    started = await shop.ask("POST", f"{service}/install", json={"id": "firmware"})
    busy = await shop.ask("POST", f"{service}/install", json={"id": "languages"})
    known = "an install operation for pkg languages is already in progress"
    assert (busy.status, busy.text) == (400, f"{known}, or another one for plugin {ACME}")
    released.set()
    assert "success" in (await shop.ended(started.headers["location"]))["status"]
