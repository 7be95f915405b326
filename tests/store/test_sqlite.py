"""What holds for the SQLite file only."""

import asyncio
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
import sqlalchemy as sa
from tests.keys import KEYS
from tests.store.direct import ask, count
from tests.store.making import event

from busyout.domain.errors import NotPermitted, StoreUnavailable
from busyout.store import open_store
from busyout.store.appending import append_events
from busyout.store.database import Connection
from busyout.store.opening import open_database
from busyout.store.statement import Statement

pytestmark = pytest.mark.anyio

SETTINGS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def appending(ids: list[int]) -> Callable[[Connection], None]:
    def unit(connection: Connection) -> None:
        ids.extend(happened.id for happened in append_events(connection, (event(),)))

    return unit


async def test_a_commit_is_on_disk_before_it_is_answered(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    for name, expected in SETTINGS.items():
        statement = Statement(sa.text(f"PRAGMA {name}"))
        assert await database.run(lambda connection, asked=statement: connection.first(asked)) == (expected,)
    await database.close()


async def test_reading_cannot_write(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    for read in (database.read, database.look_up):
        with pytest.raises(StoreUnavailable):
            await read(appending([]))
    await database.close()
    assert count(sqlite_url, "events") == 0


async def test_a_refusal_in_a_group_takes_back_only_itself(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    entered, go_on = Event(), Event()
    ids: list[int] = []
    seen: list[int] = []

    def hold(connection: Connection) -> None:
        entered.set()
        go_on.wait(30)

    def refused(connection: Connection) -> None:
        append_events(connection, (event(), event()))
        raise NotPermitted

    def look_from_outside(connection: Connection) -> None:
        seen.append(count(sqlite_url, "events"))

    units = (hold, appending(ids), refused, appending(ids), refused, look_from_outside)
    holding = asyncio.create_task(database.run(units[0]))
    await asyncio.to_thread(entered.wait, 30)
    others = [asyncio.create_task(database.run(unit)) for unit in units[1:]]
    await asyncio.sleep(0)
    go_on.set()
    await holding
    outcomes = await asyncio.gather(*others, return_exceptions=True)
    await database.close()
    assert [type(outcome) for outcome in outcomes] == [type(None), NotPermitted, type(None), NotPermitted, type(None)]
    assert ids == [1, 2]
    assert seen == [0], "the units were to share one transaction"
    assert ask(sqlite_url, "SELECT id FROM events") == [(1,), (2,)]


async def test_a_group_that_cannot_be_committed_fails_for_all_and_the_next_one_works(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    roll_back = Statement(sa.text("ROLLBACK"))
    with pytest.raises(StoreUnavailable):
        await database.run(lambda connection: (appending([])(connection), connection.change(roll_back)))
    ids: list[int] = []
    await database.run(appending(ids))
    await database.close()
    assert ids == [1]
    assert count(sqlite_url, "events") == 1


async def test_a_file_that_another_process_holds_for_too_long_is_unavailable(sqlite_url: str) -> None:
    store = open_store(sqlite_url, KEYS)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        await store.events.append((event(),))
    assert await store.events.since(0, limit=1) == ()
    other.execute("ROLLBACK")
    other.close()
    (stored,) = await store.events.append((event(),))
    assert stored.id == 1
    await store.close()


async def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "made" / "busyout.db"
    store = open_store(f"sqlite:///{path}", KEYS)
    await store.events.append((event(),))
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    await store.close()
    assert modes == {"busyout.db": 0o600, "busyout.db-wal": 0o600, "busyout.db-shm": 0o600}


async def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "busyout.db"
    path.touch(mode=0o644)
    await open_store(f"sqlite:///{path}", KEYS).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but somebody's notes\n" * 100)
    with pytest.raises(StoreUnavailable):
        open_store(f"sqlite:///{path}", KEYS)
    assert path.read_text().startswith("not a database")
    with pytest.raises(StoreUnavailable):
        open_store(f"sqlite:///{tmp_path}", KEYS)
