"""The audit trail."""

from sqlalchemy import BigInteger, bindparam, select

from busyout.domain.audit import AuditEntry, AuditRecord
from busyout.store.appending import append_audit, read_record
from busyout.store.database import Database
from busyout.store.schema import audit
from busyout.store.statement import Statement

_SINCE = Statement(
    select(audit.c.id, audit.c.record, audit.c.hash)
    .where(audit.c.id > bindparam("after", type_=BigInteger))
    .order_by(audit.c.id)
    .limit(bindparam("most", type_=BigInteger))
)


class AuditTable:
    """Implements `AuditTrail`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, record: AuditRecord) -> AuditEntry:
        """Put a record at the end of the chain."""
        return await self._database.run(lambda connection: append_audit(connection, record))

    async def since(self, after: int, *, limit: int) -> tuple[AuditEntry, ...]:
        """Entries with an id above `after`, in order."""
        return await self._database.read(
            lambda connection: tuple(
                AuditEntry(id, read_record(body), digest)
                for id, body, digest in connection.all(_SINCE, after=after, most=limit)
            )
        )
