"""Imports: what rows make is put where it belongs bit by bit, where nobody sees it, and is seen by one unit of work."""

import asyncio
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Text, bindparam, null, select, update

from busyout.domain.audit import AuditRecord
from busyout.domain.context.errors import ImportRunning, UniqueValueTaken
from busyout.domain.context.importing import Imported
from busyout.domain.context.span import Span
from busyout.domain.mode import Mode
from busyout.ports.context_intake import Intake, Known, Line, Prepared
from busyout.store.content import encode
from busyout.store.database import Connection, Database
from busyout.store.schema_customers import customers
from busyout.store.schema_imports import imports
from busyout.store.seal import Seal
from busyout.store.statement import Statement, insert_unless
from busyout.store.tables.context import intake_places as places
from busyout.store.tables.context import intake_statements as statements
from busyout.store.tables.context.customers import read_customer
from busyout.store.tables.context.intake_taking import Outrun, drop, hold, place, take_in, within
from busyout.store.tables.context.intake_writing import IntakeWriting, Written, lines_of
from busyout.store.tables.context.sealed_records import SealedRecords
from busyout.store.tables.modes import hold_mode

RUNNING: Final = "import"
"""What stands in `imports.running` of the one that is carried out."""

_BEGIN = insert_unless(imports, "running", returning=imports.c.id)
_RUNNING = Statement(select(imports.c.id, imports.c.slot).where(imports.c.running == RUNNING))
_END = Statement(
    update(imports)
    .where(imports.c.slot == bindparam("of_slot", type_=Text), imports.c.running == RUNNING)
    .values(running=null())
)
_REVISION = Statement(select(customers.c.revision).where(customers.c.id == bindparam("of_id", type_=Text)))


