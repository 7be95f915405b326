"""The audit trail and its chain of hashes."""

import asyncio

import pytest
from msgspec.structs import replace
from tests.clock import ManualClock
from tests.store.direct import ask
from tests.store.making import RECORD, revision

from busyout.domain.audit import AuditEntry, first_broken
from busyout.domain.configuration.datastore import Datastore
from busyout.services.audit import Audit
from busyout.store import Store

pytestmark = pytest.mark.anyio

AWKWARD = (
    {"z": 1, "a": {"y": 1.0, "b": [1e300, -0.0, 0.1]}},
    revision().tables,
    {10: "ten", 2: "two"},
    Datastore.RUNNING,
    "text with \0, ö, \u2028 and \U0001f4de",
    float("inf"),
    2**63,
    None,
)


async def trail(store: Store) -> tuple[AuditEntry, ...]:
    return await store.audit.since(0, limit=1000)


async def test_the_chain_holds_after_reading_back_whatever_was_recorded(store: Store) -> None:
    appended = [await store.audit.append(replace(RECORD, before=value, after=[value])) for value in AWKWARD]
    entries = await trail(store)
    assert entries == tuple(appended)
    assert [entry.id for entry in entries] == list(range(1, len(AWKWARD) + 1))
    assert first_broken(entries, after=None) is None


async def test_pages_of_the_trail_continue_the_chain(store: Store) -> None:
    for number in range(5):
        await store.audit.append(replace(RECORD, after=number))
    first = await store.audit.since(0, limit=2)
    rest = await store.audit.since(first[-1].id, limit=10)
    assert [entry.record.after for entry in first + rest] == [0, 1, 2, 3, 4]
    assert first_broken(rest, after=first[-1]) is None


async def test_the_chain_holds_when_two_servers_append_at_once(store: Store, second_store: Store) -> None:
    await asyncio.gather(*(chosen.audit.append(RECORD) for _ in range(25) for chosen in (store, second_store)))
    entries = await trail(second_store)
    assert [entry.id for entry in entries] == list(range(1, 51))
    assert first_broken(entries, after=None) is None


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        ("UPDATE audit SET record = replace(record, 'ann', 'bob') WHERE id = 3", 3),
        ("UPDATE audit SET record = 'unreadable' WHERE id = 3", 3),
        ("UPDATE audit SET hash = 'ff' WHERE id = 3", 3),
        ("DELETE FROM audit WHERE id = 3", 4),
        ("DELETE FROM audit WHERE id = 1", 2),
        ("DELETE FROM audit WHERE id = 5", 6),
    ],
)
async def test_tampering_is_found(store: Store, store_url: str, tampering: str, broken: int) -> None:
    for _ in range(5):
        await store.audit.append(RECORD)
    ask(store_url, tampering)
    await store.audit.append(RECORD)
    entry = first_broken(await trail(store), after=None)
    assert entry is not None
    assert entry.id == broken


@pytest.mark.parametrize(
    ("tampering", "held"),
    [
        (("UPDATE audit SET id = 100 WHERE id = 5",), 4),
        (("UPDATE audit SET id = id + 10 WHERE id > 2",), 2),
        (("UPDATE audit SET id = -1 WHERE id = 1",), 0),
        (("DELETE FROM audit WHERE id = 5", "UPDATE audit SET id = 5 WHERE id = 4"), 3),
        (("DELETE FROM audit WHERE id = 1", "UPDATE audit SET id = 1 WHERE id = 2"), 0),
        (
            (
                "UPDATE audit SET id = 99 WHERE id = 3",
                "UPDATE audit SET id = 3 WHERE id = 4",
                "UPDATE audit SET id = 4 WHERE id = 99",
            ),
            2,
        ),
        (("UPDATE log_heads SET last_id = 4 WHERE name = 'audit'",), 3),
        (("UPDATE log_heads SET last_hash = 'ff' WHERE name = 'audit'",), 4),
    ],
)
async def test_entries_with_other_numbers_are_found(
    store: Store, store_url: str, tampering: tuple[str, ...], held: int
) -> None:
    audit = Audit(store.audit, ManualClock())
    for number in range(5):
        await store.audit.append(replace(RECORD, after=number))
    for statement in tampering:
        ask(store_url, statement)
    intact, broken = await audit.verify()
    assert (intact, broken is not None) == (held, True)


@pytest.mark.parametrize(("tampering", "held"), [("id = 5", 4), ("id > 2", 2), ("id > 0", 0)])
async def test_entries_taken_from_the_end_are_missed(store: Store, store_url: str, tampering: str, held: int) -> None:
    audit = Audit(store.audit, ManualClock())
    assert await audit.verify() == (0, None)
    for _ in range(5):
        await store.audit.append(RECORD)
    assert await audit.verify() == (5, None)
    ask(store_url, f"DELETE FROM audit WHERE {tampering}")
    intact, broken = await audit.verify()
    assert (intact, broken is not None and broken.id) == (held, held + 1)
