"""The rules that hold for every resource (wire notes, 1.2), and the documents that only point to others (1.3)."""

from collections.abc import Mapping

import pytest
from tests.faces.provd.shop import ACME, INSTALL, Shop
from tests.faces.raw import ADMIN, exchange

pytestmark = pytest.mark.anyio

PROVD = "application/vnd.proformatique.provd+json"

CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST, PUT, DELETE, OPTIONS",
    "access-control-allow-headers": "Origin, X-Requested-With, Accept, Content-Type, X-Auth-Token, Wazo-Tenant",
    "access-control-allow-credentials": "false",
    "access-control-expose-headers": "Location",
}

LINKS: Mapping[str, list[tuple[str, str]]] = {
    "": [
        ("dev", "dev_mgr"),
        ("cfg", "cfg_mgr"),
        ("pg", "pg_mgr"),
        ("status", "status"),
        ("srv.configure", "configure"),
    ],
    "/dev_mgr": [
        ("dev.synchronize", "synchronize"),
        ("dev.reconfigure", "reconfigure"),
        ("dev.dhcpinfo", "dhcpinfo"),
        ("dev.devices", "devices"),
    ],
    "/cfg_mgr": [("cfg.configs", "configs"), ("cfg.autocreate", "autocreate")],
    "/pg_mgr": [("srv.install", "install"), ("pg.plugins", "plugins"), ("pg.reload", "reload")],
    "/pg_mgr/install": [
        (f"srv.install.{name}", name)
        for name in ("install", "uninstall", "installed", "installable", "upgrade", "update")
    ],
    f"/pg_mgr/plugins/{ACME}": [("pg.info", "info"), ("srv.install", "install")],
    f"/pg_mgr/plugins/{ACME}/install": [
        (f"srv.install.{name}", name) for name in ("install", "uninstall", "installed", "installable", "upgrade")
    ],
}


def cors(headers: Mapping[str, str]) -> dict[str, str | None]:
    return {name: headers.get(name) for name in CORS}


@pytest.mark.parametrize("prefix", ["/provd", "/0.2"])
async def test_link_documents_keep_the_prefix_and_the_order(shop: Shop, prefix: str) -> None:
    await shop.install()
    for path, links in LINKS.items():
        answer = await shop.get(prefix + path)
        expected = [{"rel": rel, "href": f"{prefix}{path}/{name}"} for rel, name in links]
        assert (answer.status, answer.headers["content-type"]) == (200, PROVD), path
        assert answer.json() == {"links": expected}, path


async def test_bodies_are_compact_ascii_in_the_order_of_the_servers(shop: Shop) -> None:
    answer = await shop.get("/provd/configure")
    assert answer.body.startswith(
        b'{"params":[{"id":"plugin_server","description":"The plugins repository URL","value":"http://127.0.0.1:'
    )
    assert b'"links":[{"rel":"srv.configure.param","href":"/provd/configure/plugin_server"}]},{"id":' in answer.body
    assert (await shop.get("/provd/configure/NAT")).body == b'{"param":{"value":0}}'
    await shop.update()
    listed = await shop.get(f"{INSTALL}/installable")
    assert listed.body.isascii()
    assert b'"Acm\\u00e9"' in listed.body


async def test_every_answer_of_the_face_has_the_headers_for_browsers(shop: Shop) -> None:
    asked = {
        ("GET", "/provd"): 200,
        ("GET", "/0.2/nothing"): 404,
        ("PUT", "/provd"): 405,
        ("GET", "/provd/pg_mgr/install/installable"): 200,
    }
    for (method, path), status in asked.items():
        answer = await shop.ask(method, path)
        assert (answer.status, cors(answer.headers)) == (status, CORS), path
    wrong = await shop.ask("POST", f"{INSTALL}/install", json={})
    assert (wrong.status, cors(wrong.headers)) == (400, CORS)
    refused = await shop.world.client_of(None).get("/provd")
    assert (refused.status, cors(refused.headers)) == (401, CORS)


