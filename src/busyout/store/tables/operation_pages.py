"""Operations, many at a time: pages by key, what has not settled, what is old enough to go."""

from sqlalchemy import BigInteger, Double, Select, bindparam, delete, select

from busyout.domain.operation import Operation
from busyout.domain.page import OperationQuery
from busyout.store.database import Connection
from busyout.store.schema import UNSETTLED, operations
from busyout.store.statement import Statement
from busyout.store.tables.operation_rows import READ, operation_of

_BEFORE = select(operations.c.number).where(operations.c.id == bindparam("before")).scalar_subquery()

_UNSETTLED = Statement(READ.where(UNSETTLED).order_by(operations.c.number))
_OLD = (
    select(operations.c.number)
    .where(operations.c.settled.is_(True), operations.c.settled_at < bindparam("settled_before", type_=Double))
    .order_by(operations.c.settled_at)
    .limit(bindparam("most", type_=BigInteger))
)
_PURGE = Statement(
    delete(operations)
    .where(operations.c.number.in_(_OLD.scalar_subquery()), operations.c.settled.is_(True))
    .returning(operations.c.id)
)


def _page_statement(*, of_element: bool, settled: bool | None, further: bool) -> Statement:
    query: Select[tuple[object, ...]] = READ.order_by(operations.c.number.desc()).limit(
        bindparam("most", type_=BigInteger)
    )
    if of_element:
        query = query.where(operations.c.element == bindparam("of_element"))
    if settled is not None:
        query = query.where(operations.c.settled.is_(settled))
    if further:
        query = query.where(operations.c.number < _BEFORE)
    return Statement(query)


_PAGES = {
    (of_element, settled, further): _page_statement(of_element=of_element, settled=settled, further=further)
    for of_element in (False, True)
    for settled in (None, False, True)
    for further in (False, True)
}


def page(connection: Connection, query: OperationQuery) -> tuple[Operation, ...]:
    """Operations that match, newest first."""
    statement = _PAGES[query.element is not None, query.settled, query.before is not None]
    values = {"of_element": query.element, "before": query.before}
    given = {name: value for name, value in values.items() if value is not None}
    return tuple(operation_of(row) for row in connection.all(statement, most=query.limit, **given))


def unsettled(connection: Connection) -> tuple[Operation, ...]:
    """Every operation that has not settled, oldest first."""
    return tuple(operation_of(row) for row in connection.all(_UNSETTLED))


def purge(connection: Connection, settled_before: float, limit: int) -> tuple[str, ...]:
    """Remove old operations and, by the foreign key, their idempotency keys."""
    return tuple(row[0] for row in connection.all(_PURGE, settled_before=settled_before, most=limit))
