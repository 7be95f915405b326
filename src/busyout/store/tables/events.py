"""The event log."""

from msgspec.json import Decoder
from sqlalchemy import BigInteger, bindparam, delete, select

from busyout.domain.event import Event
from busyout.store.appending import EVENTS, append_events
from busyout.store.database import Connection, Database, Row
from busyout.store.schema import events, log_heads
from busyout.store.statement import Statement

TRIM_SLICE = 5000
"""Most events removed in one transaction, so that others wait a few milliseconds at the most."""

_LAST_ID = Statement(select(log_heads.c.last_id).where(log_heads.c.name == EVENTS))
_SINCE = Statement(
    select(events)
    .where(events.c.id > bindparam("after", type_=BigInteger))
    .order_by(events.c.id)
    .limit(bindparam("most", type_=BigInteger))
)
_OLDEST = Statement(select(events.c.id).order_by(events.c.id).limit(1))
_REMOVE = Statement(delete(events).where(events.c.id <= bindparam("up_to", type_=BigInteger)))

_DATA = Decoder(dict)


class EventTable:
    """Implements `EventLog`. Ids have no gaps, so that a number of events is a difference of ids."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Store events; returns them with their ids."""
        if not events:
            return ()
        return await self._database.run(lambda connection: append_events(connection, events))

    async def since(self, after: int, *, limit: int) -> tuple[Event, ...]:
        """Events with an id above `after`, in order."""
        return await self._database.read(
            lambda connection: tuple(_event(row) for row in connection.all(_SINCE, after=after, most=limit))
        )

    async def last_id(self) -> int:
        """Id of the newest event, even when it has been trimmed; 0 when there was none."""
        return await self._database.look_up(_last_id)

    async def trim(self, *, keep: int) -> None:
        """Remove the oldest events, slice by slice, so that at most `keep` are left."""
        while await self._database.run(lambda connection: _trim(connection, keep)):
            pass


def _last_id(connection: Connection) -> int:
    row = connection.first(_LAST_ID)
    return int(row[0]) if row is not None else 0


def _trim(connection: Connection, keep: int) -> bool:
    """Remove one slice; true when there may be more."""
    oldest = connection.first(_OLDEST)
    if oldest is None:
        return False
    unwanted = _last_id(connection) - keep
    if oldest[0] > unwanted:
        return False
    up_to = min(unwanted, oldest[0] + TRIM_SLICE - 1)
    connection.change(_REMOVE, up_to=up_to)
    return bool(up_to < unwanted)


def _event(row: Row) -> Event:
    id, at, type, element, operation, data = row
    return Event(id, at, type, element, operation, _DATA.decode(data))
