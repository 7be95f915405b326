"""Operations in progress: opened, followed, waited for, deleted, and never confused with others (wire notes, 1.8)."""

import asyncio

import pytest
from tests.faces.provd.shop import ACME, INSTALL, Shop

from busyout.domain.operation import OperationState
from busyout.domain.page import OperationQuery

pytestmark = pytest.mark.anyio

PACKAGE = f"{ACME}-1.0.tar.bz2"


async def started(shop: Shop, path: str, body: object) -> str:
    answer = await shop.ask("POST", path, json=body)
    assert answer.status == 201, answer.text
    return answer.headers["location"]


async def test_both_prefixes_have_the_same_numbers_and_keep_their_own_addresses(shop: Shop) -> None:
    assert await started(shop, f"{INSTALL}/update", {}) == f"{INSTALL}/update/1"
    await shop.ended(f"{INSTALL}/update/1")
    assert await started(shop, "/0.2/pg_mgr/install/update", {}) == "/0.2/pg_mgr/install/update/2"
    assert (await shop.get("/0.2/pg_mgr/install/update/1")).status == 200


async def test_an_update_tells_how_much_has_come_and_never_how_much_there_is(shop: Shop) -> None:
    size = len((shop.server.plugins.folder / "plugins.db").read_bytes())
    released = shop.server.hold("plugins.db")
    location = await started(shop, f"{INSTALL}/update", {})
    await until_told(shop, location, "update|progress;0")
    released.set()
    assert await shop.ended(location) == {"status": f"update|success;{size}"}


async def until_told(shop: Shop, location: str, status: str) -> None:
    async def told() -> bool:
        return (await shop.get(location)).json()["status"] == status

    await shop.world.clock.run_until(told)


async def test_an_install_has_its_download_as_a_part(shop: Shop) -> None:
    await shop.update()
    size = len((shop.server.plugins.folder / PACKAGE).read_bytes())
    released = shop.server.hold(PACKAGE)
    location = await started(shop, f"{INSTALL}/install", {"id": ACME})
    await until_told(shop, location, f"install|progress(download|progress;0/{size})")
    busy = await shop.ask("POST", f"{INSTALL}/install", json={"id": ACME})
    text = f"an install/upgrade operation for plugin {ACME} is already in progress"
    assert (busy.status, busy.text) == (400, text)
    released.set()
    assert await shop.ended(location) == {"status": f"install|success(download|success;{size}/{size})"}


async def test_an_upgrade_from_what_was_fetched_has_no_part_and_the_label_of_an_install(shop: Shop) -> None:
    await shop.install()
    location = await started(shop, f"{INSTALL}/upgrade", {"id": ACME})
    assert location == f"{INSTALL}/upgrade/1"
    assert await shop.ended(location) == {"status": "install|success"}


async def test_a_package_has_a_part_for_its_files_and_one_for_the_installation(shop: Shop) -> None:
    await shop.install()
    size = len((shop.server.plugins.folder / "firmware.zip").read_bytes())
    service = f"/provd/pg_mgr/plugins/{ACME}/install"
    listed = (await shop.get(f"{service}/installable")).json()
    assert listed == {"pkgs": {"firmware": {"version": "2.0", "description": "Firmware of phones", "dsize": size}}}
    location = await started(shop, f"{service}/install", {"id": "firmware"})
    assert location == f"{service}/install/1"
    whole = f"install_pkg|success(download|success(success;{size}/{size}))(install|success)"
    assert await shop.ended(location) == {"status": whole}
    installed = {"firmware": {"version": "2.0", "description": "Firmware of phones"}}
    assert (await shop.get(f"{service}/installed")).json() == {"pkgs": installed}
    assert (
        await shop.done(f"{service}/upgrade", {"id": "firmware"})
        == "install_pkg|success(download|success)(install|success)"
    )
    assert (await shop.ask("POST", f"{service}/uninstall", json={"id": "firmware"})).status == 204
    assert (await shop.get(f"{service}/installed")).json() == {"pkgs": {}}