class IntakeTable:
    """Implements `CustomerIntake`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._writing = IntakeWriting(seal)
        self._records = SealedRecords(seal)

    async def begin(self, slot: str, family: str, *, live: frozenset[str]) -> int:
        """Begin an import; see `IntakeRegister.begin`."""

        def unit(connection: Connection) -> int:
            running = connection.first(_RUNNING)
            if running is not None:
                if running[1] in live:
                    raise ImportRunning
                connection.change(_END, of_slot=running[1])
            counts = {"members": 0, "created": 0, "updated": 0}
            row = connection.first(_BEGIN, running=RUNNING, slot=slot, family=family, **counts)
            if row is None:
                raise ImportRunning
            connection.change(places.HIDE, of_family=family)
            return int(row[0])

        return await self._database.run(unit)

    async def find_known(self, intake: Intake, digests: Sequence[str]) -> dict[str, Known | None]:
        """Customers that are found under digests; see `IntakeRows.find_known`."""
        assert intake.key is not None
        asked = {"of_key": intake.key.id, "digests": encode(list(digests))}

        def unit(connection: Connection) -> dict[str, Known | None]:
            several: dict[str, list[str]] = {}
            for digest, customer in connection.all(statements.FIND, **asked):
                several.setdefault(digest, []).append(customer)
            found: dict[str, Known | None] = {}
            for digest, ids in several.items():
                if len(ids) > 1:
                    found[digest] = None
                elif (known := self._known(connection, intake, ids[0])) is not None:
                    found[digest] = known
            return found

        return await self._database.read(unit)

    async def put_aside(self, intake: Intake, rows: Sequence[Prepared], *, members: int, again: bool) -> None:
        """Keep what rows will make; see `IntakeRows.put_aside`."""
        written = await asyncio.to_thread(self._writing.written, intake, rows)
        created = len(written.customers)
        counts = {"of_members": members, "more_created": created, "more_updated": len(rows) - created}

        def unit(connection: Connection) -> None:
            hold_mode(connection, Mode.PRODUCTION)
            hold(connection, intake, **counts)
            if again:
                _forget(connection, intake, [row.line.row for row in rows])
            _put_aside(connection, intake, written)

        await self._database.run(unit)

    async def outrun(self, intake: Intake, span: Span, *, limit: int) -> tuple[Line, ...]:
        """Rows whose customers have changed; see `IntakeRows.outrun`."""
        if intake.key is None:
            return ()
        asked = {**within(intake, span), "of_key": intake.key.id, "most": limit}
        rows = await self._database.read(lambda connection: connection.all(statements.OUTRUN, **asked))
        return lines_of(self._writing, intake, rows)

    async def check_unique(self, intake: Intake, span: Span) -> None:
        """Let an import pass whose unique keys fit; see `IntakeRows.check_unique`."""
        asked = within(intake, span)
        twice = await self._database.read(lambda connection: connection.first(statements.TWICE, **asked))
        if twice is not None:
            key, first, second = twice
            same = f'have the same values of the identification key "{_name_of(intake, key)}"'
            raise UniqueValueTaken(f"rows {first} and {second} {same if key else 'are the same customer'}")
        taken = await self._database.read(lambda connection: connection.first(statements.TAKEN, **asked))
        if taken is not None:
            name = _name_of(intake, taken[1])
            raise UniqueValueTaken(f'row {taken[0]}: a customer has the same values of the identification key "{name}"')

    async def place(self, intake: Intake, span: Span) -> bool:
        """Put what new customers will be found under in its place; see `IntakePlaces.place`."""

        return await self._database.run(lambda connection: place(connection, intake, span))

    async def take_in(self, intake: Intake, left: Sequence[Span], *, audit: AuditRecord) -> Imported | None:
        """Let all be seen; see `IntakePlaces.take_in`."""
        try:
            return await self._database.run(lambda connection: take_in(connection, intake, left, audit))
        except Outrun:
            return None

    async def drop(self, *, limit: int) -> int:
        """Remove some rows of imports that are not carried out any more; 0 when none are left."""
        if await self._database.read(lambda connection: connection.first(places.ENDED)) is None:
            return 0
        return await self._database.run(lambda connection: drop(connection, limit))

    async def end(self, slot: str) -> None:
        """No import is carried out in that slot any more."""
        await self._database.run(lambda connection: connection.change(_END, of_slot=slot))

    def _known(self, connection: Connection, intake: Intake, customer: str) -> Known | None:
        """The revision first: it is too old if the customer changes in between, and the row is seen as outrun."""
        revision = connection.first(_REVISION, of_id=customer)
        known = read_customer(connection, self._records, customer, intake.schemas.extensions)
        return None if revision is None or known is None else Known(known, revision[0])


def _put_aside(connection: Connection, intake: Intake, written: Written) -> None:
    for statement, rows in (
        (statements.PUT_CUSTOMERS, written.customers),
        (statements.PUT_RECORDS, written.customer_records),
        (statements.ADD_RECORDS, written.records),
        (statements.ADD_ENTRIES, written.entries),
    ):
        if rows:
            connection.change(statement, rows=encode(rows))
    if written.rows and connection.change(statements.ADD_ROWS, rows=encode(written.rows)) != len(written.rows):
        for _, _, row, customer, *_ in written.rows:
            ((known,),) = connection.all(statements.SAME_CUSTOMER, of_intake=intake.id, of_customer=customer)
            if known != row:
                raise UniqueValueTaken(f"rows {min(row, known)} and {max(row, known)} are the same customer")


def _forget(connection: Connection, intake: Intake, rows: list[int]) -> None:
    """Let rows be as if they had not been put aside."""
    asked = {"of_intake": intake.id, "rows": encode(rows)}
    forgotten = connection.all(statements.FORGET_ROWS, **asked)
    connection.change(statements.FORGET_ENTRIES, **asked)
    fresh = [customer for customer, fresh in forgotten if fresh]
    changed = [customer for customer, fresh in forgotten if not fresh]
    for statement in statements.REMOVE:
        connection.change(statement, customers=encode(fresh))
    connection.change(statements.FORGET_RECORDS, of_intake=intake.id, customers=encode(changed))
    hold(connection, intake, more_created=-len(fresh), more_updated=-len(changed))


def _name_of(intake: Intake, key: int) -> str:
    return next((known.name for known in intake.schemas.keys if known.id == key), "")
