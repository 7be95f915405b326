"""Monitors of operations, and the counters of their numbers."""

from msgspec.structs import asdict
from sqlalchemy import BigInteger, Double, bindparam, delete, func, select, update

from busyout.domain.monitor import Monitor
from busyout.store.database import Connection, Database
from busyout.store.schema import monitor_counters, monitors, operations
from busyout.store.statement import Statement, insert_into, insert_unless

_COUNTER = insert_unless(monitor_counters, "collection", returning=monitor_counters.c.last_number)
_OF_COLLECTION = monitor_counters.c.collection == bindparam("of_collection")
_NEXT = Statement(
    update(monitor_counters)
    .where(_OF_COLLECTION)
    .values(last_number=monitor_counters.c.last_number + 1)
    .returning(monitor_counters.c.last_number)
)
_LAST = Statement(select(monitor_counters.c.last_number).where(_OF_COLLECTION))
_ADD = insert_into(monitors)
_COUNT = Statement(select(func.count()).select_from(monitors))

_THIS = (
    monitors.c.collection == bindparam("of_collection"),
    monitors.c.number == bindparam("of_number", type_=BigInteger),
)
_FIND = Statement(select(monitors.c.operation, monitors.c.tenant).where(*_THIS))
_REMOVE = Statement(delete(monitors).where(*_THIS))

_ITS_OPERATION = operations.c.id == monitors.c.operation
_EXPIRE = Statement(
    delete(monitors).where(
        select(operations.c.number)
        .where(
            _ITS_OPERATION,
            operations.c.settled.is_(True),
            operations.c.settled_at < bindparam("settled_before", type_=Double),
        )
        .exists()
    )
)


def _bound(*, settled: bool) -> Statement:
    """Remove all but the newest of those whose operations have settled, or have not."""
    older = (
        select(monitors.c.id)
        .join(operations, _ITS_OPERATION)
        .where(operations.c.settled.is_(settled))
        .order_by(monitors.c.id.desc())
        .offset(bindparam("kept", type_=BigInteger))
    )
    return Statement(delete(monitors).where(monitors.c.id.in_(older)))


_BOUNDS = (_bound(settled=True), _bound(settled=False))


class MonitorTable:
    """Implements `MonitorList`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self, collection: str, operation: str, *, tenant: str, kept: int) -> Monitor:
        """Give an operation the next number of a collection, and keep to the bound."""

        def unit(connection: Connection) -> Monitor:
            monitor = Monitor(collection, _next_number(connection, collection), operation, tenant)
            connection.change(_ADD, **asdict(monitor))
            _keep_to(connection, kept)
            return monitor

        return await self._database.run(unit)

    async def find(self, collection: str, number: int) -> Monitor | None:
        """A monitor; None where there is none."""
        return await self._database.look_up(lambda connection: _find(connection, collection, number))

    async def delete(self, collection: str, number: int, *, tenant: str) -> bool:
        """Remove a monitor; false when its number was never given, or is another tenant's."""
        return await self._database.run(lambda connection: _delete(connection, collection, number, tenant))

    async def expire(self, *, settled_before: float) -> None:
        """Remove those whose operations settled before that time."""
        await self._database.run(lambda connection: connection.change(_EXPIRE, settled_before=settled_before))


def _next_number(connection: Connection, collection: str) -> int:
    connection.first(_COUNTER, collection=collection, last_number=0)
    row = connection.first(_NEXT, of_collection=collection)
    if row is None:
        raise LookupError(f"the counter of {collection} is missing")
    return int(row[0])


def _keep_to(connection: Connection, kept: int) -> None:
    count = connection.first(_COUNT)
    if count is not None and count[0] > kept:
        for bound in _BOUNDS:
            connection.change(bound, kept=kept)


def _find(connection: Connection, collection: str, number: int) -> Monitor | None:
    row = connection.first(_FIND, of_collection=collection, of_number=number)
    return None if row is None else Monitor(collection, number, row[0], row[1] or "")


def _delete(connection: Connection, collection: str, number: int, tenant: str) -> bool:
    monitor = _find(connection, collection, number)
    if monitor is not None and not monitor.seen_by(tenant):
        return False
    connection.change(_REMOVE, of_collection=collection, of_number=number)
    last = connection.first(_LAST, of_collection=collection)
    return last is not None and 1 <= number <= last[0]
