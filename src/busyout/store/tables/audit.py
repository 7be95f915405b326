"""The audit trail."""

from sqlalchemy import BigInteger, bindparam, select

from busyout.domain.audit import GENESIS, AuditEntry, AuditRecord
from busyout.store.appending import AUDIT, append_audit, read_record
from busyout.store.database import Database
from busyout.store.schema import audit, log_heads
from busyout.store.seal import Seal
from busyout.store.statement import Statement

_SINCE = Statement(
    select(audit.c.id, audit.c.record, audit.c.hash)
    .where(audit.c.id > bindparam("after", type_=BigInteger))
    .order_by(audit.c.id)
    .limit(bindparam("most", type_=BigInteger))
)
_HEAD = Statement(select(log_heads.c.last_id, log_heads.c.last_hash).where(log_heads.c.name == bindparam("log")))


class AuditTable:
    """Implements `AuditTrail`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal

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

    async def head(self) -> tuple[int, str]:
        """Id and hash of the newest entry, as they were noted when it was written; 0 before the first."""
        row = await self._database.read(lambda connection: connection.first(_HEAD, log=AUDIT))
        return (0, GENESIS) if row is None else (row[0], row[1])

    def fingerprint(self, content: bytes) -> str:
        """A keyed digest; see `AuditTrail.fingerprint`."""
        return self._seal.fingerprint(content)
