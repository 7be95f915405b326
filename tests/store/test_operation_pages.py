"""Operations, many at a time."""

import asyncio

import pytest
from msgspec.structs import replace
from tests.store.direct import ask, count
from tests.store.making import RECORD, key, operation

from busyout.domain.operation import Operation, OperationState
from busyout.domain.page import OperationQuery
from busyout.store import Store

pytestmark = pytest.mark.anyio


async def settle(store: Store, claimed: Operation, *, at: float) -> Operation:
    done = replace(claimed, state=OperationState.SUCCEEDED, settled_at=at)
    await store.operations.record(done, ())
    return done


async def journal(store: Store, number: int) -> list[Operation]:
    """Operations 0, 1, 2, … on elements of their own, the even ones settled at their number."""
    claims = []
    for place in range(number):
        claims.append(await store.operations.claim(operation(f"element-{place}"), key=key(f"{place}"), audit=RECORD))
    await asyncio.gather(*(settle(store, claims[place], at=float(place)) for place in range(0, number, 2)))
    return claims


async def ids(store: Store, query: OperationQuery) -> list[str]:
    return [found.id for found in await store.operations.page(query)]


async def test_pages_are_newest_first_and_meet_without_gap(store: Store) -> None:
    expected = [claimed.id for claimed in reversed(await journal(store, 25))]
    seen: list[str] = []
    while page := await ids(store, OperationQuery(before=seen[-1] if seen else None, limit=10)):
        seen += page
    assert seen == expected


async def test_pages_can_be_of_one_element_and_of_one_state(store: Store) -> None:
    claims = await journal(store, 6)
    names = [claimed.id for claimed in claims]
    assert await ids(store, OperationQuery(settled=True)) == [names[4], names[2], names[0]]
    assert await ids(store, OperationQuery(settled=False)) == [names[5], names[3], names[1]]
    assert await ids(store, OperationQuery(settled=False, before=names[5], limit=1)) == [names[3]]
    assert await ids(store, OperationQuery(element="element-2")) == [names[2]]
    assert await ids(store, OperationQuery(element="element-2", settled=False)) == []
    assert await ids(store, OperationQuery(element="element-2", before=names[2])) == []


async def test_a_page_begins_at_its_key_however_many_rows_are_newer(store: Store, store_url: str) -> None:
    (first, second) = await journal(store, 2)
    ask(store_url, COPIES)
    deep = OperationQuery(before=second.id, limit=10)
    assert await ids(store, deep) == [first.id]
    newest = await store.operations.page(OperationQuery(limit=2))
    assert [found.id for found in newest] == ["copy-20000", "copy-19999"]
    if store_url.startswith("sqlite"):
        plan = ask(store_url, "EXPLAIN QUERY PLAN SELECT id FROM operations WHERE number < 3 ORDER BY number DESC")
        assert "USING INTEGER PRIMARY KEY" in plan[0][3]


COPIES = """
    WITH RECURSIVE counting(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counting WHERE n < 20000)
    INSERT INTO operations (id, element, lane, command, actor, face, created_at, retry_of, state, settled, steps,
                            started_at, settled_at, reason, cancel, force, extended)
    SELECT 'copy-' || n, 'copy-' || n, lane, command, actor, face, created_at, retry_of, state, settled, steps,
           started_at, settled_at, reason, cancel, force, extended
    FROM operations, counting WHERE operations.number = 1 ORDER BY n
"""


async def test_the_unsettled_come_oldest_first(store: Store) -> None:
    claims = await journal(store, 5)
    assert await store.operations.unsettled() == (claims[1], claims[3])


async def test_purge_removes_old_settled_operations_and_their_keys_only(store: Store, store_url: str) -> None:
    claims = await journal(store, 6)
    assert await store.operations.purge(settled_before=3.0, limit=10) == (claims[0].id, claims[2].id)
    assert await store.operations.purge(settled_before=3.0, limit=10) == ()
    assert await ids(store, OperationQuery()) == [claims[place].id for place in (5, 4, 3, 1)]
    assert count(store_url, "idempotency_keys") == 4
    again = operation("element-0")
    assert await store.operations.claim(again, key=key("0"), audit=RECORD) == again


async def test_purge_takes_the_oldest_and_no_more_than_its_limit(store: Store) -> None:
    claims = await journal(store, 8)
    assert set(await store.operations.purge(settled_before=1e9, limit=3)) == {claims[n].id for n in (0, 2, 4)}
    assert await store.operations.purge(settled_before=1e9, limit=3) == (claims[6].id,)
    assert len(await store.operations.unsettled()) == 4
