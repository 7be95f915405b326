"""What is left of customers and services that are gone, removed piece by piece."""

from sqlalchemy import bindparam, delete, select, union_all

from busyout.store.content import encode
from busyout.store.database import Connection, Database
from busyout.store.lists import with_numbers
from busyout.store.schema_remains import gone_customers, gone_services
from busyout.store.statement import Statement
from busyout.store.tables.context.course_removal import ROOM, clear_services
from busyout.store.tables.context.customer_removal import AT_ONCE, clear_customer

_ANY = Statement(
    union_all(select(gone_customers.c.customer.is_(None)), select(gone_services.c.service.is_(None))).limit(1)
)

_SERVICES = Statement(
    select(gone_services.c.service).order_by(gone_services.c.service).limit(AT_ONCE).with_for_update(skip_locked=True)
)
"""Of several servers on one store, each clears away what no other one does."""
_CUSTOMER = Statement(
    select(gone_customers.c.customer).order_by(gone_customers.c.customer).limit(1).with_for_update(skip_locked=True)
)
_FORGET_SERVICES = with_numbers("ids", lambda ids: delete(gone_services).where(gone_services.c.service.in_(ids)))
_FORGET_CUSTOMER = Statement(delete(gone_customers).where(gone_customers.c.customer == bindparam("whose")))


class RemainsTable:
    """Implements `Remains`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def clear(self) -> bool:
        """Remove some of what is left; see `Remains.clear`."""
        if await self._database.look_up(lambda connection: connection.first(_ANY)) is None:
            return False
        return await self._database.run(_clear)


def _clear(connection: Connection) -> bool:
    services = [service for (service,) in connection.all(_SERVICES)]
    if services:
        if clear_services(connection, services, ROOM) < ROOM:
            connection.change(_FORGET_SERVICES, ids=encode(services))
        return True
    customer = connection.first(_CUSTOMER)
    if customer is None:
        return False
    if clear_customer(connection, customer[0], ROOM) < ROOM:
        connection.change(_FORGET_CUSTOMER, whose=customer[0])
    return True
