"""SQLite: one thread writes; what waits together is committed together. Reads do not wait for it."""

import asyncio
import os
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Generic, TypeVar

from busyout.domain.errors import StoreUnavailable
from busyout.store.database import Connection, Unit
from busyout.store.statement import Dialect

T = TypeVar("T")

GROUP = 64
"""Most units in one commit."""

BUSY_TIMEOUT = 5.0
"""Seconds to wait for another process that writes."""

PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA cache_size=-8192",
    "PRAGMA journal_size_limit=67108864",
)


class SqliteDatabase:
    """One SQLite file."""

    def __init__(self, path: Path) -> None:
        """Opens the file, which must have the current schema.

        Raises:
            StoreUnavailable: The file cannot be opened.
        """
        with available():
            self._writer = connect(path)
            self._readers = [connect(path) for _ in range(2)]
            for reader in self._readers:
                reader.execute("PRAGMA query_only=ON")
        self._at_once, self._apart = (Connection(Dialect.SQLITE, reader.execute) for reader in self._readers)
        self._jobs: SimpleQueue[_Job[Any] | None] = SimpleQueue()
        self._closed = False
        self._closing = Lock()
        self._reading = ThreadPoolExecutor(1, thread_name_prefix="store-read")
        self._writing = Thread(target=self._write, name="store-write", daemon=True)
        self._writing.start()

    async def run(self, unit: Unit[T]) -> T:
        """Do a unit of work; see `Database.run`."""
        job = _Job(unit)
        with self._closing:
            self._check_open()
            self._jobs.put(job)
        return await job.answer

    async def read(self, unit: Unit[T]) -> T:
        """Read in a thread; see `Database.read`."""
        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._reading, _read, unit, self._apart)

    async def look_up(self, unit: Unit[T]) -> T:
        """Read on the caller's own thread: some ten microseconds, where a hop would cost ten times that."""
        self._check_open()
        return _read(unit, self._at_once)

    async def close(self) -> None:
        """Commit what waits, then close the file."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        await asyncio.to_thread(self._writing.join)
        await asyncio.to_thread(self._reading.shutdown)
        for connection in (*self._readers, self._writer):
            connection.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreUnavailable("the store is closed")

    def _write(self) -> None:
        while group := self._next_group():
            self._commit(group)
            for loop in {job.loop for job in group}:
                _answer(loop, [job for job in group if job.loop is loop])

    def _next_group(self) -> list["_Job[Any]"]:
        """Wait for a job and take what has come with it; nothing once the database is closed."""
        job = self._jobs.get()
        group: list[_Job[Any]] = []
        while job is not None:
            group.append(job)
            if len(group) == GROUP:
                return group
            try:
                job = self._jobs.get_nowait()
            except Empty:
                return group
        if group:
            self._jobs.put(None)
        return group

    def _commit(self, group: list["_Job[Any]"]) -> None:
        connection = Connection(Dialect.SQLITE, self._writer.execute)
        whole = _Attempt()
        with whole, available():
            self._roll_back()
            self._writer.execute("BEGIN IMMEDIATE")
            for job in group:
                self._savepoint(job, connection)
            self._writer.execute("COMMIT")
        if whole.error is None:
            return
        for job in group:
            job.attempt.error = whole.error
        with _Attempt(), available():  # if this fails too, the next group begins with it
            self._roll_back()

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def _savepoint(self, job: "_Job[Any]", connection: Connection) -> None:
        """Try one unit so that its failure takes back only itself."""
        self._writer.execute("SAVEPOINT unit")
        with job.attempt, available():
            job.result = job.unit(connection)
        if job.attempt.error is not None:
            self._writer.execute("ROLLBACK TO unit")
        self._writer.execute("RELEASE unit")


class _Attempt:
    """Keeps whatever a block raised, for whoever waits for its outcome."""

    def __init__(self) -> None:
        self.error: BaseException | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error
        return True


class _Job(Generic[T]):
    """A unit on its way through the writing thread."""

    def __init__(self, unit: Unit[T]) -> None:
        self.unit = unit
        self.loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[T] = self.loop.create_future()
        self.attempt = _Attempt()
        self.result: T

    def settle(self) -> None:
        """Tell the task that waits, unless it has gone."""
        if self.answer.done():
            return
        if self.attempt.error is not None:
            self.answer.set_exception(self.attempt.error)
        else:
            self.answer.set_result(self.result)


def _answer(loop: asyncio.AbstractEventLoop, jobs: list[_Job[Any]]) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody waits any more
        loop.call_soon_threadsafe(partial(_settle, jobs))


def _settle(jobs: list[_Job[Any]]) -> None:
    for job in jobs:
        job.settle()


def _read(unit: Unit[T], connection: Connection) -> T:
    with available():
        return unit(connection)


@contextmanager
def available() -> Iterator[None]:
    """Turn what the file may do to us into `StoreUnavailable`; our own mistakes stay what they are."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except (sqlite3.DatabaseError, OSError) as error:
        raise StoreUnavailable("the store's file cannot be read or written") from error


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, readable for its owner only; it is made when it is not there."""
    if not path.exists():
        _make(path)
    path.chmod(0o600)
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    for pragma in PRAGMAS:
        connection.execute(pragma)
    return connection


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