async def test_other_faces_have_none_of_these_headers(shop: Shop) -> None:
    for path in ("/v1/elements", "/api/v1/status", "/nowhere"):
        assert set(cors((await shop.get(path)).headers).values()) == {None}, path


async def test_options_is_answered_on_every_path_without_credentials(shop: Shop) -> None:
    nobody = shop.world.client_of(None)
    for path in ("/provd", "/0.2/configure", f"{INSTALL}/install", "/provd/nothing/at/all", "/provd/"):
        answer = await nobody.request("OPTIONS", path)
        told = (answer.status, answer.body, answer.headers["content-type"], cors(answer.headers))
        assert told == (200, b"", "text/html", CORS), path


async def test_head_is_get_without_the_body(shop: Shop) -> None:
    for path in ("/provd", "/provd/configure", f"{INSTALL}/installable"):
        got, head = await shop.get(path), await shop.ask("HEAD", path)
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(got.body)) == got.headers["content-length"]


async def test_a_slash_at_the_end_is_another_path(shop: Shop) -> None:
    for path in ("/provd/", "/provd/configure/", "/0.2/pg_mgr/install/"):
        answer = await shop.get(path)
        assert (answer.status, answer.text) == (404, "No such resource"), path
        assert answer.headers["content-type"] == "text/plain; charset=ascii"


async def test_what_is_not_there_is_told_before_credentials_are_asked_for(shop: Shop) -> None:
    nobody = shop.world.client_of(None)
    for path in ("/provd/nothing", "/provd/pg_mgr/plugins/unknown", "/0.2/pg_mgr/plugins/unknown/install/installable"):
        assert (await nobody.get(path)).status == 404, path
    answer = await nobody.request("PUT", f"{INSTALL}/install")
    assert (answer.status, answer.headers["allow"]) == (405, "OPTIONS, POST")
    for path in ("/provd/configure", "/provd/configure/unknown", f"{INSTALL}/install/1"):
        answer = await nobody.get(path)
        assert (answer.status, answer.text, answer.headers["content-type"]) == (
            401,
            "Unauthorized",
            "text/plain; charset=ascii",
        ), path
        assert answer.headers["www-authenticate"] == 'Basic realm="Busyout"'


async def test_a_method_that_is_not_possible_is_a_405_with_those_that_are(shop: Shop) -> None:
    asked = {
        ("GET", f"{INSTALL}/install"): "OPTIONS, POST",
        ("DELETE", "/provd/configure"): "GET, HEAD, OPTIONS",
        ("PATCH", "/provd/configure/NAT"): "GET, HEAD, OPTIONS, PUT",
        ("POST", f"{INSTALL}/install/1"): "DELETE, GET, HEAD, OPTIONS",
    }
    for (method, path), allowed in asked.items():
        answer = await shop.ask(method, path)
        assert (answer.status, answer.headers["allow"]) == (405, allowed), path


@pytest.mark.parametrize(
    ("accept", "status"),
    {
        b"": 200,
        b"Accept:\r\n": 200,
        b"Accept: */*\r\n": 200,
        b"Accept: application/*\r\n": 200,
        b"Accept: " + PROVD.encode() + b";q=0\r\n": 200,
        b"Accept: text/html, " + PROVD.encode() + b"\r\n": 200,
        b"Accept: application/json\r\n": 406,
        b"Accept: text/*\r\n": 406,
        b"Accept: " + PROVD.upper().encode() + b"\r\n": 406,
    }.items(),
)
async def test_accept_is_read_as_the_incumbent_reads_it(shop: Shop, accept: bytes, status: int) -> None:
    answer = await exchange(shop.world.client.base, b"GET /provd", ADMIN + accept)
    assert answer.status == status
    assert status == 200 or answer.text == f'You must accept the "{PROVD}" MIME type.'


async def test_accept_makes_no_difference_where_something_is_written(shop: Shop) -> None:
    body, headers = {"param": {"value": 1}}, {"Accept": "text/html"}
    assert (await shop.ask("PUT", "/provd/configure/NAT", json=body, headers=headers)).status == 204


