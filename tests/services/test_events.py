"""Reading along: from any point, in order, without gaps, to the end."""

import asyncio

import pytest
from tests.world import World

from busyout.domain.commands import Commit, Drain
from busyout.domain.drain import UntilIdle
from busyout.domain.errors import TooManyStreams
from busyout.domain.event import Event
from busyout.services.events import BACKLOG, MAX_STREAMS, MAX_STREAMS_OF_ONE

pytestmark = pytest.mark.anyio


async def read(world: World, into: list[Event], *, after: int | None) -> None:
    """Read along into a list until the stream ends."""
    async for event in world.services.events.stream("admin", after=after):
        into.append(event)


async def caught_up(world: World, events: list[Event]) -> None:
    """Wait until a reader has what is in the log."""
    newest = (await world.services.events.since(0, limit=100_000))[-1].id
    async with asyncio.timeout(10):
        while not events or max(event.id for event in events) < newest:
            await asyncio.sleep(0.01)


async def test_a_reader_is_told_what_was_missed_and_then_what_happens_without_gaps(world: World) -> None:
    await world.done(Commit())
    events: list[Event] = []
    reading = asyncio.create_task(read(world, events, after=0))
    await world.done(Commit())
    await caught_up(world, events)
    stored = [event.id for event in events if event.id]
    assert stored == list(range(1, len(stored) + 1))
    world.services.events.close()
    await reading


async def test_a_reader_without_a_point_begins_now(world: World) -> None:
    await world.done(Commit())
    newest = (await world.services.events.since(0, limit=1000))[-1].id
    events: list[Event] = []
    reading = asyncio.create_task(read(world, events, after=None))
    await asyncio.sleep(0)
    await world.done(Commit())
    await caught_up(world, events)
    assert min(event.id for event in events if event.id) == newest + 1
    world.services.events.close()
    await reading


async def test_progress_is_told_and_not_kept(world: World) -> None:
    events: list[Event] = []
    reading = asyncio.create_task(read(world, events, after=None))
    await asyncio.sleep(0)
    world.sbc.call(seconds=10)
    await world.done(Drain(UntilIdle()))
    await caught_up(world, events)
    assert {event.id for event in events if event.type == "operation.progress"} == {0}
    kept = await world.services.events.since(0, limit=1000)
    assert "operation.progress" not in {event.type for event in kept}
    world.services.events.close()
    await reading


async def test_a_slow_reader_loses_nothing_that_is_kept(world: World) -> None:
    events = world.services.events
    stream = events.stream("admin", after=None)
    first = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    await events.append(*(events.new("test", number=number) for number in range(BACKLOG * 2)))
    got = [await first]
    async with asyncio.timeout(20):
        while len(got) < BACKLOG * 2:
            got.append(await anext(stream))
    assert [event.data["number"] for event in got] == list(range(BACKLOG * 2))
    await stream.aclose()


async def test_events_of_another_server_are_told_in_order(world: World) -> None:
    events: list[Event] = []
    reading = asyncio.create_task(read(world, events, after=None))
    await asyncio.sleep(0)
    await world.store.events.append((world.services.events.new("elsewhere"),))
    await world.services.events.append(world.services.events.new("here"))
    await caught_up(world, events)
    assert [event.type for event in events if event.type in ("elsewhere", "here")] == ["elsewhere", "here"]
    world.services.events.close()
    await reading


async def test_all_operators_together_have_so_many_streams(world: World) -> None:
    events = world.services.events
    operators = MAX_STREAMS // MAX_STREAMS_OF_ONE
    streams = [events.stream(f"operator{number % operators}", after=None) for number in range(MAX_STREAMS + 1)]
    reading = [asyncio.ensure_future(anext(stream, None)) for stream in streams]
    await asyncio.wait(reading, return_when=asyncio.FIRST_COMPLETED)
    assert [number for number, read in enumerate(reading) if read.done()] == [MAX_STREAMS]
    with pytest.raises(TooManyStreams, match=str(MAX_STREAMS)):
        events.stream("watcher", after=None)
    events.close()
    await asyncio.wait(reading)
