"""What the tables see of a database: units of work that commit whole or not at all, one hop for each."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from busyout.store.statement import Dialect, SqlText, Statement

T = TypeVar("T")

Row = tuple[Any, ...]


class _Cursor(Protocol):
    """What both drivers have in common."""

    @property
    def rowcount(self) -> int: ...

    def fetchone(self) -> Row | None: ...

    def fetchall(self) -> list[Row]: ...


Execute = Callable[[str, dict[str, object]], _Cursor]


class Connection:
    """A database inside one unit of work."""

    def __init__(self, dialect: Dialect, execute: Execute) -> None:
        self._dialect = dialect
        self._execute = execute

    def all(self, statement: Statement, **values: object) -> list[Row]:
        """Every row."""
        return self._run(statement, values).fetchall()

    def first(self, statement: Statement, **values: object) -> Row | None:
        """The first row; None when there is none."""
        return self._run(statement, values).fetchone()

    def change(self, statement: Statement, **values: object) -> int:
        """Number of rows that a statement without RETURNING has changed."""
        return self._run(statement, values).rowcount

    def _run(self, statement: Statement, values: dict[str, object]) -> _Cursor:
        sql: SqlText = statement.text(self._dialect)
        return self._execute(sql.text, {**sql.constants, **{name: _kept(value) for name, value in values.items()}})


def _kept(value: object) -> object:
    """Text without NUL, which PostgreSQL cannot keep; SQLite is given the same."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) and "\0" in value else value


Unit = Callable[[Connection], T]
"""A piece of work on a connection. It may be tried twice, so it touches nothing but the connection."""


class Database(Protocol):
    """SQLite or PostgreSQL. Every method raises `StoreUnavailable` when the database does not answer."""

    async def run(self, unit: Unit[T]) -> T:
        """Do a unit of work in a transaction of its own; it is durable when this returns.

        What the unit raises is raised here, and nothing of the unit stays. Cancelling does not undo it.
        """

    async def read(self, unit: Unit[T]) -> T:
        """Do a unit that only reads, with one statement."""

    async def look_up(self, unit: Unit[T]) -> T:
        """Read by a primary key: like `read`, and at once where the database is a file."""

    async def close(self) -> None:
        """Finish what was begun, then let go of the database. Idempotent."""
