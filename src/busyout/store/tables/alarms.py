"""The alarm list."""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace
from sqlalchemy import BigInteger, Double, bindparam, delete, func, select, update

from busyout.domain.alarm import Alarm, Severity
from busyout.domain.event import Event
from busyout.store.appending import append_events
from busyout.store.database import Connection, Database, Row
from busyout.store.schema import ACTIVE, alarms
from busyout.store.statement import Statement, insert_unless

CLEARED_KEPT = 10_000
"""How many of the last alarms are kept after they were cleared; the event log tells of the others."""

_NEWER = alarms.alias("newer")

_RAISE = insert_unless(alarms, "element", "source", "name", where=ACTIVE, returning=alarms.c.id)

_SAME = (
    ACTIVE,
    alarms.c.element == bindparam("of_element"),
    alarms.c.source == bindparam("of_source"),
    alarms.c.name == bindparam("of_name"),
)
_FIND = Statement(select(alarms).where(*_SAME))
_CLEAR = Statement(
    update(alarms).where(*_SAME).values(cleared_at=bindparam("at", type_=Double)).returning(*alarms.columns)
)
_FORGET = Statement(
    delete(alarms).where(
        alarms.c.cleared_at.is_not(None),
        alarms.c.id <= select(func.max(_NEWER.c.id)).scalar_subquery() - CLEARED_KEPT,
    )
)
_ACTIVE = Statement(
    select(alarms)
    .where(ACTIVE, alarms.c.id > bindparam("after", type_=BigInteger))
    .order_by(alarms.c.id)
    .limit(bindparam("most", type_=BigInteger))
)


class AlarmTable:
    """Implements `AlarmList`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def raise_(self, alarm: Alarm, event: Event) -> tuple[Alarm, Event | None]:
        """Raise an alarm; one that is active already (element, source, name) stays as it is, without an event."""
        return await self._database.run(lambda connection: _raise(connection, alarm, event))

    async def clear(self, element: str, source: str, name: str, *, at: float) -> tuple[Event, ...]:
        """Clear the active alarm of that name; nothing when there is none. Returns the stored event, if any."""
        return await self._database.run(lambda connection: _clear(connection, _key(element, source, name), at))

    async def active(self, *, after: int, limit: int) -> tuple[Alarm, ...]:
        """Active alarms by id."""
        return await self._database.read(
            lambda connection: tuple(_alarm(row) for row in connection.all(_ACTIVE, after=after, most=limit))
        )


def _raise(connection: Connection, alarm: Alarm, event: Event) -> tuple[Alarm, Event | None]:
    while True:
        row = connection.first(_RAISE, **_columns(alarm))
        if row is not None:
            (stored,) = append_events(connection, (event,))
            return replace(alarm, id=row[0], cleared_at=None), stored
        known = connection.first(_FIND, **_key(alarm.element, alarm.source, alarm.name))
        if known is not None:
            return _alarm(known), None
        # Another server has cleared it between the two statements, so that it can be raised anew.


def _clear(connection: Connection, key: Mapping[str, str], at: float) -> tuple[Event, ...]:
    row = connection.first(_CLEAR, at=at, **key)
    if row is None:
        return ()
    connection.change(_FORGET)
    alarm = _alarm(row)
    data = {"id": alarm.id, "source": alarm.source, "name": alarm.name, "severity": Severity.CLEARED.value}
    event = Event(id=0, at=at, type="alarm.cleared", element=alarm.element, operation="", data=data)
    return append_events(connection, (event,))


def _key(element: str, source: str, name: str) -> dict[str, str]:
    return {"of_element": element, "of_source": source, "of_name": name}


def _columns(alarm: Alarm) -> dict[str, Any]:
    return {
        "element": alarm.element,
        "source": alarm.source,
        "name": alarm.name,
        "severity": alarm.severity.value,
        "probable_cause": alarm.probable_cause,
        "text": alarm.text,
        "raised_at": alarm.raised_at,
        "cleared_at": None,
    }


def _alarm(row: Row) -> Alarm:
    id, element, source, name, severity, probable_cause, text, raised_at, cleared_at = row
    return Alarm(id, element, source, name, Severity(severity), probable_cause, text, raised_at, cleared_at)
