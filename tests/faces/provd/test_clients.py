"""What clients of both dialects read, byte by byte, and what they do with their own hands on the server."""

import json
from hashlib import sha1
from pathlib import Path

import pytest
from tests.client import Answer
from tests.faces.provd.shop import ACME, INSTALL, RECIPE, Shop
from tests.faces.raw import ADMIN, exchange

pytestmark = pytest.mark.anyio

MEDIA_TYPE = "application/vnd.proformatique.provd+json"

PROVD = b"Content-Type: " + MEDIA_TYPE.encode() + b"\r\n"

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


async def raw(shop: Shop, line: str, headers: bytes = b"", body: bytes = b"") -> Answer:
    """The answer to what is sent as it stands here."""
    return await exchange(shop.world.client.base, line.encode(), ADMIN + headers, body)


async def test_nobody_is_told_of_a_longer_wait_than_there_is(shop: Shop) -> None:
    await shop.update()
    answer = await raw(shop, f"GET {INSTALL}/update/1", b"Prefer: wait=86400\r\n")
    assert answer.headers["preference-applied"] == "wait=300"


NAT = {"0": 0, '"0"': 0, "false": 0, "null": 0, "1": 1, '"1"': 1, "true": 1}
"""What may be put, and the number that is told then."""


@pytest.mark.parametrize(("value", "told"), NAT.items())
async def test_nat_is_taken_in_every_spelling_and_told_as_a_number(shop: Shop, value: str, told: int) -> None:
    before = b'{"param": {"value": %d}}' % (1 - told)
    assert (await raw(shop, "PUT /provd/configure/NAT", PROVD, before)).status == 204
    put = await raw(shop, "PUT /0.2/configure/NAT", PROVD, b'{"param":{"value":%s}}' % value.encode())
    assert (put.status, put.body, put.headers["content-type"]) == (204, b"", MEDIA_TYPE)
    assert "content-length" not in put.headers
    assert (await raw(shop, "GET /provd/configure/NAT")).body == b'{"param":{"value":%d}}' % told


@pytest.mark.parametrize("prefix", ["/provd", "/0.2"])
async def test_plugins_are_told_byte_by_byte(shop: Shop, prefix: str) -> None:
    await shop.install()
    plugins = f"{prefix}/pg_mgr/plugins"
    sheet = (
        b'{"version":"1.0","description":"Plug-in acme-phone.",'
        b'"capabilities":{"Acme, Phone 1, 2.0":{"sip.lines":6}},"vendor":"Acm\\u00e9"}'
    )
    href = f"{plugins}/{ACME}".encode()
    bodies = {
        plugins: b'{"plugins":{"acme-phone":{"links":[{"rel":"pg.plugin","href":"%s"}]}}}' % href,
        f"{plugins}/{ACME}": b'{"links":[{"rel":"pg.info","href":"%s/info"},{"rel":"srv.install","href":"%s/install"}]}'
        % (href, href),
        f"{plugins}/{ACME}/info": b'{"plugin_info":%s}' % sheet,
        f"{prefix}/pg_mgr/install/installed": b'{"pkgs":{"acme-phone":%s}}' % sheet,
    }
    for path, body in bodies.items():
        answer = await raw(shop, f"GET {path}", b"Accept: " + MEDIA_TYPE.encode() + b"\r\n")
        assert (answer.status, answer.body) == (200, body), path
        assert (answer.headers["content-type"], answer.headers["content-length"]) == (MEDIA_TYPE, str(len(body)))


@pytest.mark.parametrize("prefix", ["/provd", "/0.2"])
async def test_a_package_is_upgraded_below_both_prefixes(shop: Shop, prefix: str) -> None:
    await shop.install()
    service = f"{prefix}/pg_mgr/plugins/{ACME}/install"
    assert (await shop.done(f"{service}/install", {"id": "firmware"})).startswith("install_pkg|success")
    started = await raw(shop, f"POST {service}/upgrade", PROVD, b'{"id": "firmware"}')
    assert (started.status, started.headers["location"], started.body) == (201, f"{service}/upgrade/1", b"")
    assert (started.headers["content-type"], started.headers["content-length"]) == (MEDIA_TYPE, "0")
    assert (await shop.ended(started.headers["location"]))["status"].startswith("install_pkg|success")
    deleted = await raw(shop, f"DELETE {started.headers['location']}")
    assert (deleted.status, deleted.body) == (204, b"")
    assert not {"content-type", "content-length"} & set(deleted.headers)


async def test_templates_of_the_operator_come_back_with_their_plugin(shop: Shop, tmp_path: Path) -> None:
    await shop.install()
    own = tmp_path / "provisioning" / "plugins" / ACME / "var" / "templates" / "base.tpl"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("mine")
    gone = await raw(shop, f"POST {INSTALL}/uninstall", PROVD, b'{"id": "acme-phone"}')
    assert (gone.status, gone.body, gone.headers["content-type"]) == (204, b"", MEDIA_TYPE)
    assert not own.exists()
    assert (await shop.done(f"{INSTALL}/install", {"id": ACME})).startswith("install|success")
    assert own.read_text() == "mine"


async def test_a_proxy_that_speaks_no_http_is_refused(shop: Shop) -> None:
    answer = await raw(shop, "PUT /provd/configure/http_proxy", PROVD, b'{"param":{"value":"socks5://p:1"}}')
    assert (answer.status, answer.body) == (400, b"scheme is not http: socks5://p:1")


async def test_columns_of_an_index_pass_but_those_that_say_where_a_package_is_and_what_its_digest(shop: Shop) -> None:
    plugins = shop.server.plugins
    known = {"capabilities": {}, "description": "Null.", "description_en_GB": "Nil.", "description_de": "Nichts."}
    more = {"version": "1.0", "dsize": 7, "filename": "null-1.0.tar.bz2", "sha1sum": "0" * 40, "sha256sum": "0" * 64}
    plugins.publish(json.dumps({"null": {"vendor.url": "http://x/", **known, **more, "later": [None]}}).encode())
    await shop.update()
    assert (await raw(shop, f"GET {INSTALL}/installable")).body == (
        b'{"pkgs":{"null":{"vendor.url":"http://x/","capabilities":{},"description":"Null.","version":"1.0","dsize":7,'
        b'"sha1sum":"0000000000000000000000000000000000000000","later":[null]}}}'
    )


async def test_a_device_that_there_is_not_is_synchronized_by_nobody(shop: Shop) -> None:
    for prefix in ("/provd", "/0.2"):
        answer = await raw(shop, f"POST {prefix}/dev_mgr/synchronize", PROVD, b'{"id": "nobody"}')
        assert (answer.status, answer.body) == (404, b"No such resource")
        assert "location" not in answer.headers


async def test_package_files_that_cannot_be_read_are_told_and_leave_what_is_in_place(shop: Shop) -> None:
    shop.server.plugins.offer(ACME, files={"pkgs/pkgs.db": b"[nothing]\n"})
    await shop.install()
    service = f"/provd/pg_mgr/plugins/{ACME}/install"
    answer = await raw(shop, f"GET {service}/installable")
    assert (answer.status, answer.headers["content-type"]) == (503, "text/plain; charset=ascii")
    assert answer.text.startswith("pkgs.db")
    assert (await raw(shop, f"GET {service}/installed")).body == b'{"pkgs":{}}'
