"""The document's examples against the real server: same members, same order, same texts."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.world import World

pytestmark = pytest.mark.anyio

GOLDEN = Path(__file__).parent / "golden"

FORMS = {
    "localTimeStamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",
    "ipAddress": r"\d+\.\d+\.\d+\.\d+",
    "subnetMask": r"\d+\.\d+\.\d+\.\d+",
    "defaultGateway": r"\d+\.\d+\.\d+\.\d+",
    "versionID": r".+",
}
"""Members of the status whose values differ from device to device."""


def in_order(body: bytes | str) -> Any:
    """JSON with objects as lists of pairs, so that order counts."""
    return json.loads(body, object_pairs_hook=list)


def golden(name: str) -> Any:
    return in_order((GOLDEN / name).read_text())


@pytest.mark.parametrize(("path", "name"), [("/api", "api.json"), ("/api/v1/actions", "actions.json")])
async def test_a_folder_is_told_as_the_document_prints_it(world: World, path: str, name: str) -> None:
    answer = await world.client.get(path)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert in_order(answer.body) == golden(name)


async def test_the_navigation_tree_has_those_printed_entries_that_are_served_in_their_order(world: World) -> None:
    printed = json.loads((GOLDEN / "api_v1.json").read_text())["items"]
    served = [entry for entry in printed if (await world.client.get(entry["url"])).status == 200]
    answer = await world.client.get("/api/v1")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert in_order(answer.body) == in_order(json.dumps({"items": served}))
    assert {"actions", "status"} <= {entry["id"] for entry in served}


async def test_the_reset_example_is_answered_as_printed(world: World) -> None:
    answer = await world.client.post("/api/v1/actions/reset", data=(GOLDEN / "reset_request.json").read_bytes())
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    assert in_order(answer.body) == golden("reset_200.json")


async def test_a_second_reset_is_a_conflict_in_the_printed_form(world: World) -> None:
    world.sbc.call(seconds=60)
    await world.client.post("/api/v1/actions/reset", json={"gracefulTimeout": 1})
    answer = await world.client.post("/api/v1/actions/reset", data=(GOLDEN / "reset_request.json").read_bytes())
    [(member, text)], [(printed_member, printed)] = in_order(answer.body), golden("reset_409.json")
    assert (answer.status, answer.headers["content-type"], member) == (409, "application/json", printed_member)
    assert text.startswith(printed.removesuffix("HA synchronization"))


async def test_saving_answers_200_without_a_body(world: World) -> None:
    answer = await world.client.post("/api/v1/actions/saveConfiguration")
    assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")


async def test_the_status_begins_with_the_printed_members_in_their_order(world: World) -> None:
    answer = await world.client.get("/api/v1/status")
    shown, printed = in_order(answer.body), golden("status.json")
    assert [name for name, _ in shown][: len(printed)] == [name for name, _ in printed]
    for (name, value), (_, example) in zip(shown, printed, strict=False):
        assert re.fullmatch(FORMS.get(name, re.escape(str(example))), value), name