async def test_a_failure_has_its_reason_beside_the_status(shop: Shop) -> None:
    await shop.update()
    (shop.server.plugins.folder / PACKAGE).write_bytes(b"x" * len((shop.server.plugins.folder / PACKAGE).read_bytes()))
    size = len((shop.server.plugins.folder / PACKAGE).read_bytes())
    ended = await shop.ended(await started(shop, f"{INSTALL}/install", {"id": ACME}))
    assert ended["status"] == f"install|fail(download|fail;{size}/{size})"
    assert "digest" in ended["reason"] or "SHA" in ended["reason"]
    assert (await shop.get(f"{INSTALL}/installed")).json() == {"pkgs": {}}


async def test_an_index_that_is_damaged_fails_and_changes_nothing(shop: Shop) -> None:
    await shop.update()
    before = (await shop.get(f"{INSTALL}/installable")).body
    shop.server.plugins.publish(b'{"acme-phone": {"version"')
    ended = await shop.ended(await started(shop, f"{INSTALL}/update", {}))
    assert (ended["status"], ended["reason"].startswith("the index is damaged")) == ("update|fail;25", True)
    assert (await shop.get(f"{INSTALL}/installable")).body == before


async def test_a_second_update_follows_the_one_that_runs(shop: Shop) -> None:
    released = shop.server.hold("plugins.db")
    first, second = [await started(shop, f"{INSTALL}/update", {}) for _ in range(2)]
    assert first != second
    released.set()
    assert await shop.ended(first) == await shop.ended(second)
    assert len(await shop.world.services.operations.page(OperationQuery())) == 1


async def test_a_monitor_that_is_deleted_is_gone_and_its_operation_goes_on(shop: Shop) -> None:
    released = shop.server.hold("plugins.db")
    location = await started(shop, f"{INSTALL}/update", {})
    assert (await shop.ask("DELETE", location)).status == 204
    assert (await shop.get(location)).status == 404
    assert (await shop.ask("DELETE", location)).status == 204
    released.set()
    [operation] = await shop.world.services.operations.page(OperationQuery())
    assert (await shop.world.settled(operation.id)).state is OperationState.SUCCEEDED
    assert (await shop.get(f"{INSTALL}/installable")).json()["pkgs"]


async def test_a_monitor_that_nobody_deletes_expires_but_may_still_be_deleted(shop: Shop) -> None:
    location = await started(shop, f"{INSTALL}/update", {})
    await shop.ended(location)
    await shop.world.clock.advance(3500)
    assert (await shop.get(location)).status == 200
    await shop.world.clock.advance(200)
    assert (await shop.get(location)).status == 404
    assert (await shop.ask("DELETE", location)).status == 204


async def test_monitors_and_their_numbers_outlive_the_server(shop: Shop) -> None:
    location = await started(shop, f"{INSTALL}/update", {})
    ended = await shop.ended(location)
    await shop.ask("DELETE", await started(shop, f"{INSTALL}/update", {}))
    await shop.world.close()
    await shop.world.reopen()
    assert (await shop.get(location)).json() == ended
    assert await started(shop, f"{INSTALL}/update", {}) == f"{INSTALL}/update/3"


async def test_somebody_who_would_rather_wait_is_answered_at_the_end(shop: Shop) -> None:
    released = shop.server.hold("plugins.db")
    location = await started(shop, f"{INSTALL}/update", {})
    waiting = asyncio.ensure_future(shop.get(location, headers={"Prefer": "respond-async, wait=20"}))
    now = await shop.get(location, headers={"Prefer": "wait=0"})
    assert now.json()["status"].startswith("update|progress")
    released.set()
    answer = await waiting
    assert answer.json()["status"].startswith("update|success")
    assert answer.headers["preference-applied"] == "wait=20"


async def test_a_plugin_that_is_taken_away_leaves_its_monitors_to_be_deleted(shop: Shop) -> None:
    await shop.install()
    location = await started(shop, f"/provd/pg_mgr/plugins/{ACME}/install/install", {"id": "firmware"})
    await shop.ended(location)
    assert (await shop.ask("POST", f"{INSTALL}/uninstall", json={"id": ACME})).status == 204
    assert (await shop.get(f"/provd/pg_mgr/plugins/{ACME}")).status == 404
    assert (await shop.ask("DELETE", location)).status == 204
