"""Bad input: the face's own error each time, and nothing changed."""

from base64 import b64encode
from typing import Any

import pytest
from tests.client import Answer
from tests.faces.raw import ADMIN, dialogue, exchange
from tests.faces.state import state
from tests.world import World

pytestmark = pytest.mark.anyio

RESET = "/api/v1/actions/reset"

BODIES: dict[str, bytes] = {
    "truncated": b'{"gracefulTimeout": 6',
    "only an opening brace": b"{",
    "no object": b"[]",
    "null": b"null",
    "a number": b"1",
    "a string": b'"reset"',
    "a word for a number": b'{"gracefulTimeout": "soon"}',
    "a number as a string": b'{"gracefulTimeout": "60"}',
    "negative": b'{"gracefulTimeout": -1}',
    "beyond every number": b'{"gracefulTimeout": 1e400}',
    "beyond every wait": b'{"gracefulTimeout": 1e300}',
    "a number of 5,000 digits": b'{"gracefulTimeout": ' + b"9" * 5000 + b"}",
    "a truth for a number": b'{"gracefulTimeout": true}',
    "null for a number": b'{"gracefulTimeout": null}',
    "NaN": b'{"gracefulTimeout": NaN}',
    "Infinity": b'{"gracefulTimeout": Infinity}',
    "a string for a truth": b'{"saveConfiguration": "true"}',
    "a number for a truth": b'{"saveConfiguration": 1}',
    "an unknown member": b'{"gracefulTimeout": 0, "force": true}',
    "a member in the wrong case": b'{"gracefultimeout": 0}',
    "a member twice": b'{"gracefulTimeout": 0, "gracefulTimeout": 600}',
    "text after the object": b'{"gracefulTimeout": 0} or else',
    "two objects": b"{}{}",
    "not UTF-8": b'{"\xff\xfe": 0}',
    "UTF-16": '{"gracefulTimeout": 0}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "a lone surrogate": b'{"\\ud800": 0}',
    "100,000 arrays deep": b'{"gracefulTimeout": ' + b"[" * 100_000,
    "100,000 objects deep": b'{"a":' * 100_000,
    "deep and unknown": b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "10 MB": b" " * 10_000_000 + b"{}",
    "a form": b"gracefulTimeout=0",
    "zero bytes": b"\x00\x00",
}

ADDRESSES: dict[tuple[str, str], int] = {
    ("GET", "/api/v1/files"): 404,
    ("GET", "/api/v1/alarms"): 404,
    ("GET", "/api/v1/license"): 404,
    ("GET", "/api/v1/performanceMonitoring"): 404,
    ("GET", "/api/v2"): 404,
    ("GET", "/api/v1/actions/explode"): 404,
    ("GET", "/api/v1//status"): 404,
    ("GET", "/api/v1/Status"): 404,
    ("GET", "/api/v1/status/x"): 404,
    ("GET", "/api/v1/%00"): 404,
    ("POST", "/api/v1/nothing"): 404,
    ("GET", RESET): 405,
    ("HEAD", RESET): 405,
    ("PUT", RESET): 405,
    ("DELETE", "/api/v1/status"): 405,
    ("POST", "/api"): 405,
    ("PATCH", "/api/v1"): 405,
    ("TRACE", "/api/v1"): 405,
    ("PROPFIND", "/api/v1"): 405,
    ("OPTIONS", "/api/v1/status"): 405,
    ("GET", "/api/v1/actions/saveConfiguration"): 405,
}

CREDENTIALS: dict[str, bytes] = {
    "none": b"",
    "empty": b"Authorization:\r\n",
    "another scheme": b"Authorization: Bearer abc\r\n",
    "no base64": b"Authorization: Basic ???\r\n",
    "no colon": b"Authorization: Basic " + b64encode(b"admin") + b"\r\n",
    "not UTF-8": b"Authorization: Basic " + b64encode(b"\xff:\xff") + b"\r\n",
    "an unknown name": b"Authorization: Basic " + b64encode(b"nobody:x") + b"\r\n",
    "a wrong password": b"Authorization: Basic " + b64encode(b"admin:wrong") + b"\r\n",
    "an empty password": b"Authorization: Basic " + b64encode(b"watcher:") + b"\r\n",
    "10 KB": b"Authorization: Basic " + b"A" * 10_000 + b"\r\n",
}


ACCEPT: dict[str, int] = {
    "application/json": 200,
    "application/JSON": 200,
    "*/*": 200,
    "application/*": 200,
    "text/html, application/json;q=0.1": 200,
    "": 200,
    "text/html": 406,
    "application/json;q=0": 406,
    "application/xml, text/plain": 406,
    "garbage": 406,
    "a" * 5000: 406,
}


def own_form(answer: Answer) -> bool:
    """Whether an answer is the face's own error: JSON with one member, a text."""
    if answer.headers.get("content-type") != "application/json":
        return False
    told: Any = answer.json()
    return list(told) == ["description"] and isinstance(told["description"], str) and bool(told["description"])


