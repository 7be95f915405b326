"""Bad input on the native API: a problem document each time, and nothing changed."""

from typing import Any

import pytest
from tests.client import Answer
from tests.faces.state import state
from tests.world import World

pytestmark = pytest.mark.anyio

SBC = "/v1/elements/sbc"
COMMAND = ("POST", f"{SBC}/operations")
PUT = ("PUT", f"{SBC}/configuration/running")
ADD = ("POST", "/v1/elements")
TRUNK = ("PATCH", f"{SBC}/trunks/carrier/0")

BODIES: dict[tuple[str, str, bytes], int] = {
    (*COMMAND, b""): 400,
    (*COMMAND, b"{}"): 400,
    (*COMMAND, b'{"type": "explode"}'): 400,
    (*COMMAND, b'{"type": "drain"'): 400,
    (*COMMAND, b'{"type": "drain", "policy": "soon"}'): 400,
    (*COMMAND, b'{"type": "drain", "policy": {"type": "within"}}'): 400,
    (*COMMAND, b'{"type": "drain", "policy": {"type": "within", "seconds": "60"}}'): 400,
    (*COMMAND, b'{"type": "drain", "policy": {"type": "within", "seconds": -1}}'): 400,
    (*COMMAND, b'{"type": "drain", "policy": {"type": "within", "seconds": 0}}'): 400,
    (*COMMAND, b'{"type": "drain", "policy": {"type": "within", "seconds": 1e400}}'): 400,
    (*COMMAND, b'{"type": "drain", "policy": {"type": "within", "seconds": true}}'): 400,
    (*COMMAND, b'{"type": "drain", "policy": {"type": "until_idle", "seconds": 1}}'): 400,
    (*COMMAND, b'{"type": "drain", "at_deadline": "explode"}'): 400,
    (*COMMAND, b'{"type": "drain", "force": true}'): 400,
    (*COMMAND, b'{"type": "drain", "type": "drain"}'): 400,
    (*COMMAND, b'{"type": "drain", "policy": {"type": "until_idle", "type": "until_idle"}}'): 400,
    (*COMMAND, b'{"policy": ' + b"[" * 100_000 + b', "type": "drain"}'): 400,
    (*COMMAND, b'{"a": ' * 100_000): 400,
    (*COMMAND, b'{"type": "drain"} '.ljust(10_000_000)): 413,
    (*COMMAND, b"type=drain"): 400,
    (*COMMAND, b'{"type": "\xff"}'): 400,
    (*COMMAND, b'{"type": "configure"}'): 400,
    (*COMMAND, b'{"type": "configure", "tables": {"peer": [{"index": -1, "name": "x"}]}}'): 400,
    (*COMMAND, b'{"type": "configure", "tables": {}, "expected": "other"}'): 412,
    (*PUT, b""): 400,
    (*PUT, b'{"interfaces": []}'): 400,
    (*PUT, b'{"interface": [{"index": 0, "name": "a", "address": "x", "port": 0}]}'): 400,
    (*PUT, b'{"interface": [{"index": 0, "name": "a", "address": "x", "port": 5060}]}'): 422,
    (*PUT, b'{"peer": [{"index": 0, "name": "a"}, {"index": 0, "name": "a"}]}'): 422,
    (*PUT, b'{"peer": [{"index": 0, "name": "\\u0000"}]}'): 422,
    (*PUT, b'{"peer": [{"index": 99999999999999999999, "name": "a"}]}'): 400,
    (*PUT, b'{"peer": [{"index": 1000001, "name": "a"}]}'): 422,
    (
        *PUT,
        b'{"trunk_set": [{"index": 0, "name": "a"}],'
        b' "trunk": [{"index": 0, "trunk_set": "a", "address": "127.0.0.1", "weight": 9007199254740992}]}',
    ): 422,
    (*ADD, b"{}"): 400,
    (*ADD, b'{"name": "../x", "kind": "sbc", "driver": "simulated"}'): 400,
    (*ADD, b'{"name": "", "kind": "sbc", "driver": "simulated"}'): 400,
    (*ADD, b'{"name": "x", "kind": "sbc", "driver": "simulated", "retry_after": 0}'): 400,
    (*ADD, b'{"name": "x", "kind": "sbx", "driver": "simulated"}'): 400,
    (*ADD, b'{"name": "x", "kind": "sbc", "driver": "simulated", "options": {"capacity": "1000001"}}'): 422,
    (
        *ADD,
        b'{"name": "x", "kind": "sbc", "driver": "simulated", "options": {"capacity": "' + b"9" * 5000 + b'"}}',
    ): 422,
    (*ADD, b'{"name": "x", "kind": "sbc", "driver": "nothing"}'): 422,
    (*ADD, b'{"name": "sbc", "kind": "sbc", "driver": "simulated"}'): 422,
    (*TRUNK, b'{"enabled": "no"}'): 400,
    (*TRUNK, b"{}"): 400,
}

