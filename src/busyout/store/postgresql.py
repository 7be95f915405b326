"""PostgreSQL: a few threads with a connection each; what certainly was not committed is tried once more."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from queue import Empty, LifoQueue
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.types.string import TextLoader

from busyout.domain.errors import StoreUnavailable
from busyout.store.database import Connection, Unit
from busyout.store.statement import Dialect

T = TypeVar("T")

Raw = psycopg.Connection[tuple[Any, ...]]

log = logging.getLogger(__name__)

CONNECTIONS = 4
"""Most connections of one server process."""

SESSION = (
    "SET search_path TO busyout",
    "SET statement_timeout TO '30s'",
    "SET lock_timeout TO '10s'",
    "SET idle_in_transaction_session_timeout TO '10s'",
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
)
"""No wait without an end, and no answer before the commit is on disk."""

UNDONE = (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected)
"""Errors by which the database says that it has rolled back."""

UNAVAILABLE = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)


class _NotCommitted(Exception):
    """Nothing of the unit has stayed; its cause says why."""


class PostgresDatabase:
    """One PostgreSQL database; our tables are in its schema `busyout`."""

    def __init__(self, url: str) -> None:
        """Opens one connection; the database must have the current schema.

        Raises:
            StoreUnavailable: The database cannot be reached.
        """
        self._url = url
        self._idle: LifoQueue[Raw] = LifoQueue()
        self._closed = False
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="store")
        self._idle.put(connect(url))

    async def run(self, unit: Unit[T]) -> T:
        """Do a unit of work in a transaction; see `Database.run`."""
        return await self._hop(partial(self._twice, unit, autocommit=False))

    async def read(self, unit: Unit[T]) -> T:
        """Read without a transaction around the one statement; see `Database.read`."""
        return await self._hop(partial(self._twice, unit, autocommit=True))

    async def look_up(self, unit: Unit[T]) -> T:
        """The same as `read`."""
        return await self.read(unit)

    async def close(self) -> None:
        """Finish what was begun, then close every connection."""
        self._closed = True
        await asyncio.to_thread(self._threads.shutdown)
        self._close_idle()

    async def _hop(self, work: Callable[[], T]) -> T:
        if self._closed:
            raise StoreUnavailable("the store is closed")
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _twice(self, unit: Unit[T], *, autocommit: bool) -> T:
        try:
            return self._once(unit, autocommit=autocommit)
        except _NotCommitted as first:
            log.info("store_unit_repeated", extra={"cause": str(first.__cause__)})
        try:
            return self._once(unit, autocommit=autocommit)
        except _NotCommitted as second:
            raise StoreUnavailable("the database took the work back twice") from second.__cause__

    def _once(self, unit: Unit[T], *, autocommit: bool) -> T:
        raw = self._take()
        try:
            result = _done(unit, raw, autocommit=autocommit)
            raw.commit()
        except UNAVAILABLE as error:
            raise StoreUnavailable("the database does not answer; whether it kept the work is unknown") from error
        finally:
            self._give_back(raw)
        return result

    def _take(self) -> Raw:
        try:
            return self._idle.get_nowait()
        except Empty:
            return connect(self._url)

    def _give_back(self, raw: Raw) -> None:
        """Keep a connection for the next unit; when it has broken, the ones that wait have broken with it."""
        if not raw.closed and raw.info.transaction_status is not TransactionStatus.IDLE:
            try:
                raw.rollback()
            except psycopg.OperationalError:
                raw.close()
        if raw.closed:
            self._close_idle()
        else:
            self._idle.put(raw)

    def _close_idle(self) -> None:
        while True:
            try:
                self._idle.get_nowait().close()
            except Empty:
                return


def _done(unit: Unit[T], raw: Raw, *, autocommit: bool) -> T:
    """What the unit returns, not committed yet."""
    try:
        raw.autocommit = autocommit
        return unit(Connection(Dialect.POSTGRESQL, raw.execute))
    except UNDONE as error:
        raise _NotCommitted from error
    except psycopg.OperationalError as error:
        if raw.closed:
            raise _NotCommitted from error
        raise StoreUnavailable("the database does not answer") from error


def connect(url: str) -> Raw:
    """A new connection with our session settings.

    Raises:
        StoreUnavailable: The database cannot be reached.
    """
    try:
        raw = psycopg.connect(url, connect_timeout=5, application_name="busyout", autocommit=True)
        for setting in SESSION:
            raw.execute(setting)
    except psycopg.Error as error:
        raise StoreUnavailable("the database cannot be reached") from error
    raw.adapters.register_loader("jsonb", TextLoader)
    return raw
