"""Clients that get in each other's way: one of them is served, the others are told so, and nothing is left halfway."""

import asyncio

import pytest
from tests.faces.provd.shop import ACME, INSTALL, Shop
from tests.faces.provd.test_monitors import PACKAGE, started, until_told

pytestmark = pytest.mark.anyio

PACKAGES = f"/provd/pg_mgr/plugins/{ACME}/install"
DEVICES = "/provd/dev_mgr/devices"


async def test_of_ten_installs_at_once_one_is_begun(shop: Shop) -> None:
    await shop.update()
    asked = (shop.ask("POST", f"{INSTALL}/install", json={"id": ACME}) for _ in range(10))
    answers = await asyncio.gather(*asked)
    assert sorted(answer.status for answer in answers) == [201] + [400] * 9
    assert {answer.text.partition(" ")[0] for answer in answers if answer.status == 400} <= {"an", "plugin"}
    (location,) = [answer.headers["location"] for answer in answers if answer.status == 201]
    assert (await shop.ended(location))["status"].startswith("install|success")


async def test_a_plugin_that_is_being_installed_is_not_taken_away(shop: Shop) -> None:
    await shop.update()
    released = shop.server.hold(PACKAGE)
    location = await started(shop, f"{INSTALL}/install", {"id": ACME})
    size = len((shop.server.plugins.folder / PACKAGE).read_bytes())
    await until_told(shop, location, f"install|progress(download|progress;0/{size})")
    for path in ("uninstall", "upgrade", "install"):
        answer = await shop.ask("POST", f"{INSTALL}/{path}", json={"id": ACME})
        assert (answer.status, bool(answer.text)) == (400, True), path
    released.set()
    assert (await shop.ended(location))["status"].startswith("install|success")
    assert ACME in (await shop.get(f"{INSTALL}/installed")).json()["pkgs"]


async def test_a_plugin_is_not_changed_while_its_package_is_being_installed(shop: Shop) -> None:
    await shop.install()
    released = shop.server.hold("firmware.zip")
    location = await started(shop, f"{PACKAGES}/install", {"id": "firmware"})
    for path in ("upgrade", "uninstall"):
        answer = await shop.ask("POST", f"{INSTALL}/{path}", json={"id": ACME})
        assert (answer.status, bool(answer.text)) == (400, True), path
    assert (await shop.ask("POST", f"{PACKAGES}/uninstall", json={"id": "firmware"})).status == 400
    released.set()
    assert (await shop.ended(location))["status"].startswith("install_pkg|success")
    assert (await shop.done(f"{INSTALL}/upgrade", {"id": ACME})).startswith("install|success")
    assert "firmware" in (await shop.get(f"{PACKAGES}/installed")).json()["pkgs"]


async def test_a_device_that_goes_while_it_is_synchronized_ends_that(shop: Shop) -> None:
    for _ in range(5):
        created = await shop.ask("POST", DEVICES, json={"device": {"plugin": ACME}})
        id = created.json()["id"]
        begun, gone = await asyncio.gather(
            shop.ask("POST", "/provd/dev_mgr/synchronize", json={"id": id}), shop.ask("DELETE", f"{DEVICES}/{id}")
        )
        assert gone.status == 204
        assert begun.status in (201, 404)
        if begun.status == 201:
            assert (await shop.ended(begun.headers["location"]))["status"] == "fail"
        assert (await shop.get(f"{DEVICES}/{id}")).status == 404
