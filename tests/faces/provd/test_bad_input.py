"""Bad input: a clear error each time, one line of text, and nothing changed."""

from typing import Any

import pytest
from tests.faces.provd.shop import ACME, INSTALL, Shop
from tests.faces.raw import ADMIN, exchange
from tests.faces.state import state

pytestmark = pytest.mark.anyio

BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "Invalid JSON document: Expecting value: line 1 column 1 (char 0)"),
    "an opening brace": (b"{", "Invalid JSON document: Expecting property name"),
    "cut": (b'{"id": "acme', "Invalid JSON document: Unterminated string"),
    "a form": (b"id=acme", "Invalid JSON document: Expecting value: line 1 column 1 (char 0)"),
    "two values": (b"{}{}", "Invalid JSON document: Extra data"),
    "not UTF-8": (b'{"id": "\xff"}', "Invalid JSON document: it is not UTF-8"),
    "NaN": (b'{"id": NaN}', "Invalid JSON document: NaN is no number"),
    "a lone surrogate": (b'{"id": "\\ud800"}', "Invalid JSON document: "),
    "a NUL": (b'{"id": "a\\u0000b"}', '"id" is a printable text'),
    "100,000 arrays deep": (b"[" * 100_000, "Invalid JSON document: "),
    "a list": (b"[]", 'Missing "id" key'),
    "null": (b"null", 'Missing "id" key'),
    "a string": (b'"x"', 'Missing "id" key'),
    "a number": (b"1", 'Missing "id" key'),
    "no id": (b"{}", 'Missing "id" key'),
    "an id that is a number": (b'{"id": 1}', '"id" is a printable text'),
    "an id that is null": (b'{"id": null}', '"id" is a printable text'),
    "an id that is an object": (b'{"id": {"a": 1}}', '"id" is a printable text'),
    "an id with a line break": (b'{"id": "a\\nb"}', '"id" is a printable text'),
    "not ASCII": ('{"id": "é"}'.encode(), ""),
    "a slash": (b'{"id": "a/b"}', ""),
    "dots": (b'{"id": "../../etc"}', ""),
    "dots alone": (b'{"id": ".."}', ""),
    "nothing": (b'{"id": ""}', ""),
    "5 MB": (b" " * 5_000_000, ""),
}
"""What is sent where an id is wanted, and how the error begins."""

NAMED = (f"{INSTALL}/install", f"{INSTALL}/upgrade", f"{INSTALL}/uninstall", "/provd/pg_mgr/reload")
"""Resources that want the id of a plug-in."""

VALUES: dict[str, bytes] = {
    "a list": b"[]",
    "null": b"null",
    "a text": b'"x"',
    "no param": b"{}",
    "a number for param": b'{"param": 1}',
    "null for param": b'{"param": null}',
    "a list for param": b'{"param": []}',
    "no value": b'{"param": {}}',
    "the wrong case": b'{"param": {"Value": 1}}',
}

WRONG: list[tuple[tuple[str, Any], str]] = [
    (("plugin_server", "x/y"), "no scheme: x/y"),
    (("plugin_server", ""), "no scheme:"),
    (("plugin_server", "http:///x"), "no hostname: http:///x"),
    (("plugin_server", 1), ""),
    (("plugin_server", {"a": 1}), ""),
    (("http_proxy", "p:3128"), ""),
    (("http_proxy", "http://p:3128/"), "Path: http://p:3128/"),
    (("http_proxy", "//p"), "No scheme: //p"),
    (("http_proxy", ""), "No scheme:"),
    (("ftp_proxy", []), ""),
    (("https_proxy", "http://p:3128"), "scheme and hostname: http://p:3128"),
    (("https_proxy", ""), "zero-length value"),
    (("locale", "fr_FR.UTF-8"), "Invalid locale fr_FR.UTF-8"),
    (("locale", "FR"), "Invalid locale FR"),
    (("locale", "é"), ""),
    (("locale", 1), ""),
    (("NAT", "2"), ""),
    (("NAT", "01"), ""),
    (("NAT", ""), ""),
    (("NAT", 1.5), ""),
]


async def changeable(shop: Shop) -> dict[str, Any]:
    """Everything that a request to this face could change."""
    services = shop.world.services
    lists = [await shop.get(path) for path in (f"{INSTALL}/installed", f"{INSTALL}/installable", "/provd/configure")]
    return {**await state(shop.world), "lists": [answer.body for answer in lists], "ids": services.plugins.plugins()}


async def test_every_bad_body_is_a_clear_error_that_changes_nothing(shop: Shop) -> None:
    await shop.install()
    before = await changeable(shop)
    for path in NAMED:
        for name, (body, why) in BODIES.items():
            answer = await shop.ask("POST", path, data=body, headers={"Content-Type": "application/json"})
            expected = 413 if name == "5 MB" else 400
            assert (answer.status, answer.headers["content-type"]) == (expected, "text/plain; charset=ascii"), name
            assert answer.text.startswith(why), (path, name, answer.text)
            assert answer.text, (path, name)
            assert "\n" not in answer.text
            assert not answer.text.startswith("b'")
    assert await changeable(shop) == before


