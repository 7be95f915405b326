"""Slots on PostgreSQL: session advisory locks, which the server gives free when the connection ends."""

import asyncio
import logging
from typing import Any

import psycopg

from busyout.domain.errors import StoreUnavailable
from busyout.durable.slots import SlotTaken

LOCK_CLASS = 0x6275_7379
"""First half of the key of every advisory lock of ours; the second is the number of the slot."""

MOST_SERVERS = 64
CHECK_INTERVAL = 1.0
"""Seconds between two looks at the connection."""

ANSWER_PATIENCE = 3.0
"""Seconds the database has to answer. Shorter than the server's own patience with a silent client, so that
we stop working before another may begin."""

CONNECT_TIMEOUT = 5
"""Seconds."""

KEEP_ALIVE = """SELECT set_config('tcp_keepalives_idle', '8', false),
    set_config('tcp_keepalives_interval', '2', false), set_config('tcp_keepalives_count', '3', false)"""
"""Makes the server give up a silent client after 14 seconds instead of hours. Without effect on a unix socket."""

HELD = """SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objsubid = 2
    AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
"""The slots that are held; the locks that keep a schema or a mode have one key, and another objsubid."""

log = logging.getLogger(__name__)


class PostgresSlot:
    """A slot held by a connection of its own. Take it on the loop that uses it."""

    shared = True

    def __init__(self, url: str, *, number: int | None) -> None:
        self._url = url
        self._number = number
        self._connection: psycopg.AsyncConnection | None = None
        self._lost = False
        self.name = ""
        self.held = False

    async def hold(self) -> None:
        """Take the slot asked for, or the first free one. After a loss that may be another one than before."""
        if self._connection is not None:
            return
        self._lost = False
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                self._connection = await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True, connect_timeout=CONNECT_TIMEOUT, application_name="busyout slot"
                )
                await self._connection.execute(KEEP_ALIVE)
            for number in range(MOST_SERVERS) if self._number is None else (self._number,):
                if await self._lock("pg_try_advisory_lock", number):
                    self.name = f"slot-{number}"
                    self.held = True
                    return
        except (psycopg.Error, TimeoutError) as error:
            await self.release()
            raise StoreUnavailable("the database of the operations does not answer") from error
        await self.release()
        raise SlotTaken("every slot is held by another server")

    async def wait_lost(self) -> None:
        """Look at the connection until it fails or is silent for too long."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL)
            try:
                await self._ask("SELECT true")
            except StoreUnavailable as error:
                log.error("slot_connection_lost", extra={"slot": self.name}, exc_info=error)
                self._lost = True
                self.held = False
                return

    async def live(self) -> frozenset[str]:
        """Slots that are locked, by whichever server of this database."""
        return frozenset(f"slot-{number}" for (number,) in await self._rows(HELD, LOCK_CLASS))

    async def try_other(self, name: str) -> bool:
        """Take another slot on the same connection."""
        prefix, _, number = name.rpartition("-")
        return prefix == "slot" and number.isdecimal() and await self._lock("pg_try_advisory_lock", int(number))

    async def let_go_other(self, name: str) -> None:
        """Unlock a slot that `try_other` has taken."""
        await self._lock("pg_advisory_unlock", int(name.rpartition("-")[2]))

    async def release(self) -> None:
        """Unlock and close. A connection that is broken is only closed: its locks end when the server sees that."""
        self.held = False
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if not connection.broken and not self._lost:
                async with asyncio.timeout(ANSWER_PATIENCE):
                    await connection.execute("SELECT pg_advisory_unlock_all()")
        except (psycopg.Error, TimeoutError) as error:
            log.info("slot_not_unlocked", extra={"slot": self.name}, exc_info=error)
        await connection.close()

    async def _lock(self, function: str, number: int) -> bool:
        return await self._ask(f"SELECT {function}({LOCK_CLASS}, {number})")

    async def _ask(self, statement: str) -> bool:
        """The truth value that a statement of ours returns."""
        rows = await self._rows(statement)
        return bool(rows) and rows[0][0] is True

    async def _rows(self, statement: str, *values: int) -> list[tuple[Any, ...]]:
        """What a statement of ours returns.

        Raises:
            StoreUnavailable: There was no answer in time.
        """
        if self._connection is None:
            raise StoreUnavailable("the connection that holds the slot is closed")
        try:
            async with asyncio.timeout(ANSWER_PATIENCE):
                return await (await self._connection.execute(statement.encode(), values or None)).fetchall()
        except (psycopg.Error, TimeoutError) as error:
            raise StoreUnavailable("the connection that holds the slot does not answer") from error
