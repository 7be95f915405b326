"""The journal of operations: claims, what the runner writes, what operators ask."""

from sqlalchemy import Boolean, Double, bindparam, or_, select, update

from busyout.domain.audit import AuditRecord
from busyout.domain.errors import ElementBusy, KeyReused, NoSuchOperation, OperationSettled
from busyout.domain.event import Event
from busyout.domain.operation import Operation, Requests
from busyout.domain.page import OperationQuery
from busyout.ports.store import IdempotencyKey
from busyout.store.appending import append_audit, append_events
from busyout.store.database import Connection, Database
from busyout.store.schema import UNSETTLED, idempotency_keys, operations
from busyout.store.statement import Statement, insert_unless
from busyout.store.tables.operation_pages import page, purge, unsettled
from busyout.store.tables.operation_rows import READ, columns_of, operation_of, running_columns_of

_CLAIM = insert_unless(operations, "element", "lane", where=UNSETTLED, returning=operations.c.number)
_HOLDER = Statement(
    select(operations.c.id).where(
        UNSETTLED, operations.c.element == bindparam("of_element"), operations.c.lane == bindparam("of_lane")
    )
)
_ADD_KEY = insert_unless(idempotency_keys, "caller", "key", returning=idempotency_keys.c.operation)
_FIND_KEY = Statement(
    select(idempotency_keys.c.fingerprint, idempotency_keys.c.operation).where(
        idempotency_keys.c.caller == bindparam("of_caller"), idempotency_keys.c.key == bindparam("of_key")
    )
)

_THIS = operations.c.id == bindparam("of_id")
_FIND = Statement(READ.where(_THIS))
_RUNNERS = ("state", "settled", "steps", "started_at", "settled_at", "reason")
_RECORD = Statement(
    update(operations)
    .where(_THIS, UNSETTLED)
    .values({name: bindparam(f"new_{name}", type_=operations.c[name].type) for name in _RUNNERS})
)
_REQUEST = Statement(
    update(operations)
    .where(_THIS, UNSETTLED)
    .values(
        cancel=or_(operations.c.cancel, bindparam("and_cancel", type_=Boolean)),
        force=or_(operations.c.force, bindparam("and_force", type_=Boolean)),
        extended=operations.c.extended + bindparam("more", type_=Double),
    )
)


class OperationTable:
    """Implements `OperationJournal` and `OperationCatalogue`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, operation: Operation, *, key: IdempotencyKey | None, audit: AuditRecord) -> Operation:
        """Journal a new operation, and with it the sole right to its element's lane.

        Raises:
            ElementBusy: An unsettled operation holds the lane; `holder` is its id.
            KeyReused: The key is known with another fingerprint.
        """
        return await self._database.run(lambda connection: _claim(connection, operation, key, audit))

    async def record(self, operation: Operation, events: tuple[Event, ...]) -> tuple[Event, ...]:
        """Write a running operation's new state and its events; leaves `requests` alone. Returns the stored events.

        Raises:
            NoSuchOperation: There is none of that id.
            OperationSettled: It has settled, so that its state is final.
        """
        return await self._database.run(lambda connection: _record(connection, operation, events))

    async def request(self, operation: str, requests: Requests, *, audit: AuditRecord) -> Operation:
        """Add to what operators asked: flags are set, `extended` is added. Returns the operation as it is then.

        Raises:
            NoSuchOperation: There is none of that id.
            OperationSettled: It has settled.
        """
        return await self._database.run(lambda connection: _request(connection, operation, requests, audit))

    async def find(self, operation: str) -> Operation:
        """One operation.

        Raises:
            NoSuchOperation: There is none of that id.
        """
        return await self._database.look_up(lambda connection: _find(connection, operation))

    async def page(self, query: OperationQuery) -> tuple[Operation, ...]:
        """Operations that match, newest first."""
        return await self._database.read(lambda connection: page(connection, query))

    async def unsettled(self) -> tuple[Operation, ...]:
        """Every operation that has not settled, oldest first."""
        return await self._database.read(unsettled)

    async def purge(self, *, settled_before: float, limit: int) -> tuple[str, ...]:
        """Remove at most `limit` operations settled before that time, and their keys; return their ids."""
        return await self._database.run(lambda connection: purge(connection, settled_before, limit))


def _claim(connection: Connection, operation: Operation, key: IdempotencyKey | None, audit: AuditRecord) -> Operation:
    if key is not None and not _added(connection, key, operation.id):
        return _earlier(connection, key)
    if connection.first(_CLAIM, **columns_of(operation)) is None:
        raise _busy(connection, operation)
    append_audit(connection, audit)
    append_events(connection, (_started(operation),))
    return operation


def _added(connection: Connection, key: IdempotencyKey, operation: str) -> bool:
    values = {"caller": key.caller, "key": key.key, "fingerprint": key.fingerprint}
    return connection.first(_ADD_KEY, operation=operation, **values) is not None


def _earlier(connection: Connection, key: IdempotencyKey) -> Operation:
    row = connection.first(_FIND_KEY, of_caller=key.caller, of_key=key.key)
    if row is None or row[0] != key.fingerprint:
        raise KeyReused
    return _find(connection, row[1])


def _busy(connection: Connection, operation: Operation) -> ElementBusy:
    row = connection.first(_HOLDER, of_element=operation.element, of_lane=operation.lane)
    if row is None:
        return ElementBusy(f"another operation held {operation.element}; it has just settled")
    return ElementBusy(f"operation {row[0]} holds {operation.element}", holder=row[0])


def _started(operation: Operation) -> Event:
    tag = type(operation.command).__struct_config__.tag
    return Event(
        id=0,
        at=operation.created_at,
        type="operation.started",
        element=operation.element,
        operation=operation.id,
        data={"command": tag, "state": operation.state.value, "actor": operation.actor, "face": operation.face},
    )


def _record(connection: Connection, operation: Operation, events: tuple[Event, ...]) -> tuple[Event, ...]:
    values = {f"new_{name}": value for name, value in running_columns_of(operation).items()}
    if not connection.change(_RECORD, of_id=operation.id, **values):
        raise _final(connection, operation.id)
    return append_events(connection, events)


def _request(connection: Connection, operation: str, requests: Requests, audit: AuditRecord) -> Operation:
    values = {"and_cancel": requests.cancel, "and_force": requests.force, "more": requests.extended}
    if not connection.change(_REQUEST, of_id=operation, **values):
        raise _final(connection, operation)
    append_audit(connection, audit)
    return _find(connection, operation)


def _find(connection: Connection, operation: str) -> Operation:
    row = connection.first(_FIND, of_id=operation)
    if row is None:
        raise NoSuchOperation(f"there is no operation {operation}")
    return operation_of(row)


def _final(connection: Connection, operation: str) -> OperationSettled:
    """Why an operation could not be written.

    Raises:
        NoSuchOperation: Because there is none.
    """
    found = _find(connection, operation)
    return OperationSettled(f"operation {operation} has already settled: {found.state.value}")
