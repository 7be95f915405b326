"""The alarm list."""

import asyncio

import pytest
from msgspec.structs import replace
from tests.keys import KEYS
from tests.store.direct import ask, count
from tests.store.making import alarm, event

from busyout.domain.alarm import Severity
from busyout.store import Store, open_store
from busyout.store.tables.alarms import CLEARED_KEPT

pytestmark = pytest.mark.anyio


async def test_a_raised_alarm_is_active_and_told(store: Store) -> None:
    raised, stored = await store.alarms.raise_(alarm(), event("alarm.raised"))
    assert raised == replace(alarm(), id=raised.id)
    assert raised.id > 0
    assert await store.alarms.active(after=0, limit=10) == (raised,)
    assert await store.events.since(0, limit=10) == (stored,)


async def test_an_active_alarm_is_not_raised_twice(store: Store) -> None:
    raised, _ = await store.alarms.raise_(alarm(), event())
    again = replace(alarm(), severity=Severity.CRITICAL, text="worse")
    assert await store.alarms.raise_(again, event()) == (raised, None)
    assert await store.events.last_id() == 1


async def test_a_cleared_alarm_can_be_raised_anew(store: Store) -> None:
    first, _ = await store.alarms.raise_(alarm(), event())
    (told,) = await store.alarms.clear(first.element, first.source, first.name, at=8.5)
    assert (told.type, told.element, told.at, told.data["id"]) == ("alarm.cleared", "sbc", 8.5, first.id)
    assert await store.events.since(1, limit=10) == (told,)
    assert await store.alarms.active(after=0, limit=10) == ()
    assert await store.alarms.clear(first.element, first.source, first.name, at=9.5) == ()
    second, _ = await store.alarms.raise_(alarm(), event())
    assert second.id > first.id
    assert await store.alarms.active(after=0, limit=10) == (second,)


async def test_active_alarms_come_in_pages_by_id(store: Store) -> None:
    raised = [(await store.alarms.raise_(alarm(f"alarm {number}"), event()))[0] for number in range(7)]
    await store.alarms.clear("sbc", raised[0].source, "alarm 3", at=9.0)
    left = [known for known in raised if known.name != "alarm 3"]
    first = await store.alarms.active(after=0, limit=4)
    second = await store.alarms.active(after=first[-1].id, limit=4)
    assert [*first, *second] == left


async def test_of_one_alarm_raised_by_many_one_is_kept(store: Store, second_store: Store) -> None:
    outcomes = await asyncio.gather(
        *(chosen.alarms.raise_(alarm(), event()) for _ in range(10) for chosen in (store, second_store))
    )
    assert len({raised.id for raised, _ in outcomes}) == 1
    assert sum(told is not None for _, told in outcomes) == 1
    assert await store.events.last_id() == 1


async def test_raising_and_clearing_at_once_ends_for_everybody(store: Store, second_store: Store) -> None:
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        for _ in range(20):
            for chosen in (store, second_store):
                tasks.create_task(chosen.alarms.raise_(alarm(), event()))
                tasks.create_task(chosen.alarms.clear("sbc", alarm().source, alarm().name, at=1.0))
    assert len(await store.alarms.active(after=0, limit=10)) <= 1


async def test_pages_of_active_alarms_use_an_index(sqlite_url: str) -> None:
    await open_store(sqlite_url, KEYS).close()
    query = "SELECT * FROM alarms WHERE cleared_at IS NULL AND id > 5 ORDER BY id LIMIT 20"
    (step,) = ask(sqlite_url, f"EXPLAIN QUERY PLAN {query}")
    assert "SEARCH alarms USING INDEX ix_alarms_active (id>?)" in step[3]


async def test_cleared_alarms_do_not_pile_up(store: Store, store_url: str) -> None:
    lasting, _ = await store.alarms.raise_(alarm("lasting"), event())
    ask(store_url, CLEARED.format(number=10 * CLEARED_KEPT))
    await store.alarms.raise_(alarm(), event())
    await store.alarms.clear("sbc", alarm().source, alarm().name, at=9.0)
    assert count(store_url, "alarms") == CLEARED_KEPT + 1
    assert await store.alarms.active(after=0, limit=10) == (lasting,)


CLEARED = """
    WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < {number})
    INSERT INTO alarms (element, source, name, severity, probable_cause, text, raised_at, cleared_at)
    SELECT 'sbc', '', 'old', 'minor', '', '', 1.0, 2.0 FROM counting
"""
