"""The row that all servers agree on, what each has confirmed, and the fence around the work in a mode."""

import asyncio
import threading

import psycopg
import pytest

from busyout.domain.context.errors import ModeNotAllowed, ModeSwitching
from busyout.domain.mode import Confirmation, Mode, ModeRow
from busyout.store import Store
from busyout.store.database import Connection, Database
from busyout.store.opening import open_database
from busyout.store.tables.modes import LOCK, ModeTable, hold_mode

pytestmark = pytest.mark.anyio

PRODUCTION, MAINTENANCE = Mode.PRODUCTION, Mode.MAINTENANCE
NOBODY: frozenset[str] = frozenset()


async def test_the_first_server_decides_where_to_begin(store: Store, second_store: Store) -> None:
    assert await store.modes.open(MAINTENANCE) == ModeRow(mode=MAINTENANCE, generation=1)
    assert await second_store.modes.open(PRODUCTION) == ModeRow(mode=MAINTENANCE, generation=1)


async def test_a_switch_is_begun_once_and_may_move_its_deadline(store: Store) -> None:
    await store.modes.open(PRODUCTION)
    begun = await store.modes.begin(MAINTENANCE, operation="a", deadline=5.0)
    assert begun == ModeRow(mode=PRODUCTION, generation=2, switching_to=MAINTENANCE, operation="a", deadline=5.0)
    later = await store.modes.begin(MAINTENANCE, operation="a", deadline=9.0)
    assert (later.generation, later.deadline) == (2, 9.0)
    assert await store.modes.read() == later


async def test_a_mode_that_holds_is_not_begun(store: Store) -> None:
    row = await store.modes.open(PRODUCTION)
    assert await store.modes.begin(PRODUCTION, operation="a", deadline=None) == row


async def test_what_another_operation_left_behind_is_replaced(store: Store) -> None:
    await store.modes.open(PRODUCTION)
    await store.modes.begin(MAINTENANCE, operation="a", deadline=None)
    replaced = await store.modes.begin(MAINTENANCE, operation="b", deadline=None)
    assert (replaced.generation, replaced.operation) == (3, "b")
    assert (await store.modes.keep(operation="a")) == replaced


async def test_who_has_given_up_does_not_begin_again(store: Store) -> None:
    await store.modes.open(PRODUCTION)
    await store.modes.begin(MAINTENANCE, operation="a", deadline=1.0)
    kept = await store.modes.keep(operation="a")
    assert kept == ModeRow(mode=PRODUCTION, generation=3, operation="a")
    assert await store.modes.keep(operation="a") == kept
    assert await store.modes.begin(MAINTENANCE, operation="a", deadline=2.0) == kept


async def test_the_mode_changes_when_every_other_server_has_confirmed_this_generation(store: Store) -> None:
    await store.modes.open(PRODUCTION)
    begun = await store.modes.begin(MAINTENANCE, operation="a", deadline=None)
    others = frozenset({"slot-1"})
    assert await store.modes.commit(begun, others=others) is None
    for generation, in_flight in ((1, 0), (2, 3)):
        await store.modes.confirm(Confirmation("slot-1", generation, in_flight))
        assert await store.modes.commit(begun, others=others) is None
    await store.modes.confirm(Confirmation("slot-1", 2, 0))
    assert await store.modes.confirmations() == {"slot-1": Confirmation("slot-1", 2, 0)}
    changed = await store.modes.commit(begun, others=others)
    assert changed == ModeRow(mode=MAINTENANCE, generation=3, operation="a") == await store.modes.read()
    assert await store.modes.commit(begun, others=NOBODY) is None


async def test_a_switch_that_was_given_up_is_not_committed(store: Store) -> None:
    await store.modes.open(PRODUCTION)
    begun = await store.modes.begin(MAINTENANCE, operation="a", deadline=None)
    await store.modes.keep(operation="a")
    assert await store.modes.commit(begun, others=NOBODY) is None
    assert (await store.modes.read()).mode is PRODUCTION


async def test_work_in_a_mode_is_refused_in_the_other(database: Database) -> None:
    modes = ModeTable(database)
    with pytest.raises(ModeSwitching):
        await database.run(lambda connection: hold_mode(connection, PRODUCTION))
    await modes.open(PRODUCTION)
    await database.run(lambda connection: hold_mode(connection, PRODUCTION))
    with pytest.raises(ModeNotAllowed):
        await database.run(lambda connection: hold_mode(connection, MAINTENANCE))
    begun = await modes.begin(MAINTENANCE, operation="a", deadline=None)
    await database.run(lambda connection: hold_mode(connection, PRODUCTION))
    await modes.commit(begun, others=NOBODY)
    with pytest.raises(ModeNotAllowed) as refused:
        await database.run(lambda connection: hold_mode(connection, PRODUCTION))
    assert refused.value.mode is MAINTENANCE


async def test_a_change_waits_for_the_work_that_was_let_in(database: Database) -> None:
    modes = ModeTable(database)
    await modes.open(PRODUCTION)
    holding, go_on, order = threading.Event(), threading.Event(), []

    def work(connection: Connection) -> None:
        hold_mode(connection, PRODUCTION)
        holding.set()
        go_on.wait(10)
        order.append("work")

    working = asyncio.create_task(database.run(work))
    assert await asyncio.to_thread(holding.wait, 10)
    go_on_later = asyncio.get_running_loop().call_later(0.05, go_on.set)
    begun = await modes.begin(MAINTENANCE, operation="a", deadline=None)
    while await modes.commit(begun, others=NOBODY) is None:
        await asyncio.sleep(0.01)
    order.append("change")
    await working
    go_on_later.cancel()
    assert order == ["work", "change"]


async def test_a_change_does_not_wait_in_the_database_for_a_server_that_stands_still(postgres_url: str) -> None:
    database = open_database(postgres_url)
    modes = ModeTable(database)
    await modes.open(PRODUCTION)
    begun = await modes.begin(MAINTENANCE, operation="a", deadline=None)
    with psycopg.connect(postgres_url) as standing_still:
        standing_still.execute("SELECT pg_advisory_xact_lock_shared(%s)", (LOCK,))
        async with asyncio.timeout(10):
            assert await modes.commit(begun, others=NOBODY) is None
            await database.run(lambda connection: hold_mode(connection, PRODUCTION))
    assert await modes.commit(begun, others=NOBODY) is not None
    await database.close()
