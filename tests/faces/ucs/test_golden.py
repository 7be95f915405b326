"""The documents' own examples, byte for byte where they print bytes."""

import pytest
from tests.world import World

pytestmark = pytest.mark.anyio

MODE = "/server/mode"
STATUS = "/server/status"


async def test_the_printed_request_is_answered_as_it_is_printed(ucs: World) -> None:
    assert (await ucs.client.post(MODE, json={"mode": "maintenance"})).status == 200
    answer = await ucs.client.post(MODE, data=b'{"mode":"production"}')
    assert (answer.status, answer.text) == (200, '{"server changed":"production"}')
    assert answer.headers["location"] == STATUS
    assert answer.headers["content-type"] == "application/json;charset=UTF-8"


async def test_the_mode_is_named_in_any_case(ucs: World) -> None:
    answer = await ucs.client.post(MODE, json={"mode": "MAINTENANCE"})
    assert (answer.status, answer.json()) == (200, {"server changed": "maintenance"})
    assert (await ucs.client.get(STATUS)).json()["mode"] == "maintenance"


async def test_the_status_has_the_twelve_fields(ucs: World) -> None:
    told = (await ucs.client.get(STATUS)).json()
    assert list(told) == [
        "version",
        "system_time",
        "mode",
        "max_memory",
        "allocated_memory",
        "free_memory",
        "used_memory",
        "started",
        "last_request",
        "request_today",
        "client_errors_today",
        "server_errors_today",
    ]
    assert told["used_memory"] == told["allocated_memory"] - told["free_memory"]
    assert told["request_today"] == 0
    assert told["last_request"] == told["started"]


async def test_requests_and_errors_are_counted_without_the_one_that_asks(ucs: World) -> None:
    await ucs.client.get("/profiles/nobody")
    await ucs.client.post("/metadata/profiles/extensions", json={})
    told = (await ucs.client.get(STATUS)).json()
    assert (told["request_today"], told["client_errors_today"], told["server_errors_today"]) == (2, 1, 1)
