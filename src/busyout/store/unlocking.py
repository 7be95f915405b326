"""Before anything is read: the sealing keys are found or made, and what an older server left in the clear is sealed.

The same pass seals all anew after somebody has put a new key before the old one, which is still needed: by servers on
the same store that have not been started with the new one yet, and for backups.
"""

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import BigInteger, Boolean, Column, Text, bindparam, select, update

from busyout.domain.errors import SealBroken, StoreUnavailable
from busyout.store import postgresql, sqlite
from busyout.store.database import Connection
from busyout.store.resealing import seal_records
from busyout.store.schema_sealing import SEALED, place, sealing_keys
from busyout.store.seal import Seal, make_key, read_keys
from busyout.store.statement import Dialect, Statement, insert_unless

log = logging.getLogger(__name__)

SLICE: Final = 500
"""Most values sealed in one transaction."""

LOCK: Final = 0x42757380
"""Key of the PostgreSQL advisory lock that one server holds while it sees to the keys."""

PATIENCE: Final = ("SET lock_timeout TO '10min'", "SET statement_timeout TO '10min'")
"""Of servers that start at once, one seals and the others wait."""

PROOF: Final = "busyout"
"""What the proof of a key says when it is opened."""

_KEYS = Statement(select(sealing_keys.c.id, sealing_keys.c.proof, sealing_keys.c.complete))
_ADD_KEY = insert_unless(sealing_keys, "id", returning=sealing_keys.c.id)
_COMPLETE = Statement(
    update(sealing_keys).where(sealing_keys.c.id == bindparam("of_id")).values(complete=bindparam("now", type_=Boolean))
)


def unlock_sqlite(path: Path, key_file: Path) -> Seal:
    """The seal of a file that has the current schema.

    Raises:
        SealBroken: A key that it needs is not in `key_file`, or cannot be read or written; the message names it.
        StoreUnavailable: The file cannot be read or written.
    """
    with sqlite.available():
        raw = sqlite.connect(path)
        try:
            return _unlock(_OnSqlite(raw), key_file)
        finally:
            raw.close()


def unlock_postgresql(url: str, key_file: Path) -> Seal:
    """The seal of a database that has the current schema; raises what `unlock_sqlite` raises."""
    raw = postgresql.connect(url)
    try:
        for setting in (*PATIENCE, f"SELECT pg_advisory_lock({LOCK})"):
            raw.execute(setting)
        return _unlock(_OnPostgresql(raw), key_file)
    except postgresql.UNAVAILABLE as error:
        raise StoreUnavailable("the database does not answer while its values are sealed") from error
    finally:
        raw.close()


class _Opened(Protocol):
    """A database that nobody else in this process uses yet."""

    def transaction(self) -> AbstractContextManager[Connection]:
        """A transaction that ends with its block."""

    def scrub(self, tables: Iterable[str]) -> None:
        """Let go of what was in those tables before it was sealed."""


class _OnSqlite:
    """A file."""

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self._raw:
            self._raw.execute("BEGIN IMMEDIATE")
            yield Connection(Dialect.SQLITE, self._raw.execute)

    def scrub(self, tables: Iterable[str]) -> None:
        self._raw.execute("VACUUM")
        self._raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class _OnPostgresql:
    """Our schema on a server."""

    def __init__(self, raw: postgresql.Raw) -> None:
        self._raw = raw

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self._raw.transaction():
            yield Connection(Dialect.POSTGRESQL, self._raw.execute)

    def scrub(self, tables: Iterable[str]) -> None:
        for table in tables:
            self._raw.execute(f"VACUUM FULL {table}".encode())


def _unlock(opened: _Opened, key_file: Path) -> Seal:
    with opened.transaction() as connection:
        known = connection.all(_KEYS)
        seal = _held(key_file, {id: proof for id, proof, _ in known})
        proof = seal.seal(PROOF, place(sealing_keys.c.proof, seal.key))
        connection.first(_ADD_KEY, id=seal.key, proof=proof, complete=False)
    if not any(id == seal.key and complete for id, _, complete in known):
        _seal_all(opened, seal)
    return seal


def _held(key_file: Path, needed: dict[str, str]) -> Seal:
    """The keys of a file, which has all that are needed; a new one where none is."""
    seal = read_keys(key_file)
    if seal is None and not needed:
        make_key(key_file)
        seal = read_keys(key_file)
    names = ", ".join(sorted(needed))
    if seal is None:
        raise SealBroken(
            f"the store is sealed with key {names}, and there is no file {key_file}: put the file there that has "
            "it, or let store.sealing_key_file name it"
        )
    if not seal.keys >= needed.keys():
        raise SealBroken(
            f"the store is sealed with key {names}, and {key_file} has {', '.join(sorted(seal.keys))}: put the right "
            "one there, or let store.sealing_key_file name it"
        )
    for id, proof in needed.items():
        seal.open(proof, place(sealing_keys.c.proof, id))
    return seal


def _seal_all(opened: _Opened, seal: Seal) -> None:
    """Seal all with the present key, slice by slice; it may be interrupted, and is then done again."""
    counts = {column.table.name: _seal_column(opened, seal, key, column) for key, column in SEALED}
    counts |= seal_records(opened.transaction, seal)
    if any(counts.values()):
        opened.scrub(table for table, count in counts.items() if count)
        log.info("store_sealed", extra={"key": seal.key, "values": sum(counts.values())})
    with opened.transaction() as connection:
        connection.change(_COMPLETE, of_id=seal.key, now=True)


def _seal_column(opened: _Opened, seal: Seal, key: Column[str], column: Column[str]) -> int:
    """Seal the values of a column; returns how many there are."""
    read, write = _statements(key, column)
    count, last = 0, ""
    while True:
        with opened.transaction() as connection:
            rows = connection.all(read, after=last, most=SLICE)
            for name, value in rows:
                if not seal.is_current(value):
                    where = place(column, name)
                    text = seal.open(value, where) if seal.is_sealed(value) else value
                    connection.change(write, of_key=name, known=value, sealed=seal.seal(text, where))
        count += len(rows)
        if len(rows) < SLICE:
            return count
        last = rows[-1][0]


@cache
def _statements(key: Column[str], column: Column[str]) -> tuple[Statement, Statement]:
    """Reads a slice of a column; writes one value, unless somebody has changed it meanwhile."""
    read = (
        select(key, column)
        .where(key > bindparam("after", type_=Text))
        .order_by(key)
        .limit(bindparam("most", type_=BigInteger))
    )
    write = (
        update(column.table)
        .where(key == bindparam("of_key"), column == bindparam("known"))
        .values({column.name: bindparam("sealed")})
    )
    return Statement(read), Statement(write)
