"""What becomes of operations when the server that carries them is killed, ended or cut off."""

import asyncio
from pathlib import Path

import psycopg
import pytest
from tests.contracts.operations import wait_until
from tests.durable.journal import STEPS, Journal
from tests.durable.processes import ended, node, said
from tests.durable.relay import Relay

from busyout.durable import DbosOperations

HELD = tuple(f"held-in-{step}" for step in range(STEPS))
EVERY_STEP = [str(step) for step in range(STEPS)]


async def wait_held(journal: Journal, *operations: str) -> None:
    """Return when each operation is in the midst of the step it is held in."""
    await wait_until(lambda: all(journal.lines(each, "begin")[-1:] == [each[-1]] for each in operations))


async def wait_settled(journal: Journal, *operations: str) -> None:
    """Return when every step of the operations has ended."""
    await wait_until(lambda: all(len(journal.lines(each, "end")) == STEPS for each in operations))


def assert_only_the_interrupted_step_was_repeated(journal: Journal) -> None:
    for operation in HELD:
        assert journal.lines(operation, "end") == EVERY_STEP
        assert journal.lines(operation, "begin") == sorted([*EVERY_STEP, operation[-1]])


@pytest.mark.anyio
async def test_operations_killed_in_any_step_go_on_in_another_process(store_url: str, tmp_path: Path) -> None:
    journal = Journal(tmp_path, holding=False)
    async with node(store_url, tmp_path, *HELD) as killed:
        await wait_held(journal, *HELD)
        killed.kill()
        await killed.wait()
    operations = DbosOperations(store_url)
    await operations.open(journal.advance)
    await wait_settled(journal, *HELD)
    await operations.close()
    assert_only_the_interrupted_step_was_repeated(journal)


@pytest.mark.anyio
async def test_operations_of_a_server_that_was_ended_go_on_in_another_process(sqlite_url: str, tmp_path: Path) -> None:
    journal = Journal(tmp_path, holding=False)
    async with node(sqlite_url, tmp_path, *HELD) as process:
        await wait_held(journal, *HELD)
        process.terminate()
        assert await said(process) == "closed"
        assert await ended(process) == 0
    operations = DbosOperations(sqlite_url)
    await operations.open(journal.advance)
    await wait_settled(journal, *HELD)
    await operations.close()
    assert_only_the_interrupted_step_was_repeated(journal)


@pytest.mark.anyio
async def test_a_live_server_takes_over_from_a_dead_one(postgres_url: str, tmp_path: Path) -> None:
    journal = Journal(tmp_path, holding=False)
    survivor = DbosOperations(postgres_url)
    await survivor.open(journal.advance)
    async with node(postgres_url, tmp_path, *HELD) as killed:
        await wait_held(journal, *HELD)
        for operation in HELD:
            await survivor.start(operation)
        await survivor.start("own")
        await wait_settled(journal, "own")
        assert journal.lines(HELD[0], "begin") == ["0"]
        killed.kill()
        await killed.wait()
        await wait_settled(journal, *HELD)
    await survivor.close()
    assert_only_the_interrupted_step_was_repeated(journal)


@pytest.mark.anyio
async def test_a_server_that_loses_its_slot_stops_and_begins_again(postgres_url: str, tmp_path: Path) -> None:
    journal, holding = Journal(tmp_path, holding=False), Journal(tmp_path, holding=True)
    stopped_while: list[bool] = []
    operations = DbosOperations(postgres_url)

    async def advance(operation: str) -> bool:
        if stopped_while:
            return await journal.advance(operation)
        try:
            return await holding.advance(operation)
        except asyncio.CancelledError:
            stopped_while.append(operations.lost)
            raise

    await operations.open(advance)
    await operations.start(HELD[2])
    await wait_held(journal, HELD[2])
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'busyout slot' AND datname = current_database()"
        )
    await wait_settled(journal, HELD[2])
    await operations.close()
    assert stopped_while == [True]
    assert not operations.lost
    assert journal.lines(HELD[2], "begin") == ["0", "1", "2", "2", "3", "4"]


@pytest.mark.anyio
async def test_a_server_ends_although_its_database_is_away(postgres_url: str, tmp_path: Path) -> None:
    journal = Journal(tmp_path, holding=False)
    async with Relay(postgres_url) as relay, node(relay.url, tmp_path, *HELD) as process:
        await wait_held(journal, *HELD)
        await relay.cut()
        journal.let_go()
        await wait_until(lambda: all(each[-1] in journal.lines(each, "end") for each in HELD))
        process.terminate()
        assert await said(process) == "closed"
        assert await ended(process) == 0
