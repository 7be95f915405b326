"""Where DBOS keeps its history, and how it is set up for each kind of database."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dbos import DBOSConfig

FILE = "operations.db"
"""Name of the engine's own SQLite file, beside the store."""

SCHEMA = "operations"
"""Name of the engine's own PostgreSQL schema."""

VERSION = "1"
"""Of the workflow's shape, not of Busyout: raised only when recorded steps no longer fit the workflow."""

SQLITE_PREFIX = "sqlite:///"
THREADS = 4
"""Threads for database calls; no step ever holds one."""

CONNECTIONS = 6
CONNECT_TIMEOUT = 5
"""Seconds."""


class FullySynchronous(sqlite3.Connection):
    """A connection whose commits are on the disk when they return."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - whatever sqlite3.connect is given
        super().__init__(*args, **options)
        self.execute("PRAGMA synchronous=FULL")


def sqlite_file(store_url: str) -> Path | None:
    """The engine's file beside a store on SQLite; None for a store on PostgreSQL."""
    if not store_url.startswith(SQLITE_PREFIX):
        return None
    return Path(store_url.removeprefix(SQLITE_PREFIX)).absolute().with_name(FILE)


def postgres_url(store_url: str) -> str:
    """The store's URL as libpq understands it."""
    scheme, _, rest = store_url.partition("://")
    return f"{scheme.partition('+')[0]}://{rest}"


def prepare(file: Path) -> None:
    """Make the SQLite file with a write-ahead log, readable by its owner alone. Keeps what is in it."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    file.chmod(0o600)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def config(store_url: str, *, executor: str) -> "DBOSConfig":
    """How DBOS runs here: quietly, with few threads, and with nothing but the database on the network."""
    file = sqlite_file(store_url)
    connect: dict[str, Any] = (
        {"factory": FullySynchronous}
        if file is not None
        else {"application_name": "busyout operations", "connect_timeout": CONNECT_TIMEOUT}
    )
    return {
        "name": "busyout",
        "application_version": VERSION,
        "executor_id": executor,
        "system_database_url": postgres_url(store_url) if file is None else f"{SQLITE_PREFIX}{file}",
        "dbos_system_schema": SCHEMA,
        "db_engine_kwargs": {"connect_args": connect},
        "sys_db_pool_size": CONNECTIONS,
        "max_executor_threads": THREADS,
        "use_listen_notify": False,
        "notification_listener_polling_interval_sec": 0.2,
        "scheduler_polling_interval_sec": 3600.0,
        "enable_otlp": False,
        "log_level": "WARNING",
    }
