"""Server-sent events: in order, from where the reader left off, with a heartbeat, ended with the server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aiohttp
import pytest
from tests.client import Client
from tests.world import World

from busyout.domain.commands import Commit
from busyout.http.stream import HEARTBEAT
from busyout.services.events import MAX_STREAMS_OF_ONE

pytestmark = pytest.mark.anyio

EVENTS = "/v1/events"


class Stream:
    """One reader; heartbeats count only where they are asked for."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def block(self) -> dict[str, str]:
        """The next event, by field; a comment has the empty field."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(10):
            while line := (await self.response.content.readline()).decode().rstrip("\n"):
                name, _, value = line.partition(":")
                fields[name] = value.removeprefix(" ")
        return fields

    async def until(self, kind: str) -> list[dict[str, str]]:
        """Events up to the first of that type."""
        found: list[dict[str, str]] = []
        while not found or found[-1]["event"] != kind:
            block = await self.block()
            found += [block] if "event" in block else []
        return found


@asynccontextmanager
async def reading(
    world: World, path: str = EVENTS, *, client: Client | None = None, **headers: str
) -> AsyncIterator[Stream]:
    session = await (client or world.client).session()
    async with session.get(
        path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    ) as response:
        assert (response.status, response.content_type) == (200, "text/event-stream")
        yield Stream(response)


def told(block: dict[str, str]) -> Any:
    return json.loads(block["data"])


async def test_an_operation_is_told_from_start_to_end_while_it_happens(world: World) -> None:
    async with reading(world) as stream:
        operation = await world.done(Commit())
        blocks = await stream.until("operation.settled")
    events = [told(block) for block in blocks]
    assert {event["operation"] for event in events if event["type"].startswith("operation")} == {operation.id}
    assert events[0]["type"] == "operation.started"
    ids = [int(block["id"]) for block in blocks if "id" in block]
    assert ids == sorted(set(ids))
    assert all(block["event"] == told(block)["type"] for block in blocks)


async def test_a_reader_that_comes_back_gets_what_it_missed(world: World) -> None:
    await world.done(Commit())
    async with reading(world, f"{EVENTS}?after=0") as stream:
        everything = await stream.until("operation.settled")
    middle = everything[len(everything) // 2]["id"]
    async with reading(world, Last_Event_ID=middle) as stream:
        missed = await stream.until("operation.settled")
    assert missed == everything[len(everything) // 2 + 1 :]


async def test_progress_has_no_id_and_is_not_replayed(world: World) -> None:
    world.sbc.call(seconds=30)
    async with reading(world) as stream:
        answer = await world.client.post("/v1/elements/sbc/operations", json={"type": "drain"})
        await world.settled(answer.json()["id"])
        blocks = await stream.until("operation.settled")
    progress = [block for block in blocks if block["event"] == "operation.progress"]
    assert progress != []
    assert [block for block in progress if "id" in block] == []
    async with reading(world, f"{EVENTS}?after=0") as stream:
        assert "operation.progress" not in {block["event"] for block in await stream.until("operation.settled")}


async def test_silence_is_broken_by_a_comment(world: World) -> None:
    async with reading(world) as stream:
        await world.clock.advance(HEARTBEAT + 0.1)
        assert "" in await stream.block()


async def test_a_stream_ends_at_once_when_the_server_stops(world: World) -> None:
    async with reading(world) as stream:
        world.services.events.close()
        async with asyncio.timeout(2):
            assert await stream.response.content.read() == b""


async def test_a_position_that_is_none_is_refused(world: World) -> None:
    for value in ("abc", "-1", "1.5", "9" * 40):
        assert (await world.client.get(EVENTS, params={"after": value})).status == 400, value
        assert (await world.client.get(EVENTS, headers={"Last-Event-ID": value})).status == 400, value


async def until_room(client: Client) -> None:
    """Wait until another stream is let in, without any time of the server's passing."""
    async with asyncio.timeout(10):
        session = await client.session()
        while True:
            async with session.get(EVENTS) as response:
                if response.status == 200:
                    return
            await asyncio.sleep(0.01)


async def test_an_operator_has_so_many_streams_and_a_closed_one_frees_its_place_at_once(world: World) -> None:
    async with AsyncExitStack() as streams:
        for _ in range(MAX_STREAMS_OF_ONE - 1):
            await streams.enter_async_context(reading(world))
        async with reading(world) as last:
            refused = await world.client.get(EVENTS)
            assert (refused.status, refused.json()["type"]) == (429, "urn:busyout:problem:too-many-streams")
            assert int(refused.headers["retry-after"]) > 0
            assert (await world.client.request("HEAD", EVENTS)).status == 429
            async with reading(world, client=world.client_of("watcher")):
                pass
            last.response.close()
        await until_room(world.client)


async def test_a_question_for_the_head_of_a_stream_takes_no_place(world: World) -> None:
    for _ in range(MAX_STREAMS_OF_ONE + 1):
        assert (await world.client.request("HEAD", EVENTS)).status == 200
