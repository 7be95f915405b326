"""Monitors and the counters of their numbers."""

import asyncio

import pytest
from msgspec.structs import replace
from tests.store.direct import count
from tests.store.making import RECORD, operation

from busyout.domain.operation import Operation, OperationState
from busyout.store import Store

pytestmark = pytest.mark.anyio

INSTALL = "pg_mgr/install/install"


async def running(store: Store, element: str = "sbc") -> Operation:
    """An operation that holds an element."""
    return await store.operations.claim(operation(element), key=None, audit=RECORD)


async def settled(store: Store, *, at: float) -> Operation:
    """An operation that is over."""
    over = replace(await running(store), state=OperationState.SUCCEEDED, settled_at=at)
    await store.operations.record(over, ())
    return over


async def test_numbers_count_from_one_in_each_collection(store: Store) -> None:
    known = await running(store)
    for number in (1, 2):
        opened = await store.monitors.open(INSTALL, known.id, tenant="", kept=10)
        assert (opened.number, opened.operation) == (number, known.id)
    assert (await store.monitors.open("pg_mgr/install/update", known.id, tenant="", kept=10)).number == 1
    assert await store.monitors.find(INSTALL, 2) == opened
    assert await store.monitors.find(INSTALL, 3) is None


async def test_a_deleted_number_is_known_as_given_and_never_given_again(store: Store, second_store: Store) -> None:
    known = await running(store)
    await store.monitors.open(INSTALL, known.id, tenant="", kept=10)
    assert [await store.monitors.delete(INSTALL, number, tenant="") for number in (1, 1, 2, 0)] == [
        True,
        True,
        False,
        False,
    ]
    assert await store.monitors.find(INSTALL, 1) is None
    assert (await second_store.monitors.open(INSTALL, known.id, tenant="", kept=10)).number == 2
    assert not await store.monitors.delete("nothing", 1, tenant="")


async def test_many_at_once_get_different_numbers(store: Store, second_store: Store) -> None:
    known = await running(store)
    opened = await asyncio.gather(
        *(
            each.monitors.open(INSTALL, known.id, tenant="", kept=100)
            for each in (store, second_store)
            for _ in range(10)
        )
    )
    assert sorted(monitor.number for monitor in opened) == list(range(1, 21))


async def test_ten_times_the_bound_are_no_more_than_the_bound(store: Store, store_url: str) -> None:
    over, busy = await settled(store, at=1.0), await running(store)
    for _ in range(20):
        for known in (over, busy):
            await store.monitors.open(INSTALL, known.id, tenant="", kept=4)
    assert count(store_url, "monitors") <= 8
    known = [await store.monitors.find(INSTALL, number) is not None for number in range(1, 41)]
    assert known == [False] * 32 + [True] * 8
    assert (await store.monitors.open(INSTALL, busy.id, tenant="", kept=4)).number == 41


async def test_a_monitor_expires_by_the_end_of_its_operation(store: Store) -> None:
    for known in (await settled(store, at=10.0), await settled(store, at=20.0), await running(store)):
        await store.monitors.open(INSTALL, known.id, tenant="", kept=10)
    await store.monitors.expire(settled_before=15.0)
    assert [await store.monitors.find(INSTALL, number) is not None for number in (1, 2, 3)] == [False, True, True]
    assert await store.monitors.delete(INSTALL, 1, tenant="")


async def test_a_monitor_goes_with_its_operation(store: Store) -> None:
    known = await settled(store, at=10.0)
    await store.monitors.open(INSTALL, known.id, tenant="", kept=10)
    await store.operations.purge(settled_before=11.0, limit=10)
    assert await store.monitors.find(INSTALL, 1) is None


async def test_a_monitor_is_removed_by_its_tenant_only_or_by_who_sees_every_tenant(store: Store) -> None:
    known = await running(store)
    for tenant in ("one", "one", ""):
        await store.monitors.open(INSTALL, known.id, tenant=tenant, kept=10)
    asked = [(1, "two"), (1, "one"), (1, "two"), (2, ""), (3, "one"), (3, "")]
    removed = [await store.monitors.delete(INSTALL, number, tenant=tenant) for number, tenant in asked]
    assert removed == [False, True, True, True, False, True]
