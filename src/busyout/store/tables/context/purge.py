"""Purges: services are looked at by their ids, and those that are old are removed."""

from typing import Final

from sqlalchemy import BigInteger, ColumnElement, Double, and_, bindparam, func, select

from busyout.domain.context.upkeep import Purge
from busyout.domain.mode import Mode
from busyout.ports.context_courses import Purged
from busyout.store.database import Connection, Database
from busyout.store.schema_courses import courses
from busyout.store.statement import Statement
from busyout.store.tables.context.course_removal import remove_services
from busyout.store.tables.context.gone import service_is_there
from busyout.store.tables.modes import hold_mode

_BEFORE = bindparam("before", type_=Double)
_ACTIVE = courses.c.completed_at.is_(None)
_ANONYMOUS = courses.c.customer.is_(None)
_OLD: Final[dict[Purge, ColumnElement[bool]]] = {
    Purge.ALL: courses.c.started_at < _BEFORE,
    Purge.STARTED: (courses.c.started_at < _BEFORE) & _ACTIVE,
    Purge.STARTED_ANONYMOUS: (courses.c.started_at < _BEFORE) & _ACTIVE & _ANONYMOUS,
    Purge.COMPLETED: courses.c.completed_at < _BEFORE,
    Purge.COMPLETED_ANONYMOUS: (courses.c.completed_at < _BEFORE) & _ANONYMOUS,
}


def looked_at(wanted: ColumnElement[bool]) -> Statement:
    """The next services by id, each with whether it is wanted: what one statement costs does not depend on how many
    are."""
    return Statement(
        select(courses.c.id, and_(wanted, service_is_there(courses)).label("wanted"))
        .where(courses.c.service.is_(None), courses.c.id > bindparam("after", type_=BigInteger))
        .order_by(courses.c.id)
        .limit(bindparam("most", type_=BigInteger))
    )


_LOOK = {which: looked_at(old) for which, old in _OLD.items()}
_COUNT = Statement(select(func.count()).select_from(courses).where(courses.c.service.is_(None)))


class PurgeTable:
    """Implements `ServicePurge`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count_services(self) -> int:
        """How many services there are."""
        return int(await self._database.read(lambda connection: connection.all(_COUNT)[0][0]))

    async def purge(self, before: float, which: Purge, *, after: int, limit: int) -> Purged:
        """Forget those of the next services that are old; see `ServicePurge.purge`."""

        def unit(connection: Connection) -> Purged:
            hold_mode(connection, Mode.PRODUCTION)
            rows = connection.all(_LOOK[which], before=before, after=after, most=limit)
            old = [number for number, wanted in rows if wanted]
            remove_services(connection, old)
            return Purged(len(rows), len(old), rows[-1][0] if rows else after)

        return await self._database.run(unit)
