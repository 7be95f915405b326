"""The claim of an element: one unsettled operation per lane, journalled whole or not at all."""

import asyncio
from collections.abc import Awaitable

import pytest
from msgspec.structs import replace
from tests.store.direct import count
from tests.store.making import RECORD, key, operation

from busyout.domain.audit import first_broken
from busyout.domain.commands import Drain
from busyout.domain.drain import Within
from busyout.domain.errors import ElementBusy, InvalidValue, KeyReused
from busyout.domain.operation import Operation, OperationState
from busyout.store import Store

pytestmark = pytest.mark.anyio

WRITTEN = ("operations", "idempotency_keys", "audit", "events")


async def outcome(claim: Awaitable[Operation]) -> Operation | ElementBusy:
    """What became of a claim."""
    try:
        return await claim
    except ElementBusy as error:
        return error


def settled(claimed: Operation) -> Operation:
    return replace(claimed, state=OperationState.SUCCEEDED, settled_at=2000.0)


async def test_a_claim_journals_operation_key_audit_and_event_together(store: Store, store_url: str) -> None:
    claimed = operation()
    assert await store.operations.claim(claimed, key=key(), audit=RECORD) == claimed
    assert await store.operations.find(claimed.id) == claimed
    assert [count(store_url, table) for table in WRITTEN] == [1, 1, 1, 1]
    (started,) = await store.events.since(0, limit=10)
    assert (started.type, started.operation, started.element) == ("operation.started", claimed.id, "sbc")
    assert (started.at, started.data["command"]) == (claimed.created_at, "drain")
    (entry,) = await store.audit.since(0, limit=10)
    assert entry.record == RECORD


async def test_a_second_claim_is_refused_and_names_the_holder(store: Store) -> None:
    holder = await store.operations.claim(operation(), key=None, audit=RECORD)
    with pytest.raises(ElementBusy) as refusal:
        await store.operations.claim(operation(), key=None, audit=RECORD)
    assert refusal.value.holder == holder.id
    assert holder.id in refusal.value.message


async def test_a_refused_claim_leaves_nothing(store: Store, store_url: str) -> None:
    await store.operations.claim(operation(), key=None, audit=RECORD)
    before = [count(store_url, table) for table in WRITTEN]
    with pytest.raises(ElementBusy):
        await store.operations.claim(operation(), key=key(), audit=RECORD)
    assert [count(store_url, table) for table in WRITTEN] == before
    assert await store.events.last_id() == 1


async def test_lanes_and_elements_are_held_apart(store: Store) -> None:
    await store.operations.claim(operation("sbc"), key=None, audit=RECORD)
    await store.operations.claim(operation("sbc", lane="content"), key=None, audit=RECORD)
    await store.operations.claim(operation("media"), key=None, audit=RECORD)
    assert len(await store.operations.unsettled()) == 3


async def test_an_element_is_free_again_once_its_operation_has_settled(store: Store) -> None:
    first = await store.operations.claim(operation(), key=None, audit=RECORD)
    await store.operations.record(settled(first), ())
    second = await store.operations.claim(operation(), key=None, audit=RECORD)
    assert [found.id for found in await store.operations.unsettled()] == [second.id]


async def test_a_repeated_key_returns_the_earlier_operation_as_it_is_now(store: Store, store_url: str) -> None:
    first = await store.operations.claim(operation(), key=key(), audit=RECORD)
    done = settled(first)
    await store.operations.record(done, ())
    assert await store.operations.claim(operation(), key=key(), audit=RECORD) == done
    assert [count(store_url, table) for table in WRITTEN] == [1, 1, 1, 1]


async def test_a_key_is_not_used_for_another_request(store: Store) -> None:
    await store.operations.claim(operation(), key=key(), audit=RECORD)
    with pytest.raises(KeyReused):
        await store.operations.claim(operation("media"), key=key(fingerprint="other"), audit=RECORD)
    assert len(await store.operations.unsettled()) == 1


async def test_the_key_of_a_refused_claim_can_be_used_again(store: Store) -> None:
    holder = await store.operations.claim(operation(), key=None, audit=RECORD)
    with pytest.raises(ElementBusy):
        await store.operations.claim(operation(), key=key(), audit=RECORD)
    await store.operations.record(settled(holder), ())
    second = operation()
    assert await store.operations.claim(second, key=key(), audit=RECORD) == second


async def test_a_command_that_could_not_be_read_back_is_refused(store: Store, store_url: str) -> None:
    endless = operation(command=Drain(policy=Within(float("inf"))))
    with pytest.raises(InvalidValue):
        await store.operations.claim(endless, key=None, audit=RECORD)
    assert count(store_url, "operations") == 0


async def test_of_many_claims_at_once_one_wins_on_each_element(store: Store, second_store: Store) -> None:
    asked = [operation(f"element-{number % 5}") for number in range(60)]
    stores = (store, second_store)
    outcomes = await asyncio.gather(
        *(
            outcome(stores[place // 5 % 2].operations.claim(claim, key=None, audit=RECORD))
            for place, claim in enumerate(asked)
        )
    )
    winners = {won.element: won.id for won in outcomes if isinstance(won, Operation)}
    assert sorted(winners) == [f"element-{number}" for number in range(5)]
    assert sum(isinstance(won, Operation) for won in outcomes) == 5
    holders = {lost.holder for lost in outcomes if isinstance(lost, ElementBusy)}
    assert holders == set(winners.values())
    assert {found.id for found in await second_store.operations.unsettled()} == set(winners.values())
    entries = await store.audit.since(0, limit=100)
    assert len(entries) == 5
    assert first_broken(entries, after=None) is None


async def test_of_equal_requests_at_once_all_get_the_same_operation(store: Store, second_store: Store) -> None:
    answers = await asyncio.gather(
        *(
            chosen.operations.claim(operation(), key=key(), audit=RECORD)
            for _ in range(10)
            for chosen in (store, second_store)
        )
    )
    assert len({answer.id for answer in answers}) == 1