ADDRESSES: dict[tuple[str, str], int] = {
    ("GET", "/v1"): 404,
    ("GET", "/v1/nothing"): 404,
    ("GET", "/v1/elements/nothing"): 404,
    ("GET", "/v1/elements/%00"): 404,
    ("GET", "/v1/elements/%ff"): 404,
    ("GET", "/v1/elements/" + "x" * 5000): 404,
    ("GET", "/v1/operations/nothing"): 404,
    ("GET", "/v1/operations/%00"): 404,
    ("GET", "/v1/operations/'; drop table operation; --"): 404,
    ("POST", "/v1/operations/nothing/cancel"): 404,
    ("POST", "/v1/operations/nothing/explode"): 404,
    ("GET", "/v1/elements/nothing/calls"): 404,
    ("GET", f"{SBC}/configuration/candidate"): 404,
    ("PUT", f"{SBC}/configuration/startup"): 405,
    ("DELETE", "/v1/elements"): 405,
    ("PUT", "/v1/alarms"): 405,
    ("POST", "/healthz"): 405,
    ("GET", "/v1/elements?limit=0"): 400,
    ("GET", "/v1/elements?limit=1001"): 400,
    ("GET", "/v1/elements?limit=ten"): 400,
    ("GET", "/v1/elements?limit=1&limit=2"): 400,
    ("GET", "/v1/operations?limit="): 400,
    ("GET", "/v1/operations?settled=maybe"): 400,
    ("GET", "/v1/operations?after=%00"): 400,
    ("GET", "/v1/operations?after=" + "x" * 300): 400,
    ("GET", "/v1/alarms?after=-1"): 400,
    ("GET", "/v1/audit?after=99999999999999999999"): 400,
    ("GET", f"{SBC}/calls?limit=-1"): 400,
}


def own_form(answer: Answer) -> bool:
    """Whether an answer is a problem document that says what its status says."""
    if answer.headers.get("content-type") != "application/problem+json":
        return False
    told: Any = answer.json()
    return told["status"] == answer.status and told["type"].startswith("urn:busyout:problem:") and bool(told["title"])


async def test_every_bad_body_is_refused_and_changes_nothing(world: World) -> None:
    await world.client.get("/v1/elements")
    before = await state(world)
    answers = {key: await world.client.request(*key[:2], data=key[2]) for key in BODIES}
    wrong = {
        key: (answers[key].status, answers[key].text) for key, status in BODIES.items() if answers[key].status != status
    }
    assert wrong == {}
    assert [key for key, answer in answers.items() if not own_form(answer)] == []
    assert await state(world) == before


async def test_every_bad_address_is_refused_and_changes_nothing(world: World) -> None:
    await world.client.get("/v1/elements")
    before = await state(world)
    answers = {key: await world.client.request(*key) for key in ADDRESSES}
    assert {key: answer.status for key, answer in answers.items()} == ADDRESSES
    assert [key for key, answer in answers.items() if not own_form(answer)] == []
    assert await state(world) == before


async def test_an_idempotency_key_that_is_none_is_refused(world: World) -> None:
    for key in ("", " ", "é", "x" * 256):
        headers = {"Idempotency-Key": key}
        answer = await world.client.post(f"{SBC}/operations", json={"type": "commit"}, headers=headers)
        assert (answer.status, own_form(answer)) == (422, True), key


async def test_a_monitor_may_look_and_change_nothing(world: World) -> None:
    watcher, before = world.client_of("watcher"), await state(world)
    for path in ("/v1/elements", SBC, f"{SBC}/calls", "/v1/operations", "/v1/alarms", "/metrics"):
        assert (await watcher.get(path)).status == 200, path
    for method, path in (COMMAND, PUT, ADD, TRUNK, ("DELETE", SBC), ("DELETE", f"{SBC}/calls")):
        answer = await watcher.request(method, path, json={})
        assert (answer.status, own_form(answer)) == (403, True), path
    assert await state(world) == before


async def test_whoever_guesses_is_told_to_wait(world: World) -> None:
    guesser = world.client_of("operator", "wrong")
    answers = [await guesser.get("/v1/elements") for _ in range(10)]
    assert (answers[0].status, answers[-1].status) == (401, 429)
    assert answers[0].headers["www-authenticate"] == 'Basic realm="Busyout"'
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert own_form(answers[-1])


async def test_an_unknown_path_without_credentials_is_a_401_within_the_api_and_a_404_outside(world: World) -> None:
    nobody = world.client_of(None)
    assert (await nobody.get("/v1/nothing")).status == 401
    assert (await nobody.put("/v1/elements")).status == 401
    assert (await nobody.get("/nothing")).status == 404
