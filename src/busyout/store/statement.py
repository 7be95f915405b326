"""Statements of SQLAlchemy Core, turned into SQL text once for each dialect."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import Dialect as Compiler
from sqlalchemy.sql import ClauseElement, Executable


class Dialect(Enum):
    """Which database the text is for."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"


COMPILERS: Mapping[Dialect, Compiler] = {
    Dialect.SQLITE: sqlite.dialect(paramstyle="named"),
    Dialect.POSTGRESQL: make_url("postgresql+psycopg://").get_dialect()(),
}


class SqlText(Struct, frozen=True):
    """What a database is given."""

    text: str
    constants: dict[str, Any]
    """Values that belong to the statement itself."""


class Statement:
    """A statement whose parameters are named; compiled at its first use."""

    def __init__(self, clause: Executable, *, postgresql: Executable | None = None) -> None:
        """`postgresql` is the same statement in PostgreSQL's words, where SQLAlchemy has no common ones."""
        self._clauses = {Dialect.SQLITE: clause, Dialect.POSTGRESQL: postgresql if postgresql is not None else clause}
        self._texts: dict[Dialect, SqlText] = {}

    def text(self, dialect: Dialect) -> SqlText:
        """The SQL for one dialect."""
        known = self._texts.get(dialect)
        if known is None:
            known = self._texts[dialect] = _compiled(self._clauses[dialect], dialect)
        return known


def insert_into(table: Table, *, returning: ColumnElement[Any] | None = None) -> Statement:
    """Insert one row; a parameter for each column but the one that counts by itself."""
    plain = sqlite.insert(table).values(_parameters(table))
    return Statement(plain if returning is None else plain.returning(returning))


def insert_unless(
    table: Table, *key: str, where: ColumnElement[bool] | None = None, returning: ColumnElement[Any]
) -> Statement:
    """Insert one row, or return no row and change nothing when the unique `key` (among those `where`) is taken.

    On PostgreSQL it waits for a transaction that is about to take the key.
    """
    values = _parameters(table)
    return Statement(
        sqlite.insert(table)
        .values(values)
        .on_conflict_do_nothing(index_elements=list(key), index_where=where)
        .returning(returning),
        postgresql=postgresql.insert(table)
        .values(values)
        .on_conflict_do_nothing(index_elements=list(key), index_where=where)
        .returning(returning),
    )


def insert_or_replace(table: Table, *key: str) -> Statement:
    """Insert one row, or write its columns over the row that has the same `key`."""
    values = _parameters(table)
    index = list(key)
    changed = {name: value for name, value in values.items() if name not in key}
    return Statement(
        sqlite.insert(table).values(values).on_conflict_do_update(index_elements=index, set_=changed),
        postgresql=postgresql.insert(table).values(values).on_conflict_do_update(index_elements=index, set_=changed),
    )


def _parameters(table: Table) -> dict[str, Any]:
    counted = table.autoincrement_column
    return {column.name: bindparam(column.name, type_=column.type) for column in table.columns if column is not counted}


def _compiled(clause: Executable, dialect: Dialect) -> SqlText:
    assert isinstance(clause, ClauseElement)
    compiled = clause.compile(dialect=COMPILERS[dialect])
    constants = {name: value for name, value in compiled.params.items() if value is not None}
    return SqlText(str(compiled), constants)
