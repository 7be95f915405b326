"""The event log."""

import asyncio

import pytest
from tests.store.direct import count
from tests.store.making import event

from busyout.store import Store

pytestmark = pytest.mark.anyio


async def test_events_get_ids_in_order_and_come_back_as_they_were(store: Store) -> None:
    assert await store.events.last_id() == 0
    stored = await store.events.append((event("element.added"), event("element.state", element="")))
    assert [happened.id for happened in stored] == [1, 2]
    assert await store.events.append(()) == ()
    assert await store.events.since(0, limit=10) == stored
    assert await store.events.since(1, limit=10) == stored[1:]
    assert await store.events.since(0, limit=1) == stored[:1]
    assert await store.events.last_id() == 2


async def test_trim_keeps_the_newest(store: Store, store_url: str) -> None:
    stored = await store.events.append(tuple(event() for _ in range(30)))
    await store.events.trim(keep=40)
    assert count(store_url, "events") == 30
    await store.events.trim(keep=10)
    assert await store.events.since(0, limit=100) == stored[20:]


async def test_an_id_is_never_given_twice_even_when_all_are_trimmed(store: Store) -> None:
    await store.events.append((event(), event()))
    await store.events.trim(keep=0)
    assert await store.events.since(0, limit=10) == ()
    assert await store.events.last_id() == 2
    (later,) = await store.events.append((event(),))
    assert later.id == 3


async def test_trim_removes_more_than_one_slice(store: Store, store_url: str) -> None:
    await store.events.append(tuple(event() for _ in range(10_500)))
    await store.events.trim(keep=100)
    assert count(store_url, "events") == 100


async def test_a_reader_never_sees_an_event_before_an_earlier_one(store: Store, second_store: Store) -> None:
    seen: list[int] = []

    async def write(writer: Store) -> None:
        for _ in range(30):
            await writer.events.append((event(), event()))

    async def follow() -> None:
        while len(seen) < 240:
            seen.extend(happened.id for happened in await store.events.since(seen[-1] if seen else 0, limit=50))

    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(follow())
        for writer in (store, second_store, store, second_store):
            tasks.create_task(write(writer))
    assert seen == list(range(1, 241))