async def test_a_value_of_the_wrong_shape_is_a_400_with_the_words_that_clients_know(shop: Shop) -> None:
    before = await changeable(shop)
    for name, body in VALUES.items():
        answer = await shop.ask("PUT", "/provd/configure/NAT", data=body, headers={"Content-Type": "application/json"})
        assert (answer.status, answer.text) == (400, "Wrong information in entity"), name
    assert await changeable(shop) == before


async def test_a_wrong_value_is_a_400_with_its_reason(shop: Shop) -> None:
    before = await changeable(shop)
    for (parameter, value), why in WRONG:
        answer = await shop.ask("PUT", f"/provd/configure/{parameter}", json={"param": {"value": value}})
        assert (answer.status, answer.text.startswith(why)) == (400, True), (parameter, value, answer.text)
        assert answer.text
    assert await changeable(shop) == before


@pytest.mark.parametrize("path", ["unknown", "nat", "tenants", "%C3%A9", "a%2Fb", "..", "%00", "x" * 2000])
async def test_a_parameter_that_there_is_not_is_a_404(shop: Shop, path: str) -> None:
    base = shop.world.client.base
    line = f"/provd/configure/{path}".encode()
    for method, body in ((b"GET ", b""), (b"PUT ", b'{"param":{"value":1}}')):
        answer = await exchange(base, method + line, ADMIN, body)
        assert (answer.status, answer.text) == (404, "No such resource")


@pytest.mark.parametrize("plugin", ["unknown", "%C3%A9", "a%2Fb", "..", "%2e%2e%2f", "null%00", ""])
async def test_a_plugin_that_is_not_in_place_is_a_404_everywhere(shop: Shop, plugin: str) -> None:
    base = shop.world.client.base
    for rest in ("", "/info", "/install", "/install/installable", "/install/installed"):
        answer = await exchange(base, f"GET /provd/pg_mgr/plugins/{plugin}{rest}".encode(), ADMIN)
        assert answer.status == 404, rest


@pytest.mark.parametrize("prefix", ["/provd", "/0.2"])
async def test_a_plugin_in_place_has_no_configuration_service_and_offers_none(shop: Shop, prefix: str) -> None:
    await shop.install()
    plugin = f"{prefix}/pg_mgr/plugins/{ACME}"
    assert "srv.configure" not in {link["rel"] for link in (await shop.get(plugin)).json()["links"]}
    for rest in ("/configure", "/configure/username", "/configure/provisioning_key"):
        for method, given in (("GET", {}), ("PUT", {"json": {"param": {"value": "x"}}})):
            answer = await shop.ask(method, plugin + rest, **given)
            assert (answer.status, answer.text) == (404, "No such resource"), (method, rest)


async def test_what_does_not_fit_is_a_400_in_the_words_that_clients_know(shop: Shop) -> None:
    async def told(path: str, body: object) -> tuple[int, str]:
        answer = await shop.ask("POST", path, json=body)
        return answer.status, answer.text

    await shop.install()
    assert await told(f"{INSTALL}/install", {"id": "nope"}) == (400, "'nope'")
    assert await told(f"{INSTALL}/install", {"id": ACME}) == (400, f"plugin {ACME} is already installed")
    assert await told(f"{INSTALL}/upgrade", {"id": "null"}) == (400, "plugin null is not already installed")
    assert await told(f"{INSTALL}/uninstall", {"id": "null"}) == (400, "plugin not found")
    assert await told("/provd/pg_mgr/reload", {"id": "null"}) == (400, "plugin null is not installed")
    packages = f"/provd/pg_mgr/plugins/{ACME}/install"
    assert await told(f"{packages}/install", {"id": "nope"}) == (400, "package not found")
    assert await told(f"{packages}/uninstall", {"id": "nope"}) == (400, "'nope'")
    assert (await shop.ask("PUT", "/provd/configure/plugin_server", json={"param": {"value": None}})).status == 204
    assert await told(f"{INSTALL}/update", {}) == (400, "'server' has no value set")
    assert await told(f"{INSTALL}/install", {"id": "null"}) == (400, "'server' has no value set")


async def test_a_level_that_is_too_low_is_a_403(shop: Shop) -> None:
    watcher = shop.world.client_of("watcher")
    assert (await watcher.get("/provd/configure")).status == 200
    answer = await watcher.put("/provd/configure/NAT", json={"param": {"value": 1}})
    assert (answer.status, answer.headers["content-type"]) == (403, "text/plain; charset=ascii")
    assert (await watcher.post(f"{INSTALL}/update", json={})).status == 403


async def test_numbers_of_monitors_that_were_never_given_are_404(shop: Shop) -> None:
    for number in ("0", "1", "-1", "01", "1e3", "99999999999999999999999", "%C2%B2", "x", "1%2F2"):
        for method in (b"GET", b"DELETE"):
            line = method + f" {INSTALL}/install/{number}".encode()
            answer = await exchange(shop.world.client.base, line, ADMIN)
            assert answer.status == 404, (method, number)
