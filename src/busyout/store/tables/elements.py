"""The register of elements."""

from msgspec.json import Decoder
from sqlalchemy import bindparam, delete, select, update

from busyout.domain.audit import AuditRecord
from busyout.domain.configuration.datastore import Revision
from busyout.domain.element import Element
from busyout.domain.errors import ElementBusy, NoSuchElement
from busyout.domain.event import Event
from busyout.domain.states import AdministrativeState
from busyout.store.appending import append_audit, append_events
from busyout.store.content import encode
from busyout.store.database import Connection, Database, Row
from busyout.store.schema import UNSETTLED, elements, operations
from busyout.store.statement import Statement, insert_unless
from busyout.store.tables.configuration import write_revision

_ADD = insert_unless(elements, "name", returning=elements.c.name)
_ALL = Statement(select(elements).order_by(elements.c.name))
_NAMED = elements.c.name == bindparam("of_name")
_SET_ADMINISTRATIVE = Statement(update(elements).where(_NAMED).values(administrative=bindparam("state")))
_HOLDER = Statement(
    select(operations.c.id)
    .where(UNSETTLED, operations.c.element == bindparam("of_name"))
    .order_by(operations.c.number)
    .limit(1)
)
_REMOVE = Statement(delete(elements).where(_NAMED))

_OPTIONS = Decoder(dict[str, str])


class ElementTable:
    """Implements `ElementRegister`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, element: Element, revisions: tuple[Revision, ...], *, audit: AuditRecord) -> bool:
        """Keep a new element and its first configuration; false, and nothing changed, when the name is known."""
        return await self._database.run(lambda connection: _add(connection, element, revisions, audit))

    async def all(self) -> tuple[Element, ...]:
        """Every element, by name."""
        return await self._database.read(lambda connection: tuple(_element(row) for row in connection.all(_ALL)))

    async def set_administrative(self, element: str, state: AdministrativeState, event: Event) -> Event:
        """Keep the wish; returns the stored event.

        Raises:
            NoSuchElement: There is none of that name.
        """
        return await self._database.run(lambda connection: _set_administrative(connection, element, state, event))

    async def remove(self, element: str, *, audit: AuditRecord) -> None:
        """Forget an element and its configuration.

        Raises:
            ElementBusy: An unsettled operation holds it.
            NoSuchElement: There is none of that name.
        """
        await self._database.run(lambda connection: _remove(connection, element, audit))


def _add(connection: Connection, element: Element, revisions: tuple[Revision, ...], audit: AuditRecord) -> bool:
    added = connection.first(
        _ADD,
        name=element.name,
        kind=element.kind,
        driver=element.driver,
        options=encode(element.options),
        retry_after=element.retry_after,
        administrative=element.administrative.value,
    )
    if added is None:
        return False
    for revision in revisions:
        write_revision(connection, revision)
    append_audit(connection, audit)
    return True


def _set_administrative(connection: Connection, element: str, state: AdministrativeState, event: Event) -> Event:
    if not connection.change(_SET_ADMINISTRATIVE, of_name=element, state=state.value):
        raise NoSuchElement(f"there is no element {element}")
    (stored,) = append_events(connection, (event,))
    return stored


def _remove(connection: Connection, element: str, audit: AuditRecord) -> None:
    if not connection.change(_REMOVE, of_name=element):
        raise NoSuchElement(f"there is no element {element}")
    holder = connection.first(_HOLDER, of_name=element)
    if holder is not None:
        raise ElementBusy(f"operation {holder[0]} holds {element}", holder=holder[0])
    append_audit(connection, audit)


def _element(row: Row) -> Element:
    name, kind, driver, options, retry_after, administrative = row
    return Element(
        name=name,
        kind=kind,
        driver=driver,
        options=_OPTIONS.decode(options),
        retry_after=retry_after,
        administrative=AdministrativeState(administrative),
    )
