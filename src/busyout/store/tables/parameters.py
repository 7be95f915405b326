"""Parameters that somebody has set."""

from msgspec.json import Decoder
from sqlalchemy import select

from busyout.domain.audit import AuditRecord
from busyout.domain.event import Event
from busyout.domain.parameter import Value
from busyout.store.appending import append_audit, append_events
from busyout.store.content import encode
from busyout.store.database import Connection, Database
from busyout.store.schema import parameters
from busyout.store.statement import Statement, insert_or_replace

_ALL = Statement(select(parameters))
_PUT = insert_or_replace(parameters, "id")

_VALUE: Decoder[Value] = Decoder(Value)


class ParameterTable:
    """Implements `ParameterList`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> dict[str, Value]:
        """The values that were set, by id."""
        return await self._database.read(
            lambda connection: {id: _VALUE.decode(value) for id, value in connection.all(_ALL)}
        )

    async def put(self, id: str, value: Value, *, audit: AuditRecord, event: Event) -> Event:
        """Keep a value; returns the stored event."""
        return await self._database.run(lambda connection: _put(connection, {id: value}, audit, event))


def _put(connection: Connection, values: dict[str, Value], audit: AuditRecord, event: Event) -> Event:
    for id, value in values.items():
        connection.change(_PUT, id=id, value=encode(value))
    append_audit(connection, audit)
    (stored,) = append_events(connection, (event,))
    return stored