async def test_every_bad_body_of_a_reset_is_a_400_that_changes_nothing(world: World) -> None:
    before = await state(world)
    answers = {name: await world.client.post(RESET, data=body) for name, body in BODIES.items()}
    wrong = {name: answer for name, answer in answers.items() if answer.status != 400 or not own_form(answer)}
    assert wrong == {}
    assert await state(world) == before


async def test_a_reason_names_the_member_that_is_wrong(world: World) -> None:
    answer = await world.client.post(RESET, json={"gracefulTimeout": "soon"})
    assert answer.json() == {"description": "Expected `float`, got `str` - at `$.gracefulTimeout`"}


async def test_every_wrong_address_or_method_is_refused_in_the_same_form(world: World) -> None:
    await world.client.get("/api")
    before = await state(world)
    answers = {key: await world.client.request(*key) for key in ADDRESSES}
    assert {key: answer.status for key, answer in answers.items()} == ADDRESSES
    assert [key for key, answer in answers.items() if key[0] != "HEAD" and not own_form(answer)] == []
    assert [key for key, answer in answers.items() if answer.status == 405 and "allow" not in answer.headers] == []
    assert await state(world) == before


async def test_a_405_names_the_methods_there_are(world: World) -> None:
    assert (await world.client.delete("/api/v1/status")).headers["allow"] == "GET, HEAD"
    assert (await world.client.get(RESET)).headers["allow"] == "POST"


async def test_wrong_credentials_are_challenged_and_told_nothing_else(world: World) -> None:
    for line in (b"GET /api", b"POST /api/v1/actions/reset", b"GET /api/v1/nothing", b"PUT /api/v1/status"):
        answers = {name: await exchange(world.client.base, line, header) for name, header in CREDENTIALS.items()}
        assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(CREDENTIALS, 401), line
        assert {answer.headers["www-authenticate"] for answer in answers.values()} == {'Basic realm="Busyout"'}
        assert all(own_form(answer) for answer in answers.values())
        await world.clock.advance(600)


async def test_whoever_guesses_is_locked_out_with_a_401_and_told_when_to_try_again(world: World) -> None:
    guesser = world.client_of("operator", "wrong")
    answers = [await guesser.get("/api") for _ in range(10)]
    assert {answer.status for answer in answers} == {401}
    assert "retry-after" in answers[-1].headers
    assert own_form(answers[-1])


async def test_a_level_that_is_too_low_is_a_403(world: World) -> None:
    before, watcher = await state(world), world.client_of("watcher")
    levels = {path: (await watcher.get(path)).status for path in ("/api", "/api/v1", "/api/v1/status")}
    assert set(levels.values()) == {200}
    for method, path in (("GET", "/api/v1/actions"), ("POST", RESET), ("POST", "/api/v1/actions/saveConfiguration")):
        answer = await watcher.request(method, path)
        assert (answer.status, own_form(answer)) == (403, True), path
    assert (await watcher.get(RESET)).status == 405
    assert await state(world) == before


async def test_an_administrator_may_reset(world: World) -> None:
    assert (await world.client_of("operator").post(RESET)).status == 200


async def test_an_accept_header_without_json_is_a_406(world: World) -> None:
    answers = {accept: await world.client.get("/api/v1/status", headers={"Accept": accept}) for accept in ACCEPT}
    assert {accept: answer.status for accept, answer in answers.items()} == ACCEPT
    assert [accept for accept, answer in answers.items() if answer.status == 406 and not own_form(answer)] == []


async def test_a_trailing_slash_and_an_empty_query_are_the_same_resource(world: World) -> None:
    for path in ("/api/", "/api/v1/", "/api/v1/status/", "/api/v1/status?&x=", "/api/v1/status?", "/api/v1/status?%ff"):
        assert (await world.client.get(path)).status == 200, path


async def test_bytes_that_no_address_has_are_refused(world: World) -> None:
    for line in (b"GET /api/v1/status?\xff\xfe=\x80", b"GET /api/v1/st\xc3\xbctus"):
        assert (await exchange(world.client.base, line)).status == 400


async def test_head_is_get_without_the_body(world: World) -> None:
    got, head = await world.client.get("/api"), await world.client.request("HEAD", "/api")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", got.headers["content-length"])


async def test_an_upload_that_breaks_off_changes_nothing(world: World) -> None:
    before = await state(world)
    start = b"POST /api/v1/actions/reset HTTP/1.1\r\nHost: localhost\r\n" + ADMIN
    await dialogue(world.client.base, start + b"Content-Length: 100\r\n\r\n{}", hang_up=True)
    await dialogue(world.client.base, start + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", hang_up=True)
    assert (await world.client.get("/api")).status == 200
    assert await state(world) == before


async def test_a_page_of_another_site_cannot_reset(world: World) -> None:
    before = await state(world)
    for origin in ("https://evil.example", "null", "http://[", "http://127.0.0.1:1"):
        answer = await world.client.post(RESET, headers={"Origin": origin})
        assert (answer.status, own_form(answer)) == (403, True)
    assert await state(world) == before
    assert (await world.client.post(RESET, headers={"Origin": world.client.base})).status == 200
