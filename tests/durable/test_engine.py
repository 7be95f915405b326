"""What the engine keeps, gives up and takes up anew, seen in its own SQLite file."""

import asyncio
import logging
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from tests.contracts.operations import STEPS, Work, wait_until

from busyout.domain.errors import StoreUnavailable
from busyout.durable import DbosOperations, SlotTaken
from busyout.durable.database import FullySynchronous

pytestmark = pytest.mark.anyio

MOST_THREADS = 16
"""The main thread, those of DBOS (seven and a pool of four), and those of the services' loop in this test."""


def query(home: Path, statement: str, *values: str) -> list[tuple[object, ...]]:
    """Ask or change the engine's file behind its back."""
    with closing(sqlite3.connect(home / "operations.db", isolation_level=None)) as connection:
        return connection.execute(statement, values).fetchall()


@pytest.fixture
async def interrupted(sqlite_url: str) -> Work:
    """Operation `one`, interrupted in its last step; the engine is closed."""
    work, operations = Work(), DbosOperations(sqlite_url)
    work.held = {"one"}
    await operations.open(work.advance)
    await operations.start("one")
    await work.wait_held("one")
    await operations.close()
    work.held = set()
    return work


async def test_closing_in_a_step_records_neither_failure_nor_cancellation(interrupted: Work, tmp_path: Path) -> None:
    assert interrupted.interrupted == ["one"]
    assert query(tmp_path, "SELECT status FROM workflow_status") == [("PENDING",)]
    recorded = query(tmp_path, "SELECT output, error FROM operation_outputs")
    assert recorded == [("false", None)] * (STEPS - 1)


@pytest.mark.parametrize("status", ["ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED", "SUCCESS"])
async def test_an_operation_that_the_engine_gave_up_is_taken_up_anew(
    interrupted: Work, sqlite_url: str, tmp_path: Path, status: str
) -> None:
    query(tmp_path, "UPDATE workflow_status SET status = ?", status)
    operations = DbosOperations(sqlite_url)
    await operations.open(interrupted.advance)
    await operations.start("one")
    await interrupted.wait_settled("one")
    await operations.close()
    assert interrupted.calls["one"] == STEPS + 1


async def test_an_operation_goes_on_however_often_it_was_interrupted(
    interrupted: Work, sqlite_url: str, tmp_path: Path
) -> None:
    query(tmp_path, "UPDATE workflow_status SET recovery_attempts = 100000")
    operations = DbosOperations(sqlite_url)
    await operations.open(interrupted.advance)
    await interrupted.wait_settled("one")
    await operations.close()


async def test_an_operation_that_nobody_carries_is_taken_up_when_it_is_started_again(
    interrupted: Work, sqlite_url: str, tmp_path: Path
) -> None:
    query(tmp_path, "UPDATE workflow_status SET status = 'ENQUEUED', queue_name = 'no such queue'")
    operations = DbosOperations(sqlite_url)
    await operations.open(interrupted.advance)
    async with asyncio.timeout(30):
        while interrupted.done["one"] < STEPS:
            await operations.start("one")
            await asyncio.sleep(0.1)
    await operations.close()
    assert interrupted.calls["one"] == STEPS + 1


async def test_threads_do_not_grow_with_the_operations(sqlite_url: str) -> None:
    work, operations = Work(), DbosOperations(sqlite_url)
    names = [f"operation-{number}" for number in range(40)]
    work.held = set(names)
    await operations.open(work.advance)
    for name in names:
        await operations.start(name)
    for name in names:
        await work.wait_held(name)
    assert threading.active_count() <= MOST_THREADS
    await operations.close()
    assert sorted(work.interrupted) == sorted(names)


async def test_closing_leaves_no_thread_of_the_engine_behind(sqlite_url: str) -> None:
    work, operations = Work(), DbosOperations(sqlite_url)
    before = set(threading.enumerate())
    await operations.open(work.advance)
    await operations.start("one")
    await work.wait_settled("one")
    await operations.close()
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert {name for name in left if not name.startswith("asyncio_")} == set()


async def test_nothing_is_pickled_and_the_file_is_private(interrupted: Work, tmp_path: Path) -> None:
    assert query(tmp_path, "SELECT DISTINCT serialization FROM workflow_status") == [("portable_json",)]
    assert query(tmp_path, "SELECT DISTINCT serialization FROM operation_outputs") == [("portable_json",)]
    assert query(tmp_path, "PRAGMA journal_mode") == [("wal",)]
    for file in tmp_path.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file


async def test_a_connection_of_the_engine_waits_for_the_disk(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "any.db", factory=FullySynchronous)) as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


async def test_forgetting_removes_the_history(sqlite_url: str, tmp_path: Path) -> None:
    work, operations = Work(), DbosOperations(sqlite_url)
    await operations.open(work.advance)
    await operations.start("one")
    await operations.start("two")
    await work.wait_settled("one", "two")
    done = "SELECT count(*) FROM workflow_status WHERE status = 'SUCCESS'"
    await wait_until(lambda: query(tmp_path, done) == [(2,)])
    await operations.forget(("one",))
    assert query(tmp_path, "SELECT workflow_uuid FROM workflow_status") == [("two",)]
    assert query(tmp_path, "SELECT DISTINCT workflow_uuid FROM operation_outputs") == [("two",)]
    await operations.close()
    with pytest.raises(StoreUnavailable):
        await operations.forget(("two",))


async def test_old_history_that_nobody_forgot_is_deleted(sqlite_url: str, tmp_path: Path) -> None:
    work, operations = Work(), DbosOperations(sqlite_url)
    await operations.open(work.advance)
    await operations.start("old")
    await operations.start("new")
    await work.wait_settled("old", "new")
    done = "SELECT count(*) FROM workflow_status WHERE status = 'SUCCESS'"
    await wait_until(lambda: query(tmp_path, done) == [(2,)])
    await operations.close()
    query(tmp_path, "UPDATE workflow_status SET completed_at = completed_at - 25 * 3600000 WHERE workflow_uuid = 'old'")
    await operations.open(work.advance)
    await wait_until(lambda: query(tmp_path, "SELECT workflow_uuid FROM workflow_status") == [("new",)])
    await operations.close()


async def test_a_slot_that_was_held_early_is_the_one_worked_in(sqlite_url: str) -> None:
    work, operations = Work(), DbosOperations(sqlite_url)
    await operations.hold()
    with pytest.raises(SlotTaken):
        await DbosOperations(sqlite_url).hold()
    await operations.open(work.advance)
    await operations.start("one")
    await work.wait_settled("one")
    await operations.close()
    successor = DbosOperations(sqlite_url)
    await successor.hold()
    await successor.close()


async def test_the_engine_says_nothing_while_all_is_well(
    sqlite_url: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    work, operations = Work(), DbosOperations(sqlite_url)
    work.held = {"held"}
    await operations.open(work.advance)
    await operations.start("one")
    await operations.start("held")
    await work.wait_settled("one")
    await work.wait_held("held")
    await operations.close()
    assert [record.getMessage() for record in caplog.records if record.name != "asyncio"] == []
    logging.getLogger("dbos").warning("what the engine warns of goes where all else goes")
    assert len([record for record in caplog.records if record.name == "dbos"]) == 1
    assert tuple(capfd.readouterr()) == ("", "")
