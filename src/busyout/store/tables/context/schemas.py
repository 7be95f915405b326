"""Extensions: added, seen, and removed with all their records."""

from typing import Final

from msgspec.structs import replace
from sqlalchemy import BigInteger, Table, bindparam, delete, func, select, update

from busyout.domain.audit import AuditRecord
from busyout.domain.context.errors import ExtensionInUse, NameTaken
from busyout.domain.context.names import folded
from busyout.domain.context.schema import UNNUMBERED, Extension, Subject
from busyout.domain.mode import Mode
from busyout.ports.context_schemas import KeptSchemas
from busyout.store.appending import append_audit
from busyout.store.content import encode
from busyout.store.database import Connection, Database
from busyout.store.pieces import remove_first
from busyout.store.schema_context import course_records, customer_records, extensions
from busyout.store.statement import Statement, insert_unless
from busyout.store.tables.context.definitions import (
    advance_generation,
    find_extension,
    generation_of,
    has_key,
    seen_extensions,
    seen_keys,
)
from busyout.store.tables.modes import hold_mode

_ADD = insert_unless(extensions, "subject", "folded", returning=extensions.c.id)
_THIS = extensions.c.id == bindparam("of_id", type_=BigInteger)
_HIDE = Statement(update(extensions).where(_THIS).values(going=True))
_FORGET = Statement(delete(extensions).where(_THIS))


def _count(table: Table) -> Statement:
    of_this = table.c.extension == bindparam("of_extension", type_=BigInteger)
    return Statement(select(func.count()).select_from(table).where(of_this))


_RECORDS: Final = (customer_records, course_records)
_COUNT: Final = tuple(_count(table) for table in _RECORDS)
_REMOVE: Final = tuple(
    remove_first(table, table.c.extension == bindparam("of_extension", type_=BigInteger)) for table in _RECORDS
)


class SchemaTable:
    """Implements `SchemaRegister` and `ExtensionRemoval`.

    The mode is held first in each unit that changes what others see, then the audit entry is written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def generation(self) -> int:
        """The present generation."""
        return await self._database.look_up(generation_of)

    async def read(self) -> KeptSchemas:
        """All that is defined; in a transaction, so that it is of one moment."""
        return await self._database.run(
            lambda connection: KeptSchemas(
                generation_of(connection), seen_extensions(connection), seen_keys(connection)
            )
        )

    async def add_extension(self, extension: Extension, *, in_any_mode: bool, audit: AuditRecord) -> Extension:
        """Keep a new extension; see `SchemaRegister.add_extension`."""
        return await self._database.run(lambda connection: _add(connection, extension, audit, in_any_mode=in_any_mode))

    async def hide(self, subject: Subject, name: str) -> int:
        """Let nobody see an extension any more; see `ExtensionRemoval.hide`."""
        return await self._database.run(lambda connection: _hide(connection, subject, name))

    async def count_records(self, extension: int) -> int:
        """How many records it has."""
        return await self._database.read(lambda connection: _counted(connection, extension))

    async def remove_records(self, extension: int, *, limit: int) -> int:
        """Remove at most so many of its records; see `ExtensionRemoval.remove_records`."""
        return await self._database.run(lambda connection: _remove_records(connection, extension, limit))

    async def forget(self, extension: int) -> None:
        """Forget the extension itself, which has no records any more. Idempotent."""
        await self._database.run(lambda connection: connection.change(_FORGET, of_id=extension))


def _add(connection: Connection, extension: Extension, audit: AuditRecord, *, in_any_mode: bool) -> Extension:
    if not in_any_mode:
        hold_mode(connection, Mode.MAINTENANCE)
    advance_generation(connection)
    append_audit(connection, audit)
    row = connection.first(
        _ADD,
        subject=extension.subject.value,
        folded=folded(extension.name),
        definition=encode(replace(extension, id=UNNUMBERED)),
        going=False,
    )
    if row is None:
        raise NameTaken(f'there is a {extension.subject.value} extension "{extension.name}" already')
    return replace(extension, id=row[0])


def _hide(connection: Connection, subject: Subject, name: str) -> int:
    """The generation is advanced first: no key can then begin to use the extension meanwhile."""
    advance_generation(connection)
    extension, going = find_extension(connection, subject, name)
    if going:
        return extension.id
    hold_mode(connection, Mode.MAINTENANCE)
    if has_key(connection, extension.id):
        raise ExtensionInUse(f'an identification key uses the extension "{extension.name}"')
    connection.change(_HIDE, of_id=extension.id)
    return extension.id


def _counted(connection: Connection, extension: int) -> int:
    return sum(int(connection.all(statement, of_extension=extension)[0][0]) for statement in _COUNT)


def _remove_records(connection: Connection, extension: int, limit: int) -> int:
    removed = 0
    for statement in _REMOVE:
        removed += connection.change(statement, of_extension=extension, most=limit - removed)
        if removed == limit:
            break
    return removed
