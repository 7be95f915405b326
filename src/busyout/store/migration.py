"""Brings a database to the current schema, from inside the program and before anything else uses it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from busyout.domain.errors import StoreUnavailable
from busyout.store import postgresql, sqlite

HEAD = "0012"
"""The newest revision in `migrations/versions`."""

UPGRADE_LOCK = 0x42757379
"""Key of the PostgreSQL advisory lock that one server holds while it changes the schema."""

BEFORE_SQLITE = ("PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE")
BEFORE_POSTGRESQL = (f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})", "CREATE SCHEMA IF NOT EXISTS busyout")


def upgrade_sqlite(path: Path) -> None:
    """Bring a file to the current schema; it is made when it is not there.

    Raises:
        StoreUnavailable: It cannot be opened, or a newer version of the server wrote it.
    """
    with sqlite.available():
        raw = sqlite.connect(path)
        try:
            known = raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
            if known is None or raw.execute("SELECT version_num FROM alembic_version").fetchone() != (HEAD,):
                _upgrade("sqlite://", lambda: raw, BEFORE_SQLITE)
        finally:
            raw.close()


def upgrade_postgresql(url: str) -> None:
    """Bring the schema `busyout` to the current revision; it is made when it is not there.

    Of several servers that open one database, one does the work and the others wait for it.

    Raises:
        StoreUnavailable: It cannot be reached, or a newer version of the server wrote it.
    """
    raw = postgresql.connect(url)
    try:
        known = raw.execute("SELECT to_regclass('busyout.alembic_version') IS NOT NULL").fetchone()
        if known == (True,) and raw.execute("SELECT version_num FROM alembic_version").fetchone() == (HEAD,):
            return
        raw.autocommit = False
        _upgrade("postgresql+psycopg://", lambda: raw, BEFORE_POSTGRESQL)
    except postgresql.UNAVAILABLE as error:
        raise StoreUnavailable("the database cannot be read") from error
    finally:
        raw.close()


def _upgrade(dialect: str, raw: Callable[[], Any], before: tuple[str, ...]) -> None:
    """Run the missing migrations in one transaction, which starts with the statements in `before`."""
    engine = create_engine(dialect, creator=raw, poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            for statement in before:
                connection.exec_driver_sql(statement)
            _migrate(connection)
            connection.commit()
    except DBAPIError as error:
        raise StoreUnavailable("the schema of the store cannot be brought up to date") from error


def _migrate(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a third of a second that a start with nothing to do is spared
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreUnavailable("the store was written by another version of the server") from error
