"""What holds for PostgreSQL only: what is tried again, and what is not."""

import asyncio
from collections.abc import Callable
from threading import Barrier

import psycopg
import pytest
import sqlalchemy as sa
from tests.keys import KEYS
from tests.store.direct import ask, count
from tests.store.making import RECORD, event

from busyout.domain.errors import StoreUnavailable
from busyout.store import open_store
from busyout.store.appending import append_audit, append_events
from busyout.store.database import Connection
from busyout.store.opening import open_database
from busyout.store.statement import Statement

pytestmark = pytest.mark.anyio

END_MYSELF = Statement(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
SETTING = Statement(sa.text("SELECT current_setting('synchronous_commit'), current_setting('search_path')"))

BREAKING_COMMITS = (
    "CREATE FUNCTION end_myself() RETURNS trigger LANGUAGE plpgsql AS"
    " 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'",
    "CREATE CONSTRAINT TRIGGER end_at_commit AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION end_myself()",
)


def end_connections(url: str) -> int:
    """End every other connection to a database; how many there were."""
    with psycopg.connect(url, autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    return len(rows)


async def test_a_unit_whose_connection_breaks_before_the_commit_is_done_once(postgres_url: str) -> None:
    database = open_database(postgres_url)
    attempts: list[int] = []

    def unit(connection: Connection) -> int:
        attempts.append(1)
        (stored,) = append_events(connection, (event(),))
        if len(attempts) == 1:
            connection.first(END_MYSELF)
        return stored.id

    assert await database.run(unit) == 1
    await database.close()
    assert len(attempts) == 2
    assert count(postgres_url, "events") == 1


async def test_a_unit_whose_connection_breaks_in_the_commit_is_not_repeated(postgres_url: str) -> None:
    database = open_database(postgres_url)
    for statement in BREAKING_COMMITS:
        ask(postgres_url, statement)
    attempts: list[int] = []

    def unit(connection: Connection) -> None:
        attempts.append(1)
        append_events(connection, (event(),))

    with pytest.raises(StoreUnavailable, match="unknown"):
        await database.run(unit)
    await database.close()
    assert len(attempts) == 1


async def test_a_unit_that_always_breaks_its_connection_is_given_up(postgres_url: str) -> None:
    database = open_database(postgres_url)
    with pytest.raises(StoreUnavailable):
        await database.run(lambda connection: connection.first(END_MYSELF))
    assert await database.run(lambda connection: append_events(connection, (event(),)))
    await database.close()


async def test_connections_that_broke_while_nobody_used_them_are_not_noticed(postgres_url: str) -> None:
    store = open_store(postgres_url, KEYS)
    await asyncio.gather(*(store.events.append((event(),)) for _ in range(20)))
    assert end_connections(postgres_url) > 1
    (stored,) = await store.events.append((event(),))
    assert stored.id == 21
    end_connections(postgres_url)
    assert len(await store.events.since(0, limit=100)) == 21
    await store.close()


def to_events(connection: Connection) -> object:
    return append_events(connection, (event(),))


def to_audit(connection: Connection) -> object:
    return append_audit(connection, RECORD)


async def test_a_unit_that_lost_a_deadlock_is_done_again(postgres_url: str) -> None:
    database = open_database(postgres_url)
    meeting = Barrier(2, timeout=30)
    attempts: list[str] = []

    def unit(name: str, *order: Callable[[Connection], object]) -> Callable[[Connection], None]:
        """Writes in its order; when it is repeated, in that of the other unit, so that they do not meet again."""

        def write(connection: Connection) -> None:
            attempts.append(name)
            again = attempts.count(name) > 1
            first, second = reversed(order) if again else order
            first(connection)
            if not again:
                meeting.wait()
            second(connection)

        return write

    await asyncio.gather(
        database.run(unit("events first", to_events, to_audit)),
        database.run(unit("audit first", to_audit, to_events)),
    )
    await database.close()
    assert len(attempts) == 3
    assert (count(postgres_url, "events"), count(postgres_url, "audit")) == (2, 2)


async def test_a_commit_is_on_disk_before_it_is_answered(postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")
    database = open_database(postgres_url)
    assert await database.run(lambda connection: connection.first(SETTING)) == ("on", "busyout")
    await database.close()


async def test_our_tables_are_in_a_schema_of_their_own(postgres_url: str) -> None:
    await open_store(postgres_url, KEYS).close()
    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute(
            "SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
    assert rows == [("busyout",)]


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable) as failure:
        open_store("postgresql://somebody:secret@127.0.0.1:1/none", KEYS)
    assert "secret" not in f"{failure.value} {failure.value.__cause__}"
