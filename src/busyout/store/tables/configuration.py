"""The configuration of each element, one row for each datastore."""

from typing import Any

from msgspec.json import Decoder
from sqlalchemy import bindparam, select

from busyout.domain.configuration.datastore import Datastore, Revision
from busyout.domain.configuration.tables import Tables
from busyout.domain.errors import NoSuchElement
from busyout.domain.event import Event
from busyout.store.appending import append_events
from busyout.store.content import encode
from busyout.store.database import Connection, Database
from busyout.store.schema import elements, revisions
from busyout.store.statement import Statement, insert_or_replace

_WRITE = insert_or_replace(revisions, "element", "datastore")
_FIND = Statement(
    select(revisions.c.tables, revisions.c.digest, revisions.c.saved_at).where(
        revisions.c.element == bindparam("of_element"), revisions.c.datastore == bindparam("of_datastore")
    )
)
_DIGESTS = Statement(
    select(revisions.c.datastore, revisions.c.digest).where(revisions.c.element == bindparam("of_element"))
)
_KEEP_ELEMENT = Statement(
    select(elements.c.name).where(elements.c.name == bindparam("of_element")).with_for_update(read=True, key_share=True)
)
"""Makes sure that the element stays until the commit."""

_TABLES = Decoder(Tables)


class ConfigurationTable:
    """Implements `ConfigurationArchive`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def current(self, element: str, datastore: Datastore) -> Revision:
        """What the datastore holds.

        Raises:
            NoSuchElement: There is none of that name.
        """
        return await self._database.look_up(lambda connection: _current(connection, element, datastore))

    async def replace(self, revision: Revision, event: Event) -> Event:
        """Make a content the datastore's own; returns the stored event.

        Raises:
            NoSuchElement: There is none of that name.
        """
        return await self._database.run(lambda connection: _replace(connection, revision, event))

    async def digests(self, element: str) -> tuple[str, str]:
        """Digests of running and startup.

        Raises:
            NoSuchElement: There is none of that name.
        """
        return await self._database.look_up(lambda connection: _digests(connection, element))


def write_revision(connection: Connection, revision: Revision) -> None:
    """Put a revision in the place of the one its datastore holds."""
    connection.change(
        _WRITE,
        element=revision.element,
        datastore=revision.datastore.value,
        tables=encode(revision.tables),
        digest=revision.digest,
        saved_at=revision.saved_at,
    )


def _current(connection: Connection, element: str, datastore: Datastore) -> Revision:
    row = connection.first(_FIND, of_element=element, of_datastore=datastore.value)
    if row is None:
        raise _none(element)
    tables, digest, saved_at = row
    return Revision(element, datastore, _TABLES.decode(tables), digest, saved_at)


def _replace(connection: Connection, revision: Revision, event: Event) -> Event:
    if connection.first(_KEEP_ELEMENT, of_element=revision.element) is None:
        raise _none(revision.element)
    write_revision(connection, revision)
    (stored,) = append_events(connection, (event,))
    return stored


def _digests(connection: Connection, element: str) -> tuple[str, str]:
    known: dict[str, Any] = dict(connection.all(_DIGESTS, of_element=element))
    try:
        return known[Datastore.RUNNING.value], known[Datastore.STARTUP.value]
    except KeyError:
        raise _none(element) from None


def _none(element: str) -> NoSuchElement:
    return NoSuchElement(f"there is no element {element}")