@pytest.mark.parametrize(
    ("kind", "status"),
    {
        b"": 204,
        b"Content-Type: " + PROVD.encode() + b"\r\n": 204,
        b"Content-Type: " + PROVD.encode() + b"; charset=utf-8\r\n": 204,
        b"Content-Type: Application/JSON\r\n": 204,
        b"Content-Type: text/plain\r\n": 415,
        b"Content-Type: application/x-www-form-urlencoded\r\n": 415,
    }.items(),
)
async def test_a_body_is_ours_json_or_nothing(shop: Shop, kind: bytes, status: int) -> None:
    base, body = shop.world.client.base, b'{"param":{"value":"1"}}'
    answer = await exchange(base, b"PUT /provd/configure/NAT", ADMIN + kind, body)
    assert answer.status == status
    assert status == 204 or answer.text == f'Entity must be in media type "{PROVD}".'


async def test_an_error_is_a_problem_document_for_those_who_ask(shop: Shop) -> None:
    headers = {"Accept": f"{PROVD}, application/problem+json"}
    answer = await shop.ask("POST", f"{INSTALL}/install", json={"id": "nope"}, headers=headers)
    assert (answer.status, answer.headers["content-type"]) == (400, "application/problem+json")
    told = answer.json()
    assert (told["type"], told["status"], told["detail"]) == ("urn:busyout:problem:no-such-plugin", 400, "'nope'")
    plain = await shop.ask("POST", f"{INSTALL}/install", json={"id": "nope"})
    assert (plain.headers["content-type"], plain.text) == ("text/plain; charset=ascii", "'nope'")


async def test_lists_have_tags_and_are_left_out_for_those_who_have_them(shop: Shop) -> None:
    await shop.install()
    packages = f"/provd/pg_mgr/plugins/{ACME}/install/installable"
    for path in ("/provd/configure", f"{INSTALL}/installable", f"{INSTALL}/installed", "/0.2/pg_mgr/plugins", packages):
        tag = (await shop.get(path)).headers["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = await shop.get(path, headers={"If-None-Match": known})
            assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag), path
        assert (await shop.get(path, headers={"If-None-Match": '"other"'})).status == 200


async def test_a_list_changes_its_tag_when_it_changes(shop: Shop) -> None:
    await shop.update()
    before = (await shop.get(f"{INSTALL}/installable")).headers["etag"]
    shop.server.plugins.offer("another")
    await shop.update()
    answer = await shop.get(f"{INSTALL}/installable", headers={"If-None-Match": before})
    assert (answer.status, list(answer.json()["pkgs"])) == (200, [ACME, "null", "another"])


async def test_descriptions_follow_the_locale_at_once(shop: Shop) -> None:
    await shop.update()
    body = {"param": {"value": "fr_FR"}}
    assert (await shop.ask("PUT", "/provd/configure/locale", json=body)).status == 204
    listed = (await shop.get(f"{INSTALL}/installable")).json()["pkgs"]
    described = {param["id"]: param["description"] for param in (await shop.get("/provd/configure")).json()["params"]}
    assert listed[ACME]["description"] == "Greffon acme-phone."
    assert "description_fr" not in listed[ACME]
    assert described["plugin_server"] == "L'adresse (URL) du dépôt des plugins"


async def test_the_health_is_told_in_the_wazo_dialect(shop: Shop) -> None:
    assert (await shop.get("/0.2/status")).body == b'{"rest_api":"ok","bus_consumer":{"status":"ok"}}'


async def test_a_page_of_another_site_must_not_write_with_credentials_that_browsers_add(shop: Shop) -> None:
    headers = {"Origin": "http://elsewhere.example"}
    answer = await shop.ask("PUT", "/provd/configure/NAT", json={"param": {"value": 1}}, headers=headers)
    assert answer.status == 403
    assert (await shop.get("/provd/configure/NAT")).json() == {"param": {"value": 0}}
