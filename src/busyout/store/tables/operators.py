"""Operators kept in the store."""

from msgspec.json import Decoder
from sqlalchemy import select

from busyout.domain.audit import AuditRecord
from busyout.domain.operator import Level, Operator
from busyout.store.appending import append_audit
from busyout.store.content import encode
from busyout.store.database import Connection, Database, Row
from busyout.store.schema import operators
from busyout.store.statement import Statement, insert_or_replace

_ALL = Statement(select(operators).order_by(operators.c.name))
_PUT = insert_or_replace(operators, "name")

_PRIVILEGES = Decoder(tuple[str, ...])


class OperatorTable:
    """Implements `OperatorList`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> tuple[Operator, ...]:
        """Every operator, by name."""
        return await self._database.read(lambda connection: tuple(_operator(row) for row in connection.all(_ALL)))

    async def put(self, operator: Operator, *, audit: AuditRecord) -> None:
        """Add or replace an operator."""
        await self._database.run(lambda connection: _put(connection, operator, audit))


def _put(connection: Connection, operator: Operator, audit: AuditRecord) -> None:
    connection.change(
        _PUT,
        name=operator.name,
        password_hash=operator.password_hash,
        level=int(operator.level),
        privileges=encode(operator.privileges),
    )
    append_audit(connection, audit)


def _operator(row: Row) -> Operator:
    name, password_hash, level, privileges = row
    return Operator(name, password_hash, Level(level), _PRIVILEGES.decode(privileges))
