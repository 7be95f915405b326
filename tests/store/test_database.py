"""Units of work, on both databases."""

import asyncio

import pytest
from tests.keys import KEYS
from tests.store.direct import count
from tests.store.making import event

from busyout.domain.errors import InvalidValue, NotPermitted, StoreUnavailable
from busyout.store import Store, open_store
from busyout.store.appending import append_events
from busyout.store.database import Connection, Database

pytestmark = pytest.mark.anyio


class Surprise(BaseException):
    """Something that no handler expects."""


@pytest.mark.parametrize("error", [NotPermitted("no"), ZeroDivisionError("bug"), Surprise()])
async def test_what_a_unit_raises_reaches_its_caller_and_nothing_stays(
    database: Database, store_url: str, error: BaseException
) -> None:
    def unit(connection: Connection) -> None:
        append_events(connection, (event(),))
        raise error

    with pytest.raises(type(error)):
        await database.run(unit)
    assert count(store_url, "events") == 0
    (stored,) = await database.run(lambda connection: append_events(connection, (event(),)))
    assert stored.id == 1


async def test_a_cancelled_wait_harms_nobody(store: Store) -> None:
    tasks = [asyncio.create_task(store.events.append((event(),))) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(outcome, asyncio.CancelledError) for outcome in outcomes[::2])
    ids = [happened.id for happened in await store.events.since(0, limit=100)]
    assert {outcome[0].id for outcome in outcomes[1::2] if isinstance(outcome, tuple)} <= set(ids)
    assert ids == list(range(1, len(ids) + 1))


async def test_what_was_asked_before_the_close_is_done(store: Store, store_url: str) -> None:
    tasks = [asyncio.create_task(store.events.append((event(),))) for _ in range(20)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*tasks)
    assert count(store_url, "events") == 20


async def test_a_closed_store_says_so(store: Store) -> None:
    await store.close()
    await store.close()
    with pytest.raises(StoreUnavailable):
        await store.events.append((event(),))
    with pytest.raises(StoreUnavailable):
        await store.events.since(0, limit=1)
    with pytest.raises(StoreUnavailable):
        await store.operations.find("any")


async def test_what_one_store_wrote_another_reads(store: Store, store_url: str) -> None:
    stored = await store.events.append((event(),))
    later = open_store(store_url, KEYS)
    assert await later.events.since(0, limit=10) == stored
    await later.close()


@pytest.mark.parametrize("url", ["", "sqlite://", "sqlite:///", "mysql://localhost/x", "busyout.db"])
def test_an_url_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(InvalidValue):
        open_store(url, KEYS)
