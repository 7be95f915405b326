"""What clients of both dialects read, byte by byte, and what they do with their own hands on the server."""

import json
from pathlib import Path

import pytest
from tests.faces.provd.shop import Shop

pytestmark = pytest.mark.anyio

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
