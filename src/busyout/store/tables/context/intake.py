"""Imports: rows are put aside in small units of work, and taken in by one."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import BigInteger, Text, bindparam, null, select, update

from busyout.domain.audit import AuditRecord
from busyout.domain.context.customer import Imported
from busyout.domain.context.identify import entries_of_customer
from busyout.domain.context.importing import Given
from busyout.domain.errors import ImportRunning, UniqueValueTaken
from busyout.domain.mode import Mode
from busyout.ports.context_customers import Intake, Known, Line, Prepared
from busyout.store.appending import append_audit
from busyout.store.content import encode
from busyout.store.database import Connection, Database
from busyout.store.schema_customers import customers, key_entries
from busyout.store.schema_imports import import_records, imports
from busyout.store.seal import Seal
from busyout.store.statement import Statement, insert_into, insert_unless
from busyout.store.tables.context import intake_statements as statements
from busyout.store.tables.context.customers import read_customer
from busyout.store.tables.context.definitions import seen_keys
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
_IDENTIFY = Statement(
    select(key_entries.c.customer)
    .where(key_entries.c.key == bindparam("of_key", type_=BigInteger), key_entries.c.digest == bindparam("of_digest"))
    .limit(2)
)
_ADD_RECORD = insert_into(import_records)

_READ_GIVEN: Final = msgspec.json.Decoder(Given)


class _Outrun(Exception):
    """Customers have changed since rows were put aside: the unit of work is given up."""


class IntakeTable:
    """Implements `CustomerIntake`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._seal = seal
        self._records = SealedRecords(seal)

    async def begin(self, slot: str, *, live: frozenset[str]) -> int:
        """Begin an import; see `CustomerIntake.begin`."""

        def unit(connection: Connection) -> int:
            running = connection.first(_RUNNING)
            if running is not None:
                if running[1] in live:
                    raise ImportRunning
                connection.change(_END, of_slot=running[1])
            row = connection.first(_BEGIN, running=RUNNING, slot=slot)
            if row is None:
                raise ImportRunning
            return int(row[0])

        return await self._database.run(unit)

    async def find_known(self, intake: Intake, digests: Sequence[str]) -> dict[str, Known | None]:
        """Customers that are found under digests; see `CustomerIntake.find_known`."""
        assert intake.key is not None
        key = intake.key.id

        def unit(connection: Connection) -> dict[str, Known | None]:
            found: dict[str, Known | None] = {}
            for digest in digests:
                several = connection.all(_IDENTIFY, of_key=key, of_digest=digest)
                if len(several) > 1:
                    found[digest] = None
                elif several and (known := self._known(connection, intake, several[0][0])) is not None:
                    found[digest] = known
            return found

        return await self._database.read(unit)

    async def put_aside(self, intake: Intake, rows: Sequence[Prepared], *, again: bool) -> None:
        """Keep what rows will make; see `CustomerIntake.put_aside`."""

        def unit(connection: Connection) -> None:
            _check_running(connection, intake)
            for row in rows if again else ():
                _forget(connection, intake, row.line.row)
            for row in rows:
                self._put_aside(connection, intake, row)

        await self._database.run(unit)

    async def outrun(self, intake: Intake, *, limit: int) -> tuple[Line, ...]:
        """Rows whose customers have changed; see `CustomerIntake.outrun`."""
        if intake.key is None:
            return ()
        asked = {"of_intake": intake.id, "of_key": intake.key.id, "most": limit}
        rows = await self._database.read(lambda connection: connection.all(statements.OUTRUN, **asked))
        return tuple(Line(row, self._open(intake, row, given), digest) for row, digest, given in rows)

    async def check_unique(self, intake: Intake) -> None:
        """Let an import pass whose unique keys fit; see `CustomerIntake.check_unique`."""
        row = await self._database.read(lambda connection: connection.first(statements.TAKEN, of_intake=intake.id))
        if row is not None:
            name = _name_of(intake, row[1])
            raise UniqueValueTaken(f'row {row[0]}: a customer has the same values of the identification key "{name}"')

    async def take_in(self, intake: Intake, *, audit: AuditRecord) -> Imported | None:
        """Put all in their place; see `CustomerIntake.take_in`."""
        try:
            return await self._database.run(lambda connection: _take_in(connection, intake, audit))
        except _Outrun:
            return None

    async def drop(self, *, limit: int) -> int:
        """Remove some rows of imports that are not carried out any more; 0 when none are left."""

        def unit(connection: Connection) -> int:
            for statement in statements.DROP:
                if removed := connection.change(statement, most=limit):
                    return removed
            connection.change(statements.FORGET_IMPORTS)
            return 0

        return await self._database.run(unit)

    async def end(self, slot: str) -> None:
        """No import is carried out in that slot any more."""
        await self._database.run(lambda connection: connection.change(_END, of_slot=slot))

    def _known(self, connection: Connection, intake: Intake, customer: str) -> Known | None:
        """The revision first: it is too old if the customer changes in between, and the row is seen as outrun."""
        revision = connection.first(_REVISION, of_id=customer)
        known = read_customer(connection, self._records, customer, intake.schemas.extensions)
        return None if revision is None or known is None else Known(known, revision[0])

    def _put_aside(self, connection: Connection, intake: Intake, row: Prepared) -> None:
        customer, digest, fresh = row.customer, row.line.digest, row.revision is None
        added = connection.first(
            statements.ADD_ROW,
            intake=intake.id,
            row=row.line.row,
            customer=customer.id,
            revision=row.revision,
            digest=digest,
            attributes=encode(customer.attributes),
            given=None if digest is None else self._seal.seal(encode(row.line.given), _place(intake, row.line.row)),
        )
        if added is None:
            known = connection.all(
                statements.SAME_CUSTOMER, of_intake=intake.id, of_customer=customer.id, of_digest=digest
            )
            raise UniqueValueTaken(f"rows {known[0][0]} and {row.line.row} are the same customer")
        for extension in intake.extensions:
            for record in customer.records.get(extension.id, ()):
                text = self._records.write(extension, customer.id, record)
                columns: dict[str, Any] = {"extension": extension.id, "fresh": fresh, "record": text}
                connection.change(_ADD_RECORD, intake=intake.id, customer=customer.id, **columns)
        _add_entries(connection, intake, row)

    def _open(self, intake: Intake, row: int, given: str) -> Given:
        return _READ_GIVEN.decode(self._seal.open(given, _place(intake, row)))


def _place(intake: Intake, row: int) -> str:
    return f"import_rows.given/{intake.id}/{row}"


def _add_entries(connection: Connection, intake: Intake, row: Prepared) -> None:
    customer, fresh = row.customer, row.revision is None
    for key, entries in entries_of_customer(intake.schemas, customer.attributes, customer.records).items():
        for entry in entries:
            columns: dict[str, Any] = {"key": key.id, "digest": entry.digest, "customer": customer.id, "fresh": fresh}
            whole = entry.digest if key.unique and entry.whole else None
            if connection.first(statements.ADD_ENTRY, intake=intake.id, whole=whole, **columns) is None:
                same = connection.all(
                    statements.SAME_VALUES, of_intake=intake.id, of_key=key.id, of_digest=entry.digest
                )
                raise UniqueValueTaken(
                    f'rows {same[0][0]} and {row.line.row} have the same values of the identification key "{key.name}"'
                )


def _check_running(connection: Connection, intake: Intake) -> None:
    running = connection.first(_RUNNING)
    if running is None or running[0] != intake.id:
        raise ImportRunning("another import was begun meanwhile, and this one was given up")


def _forget(connection: Connection, intake: Intake, row: int) -> None:
    forgotten = connection.first(statements.FORGET_ROW, of_intake=intake.id, of_row=row)
    if forgotten is not None:
        for statement in (statements.FORGET_RECORDS, statements.FORGET_ENTRIES):
            connection.change(statement, of_intake=intake.id, of_customer=forgotten[0])


def _take_in(connection: Connection, intake: Intake, audit: AuditRecord) -> Imported:
    """New customers first: they are in nobody's way, while the audit entry keeps all others waiting until the end."""
    hold_mode(connection, Mode.PRODUCTION)
    _check_running(connection, intake)
    if seen_keys(connection) != intake.schemas.keys:
        raise ImportRunning("identification keys were changed meanwhile; import the file anew")
    created = connection.change(statements.CREATE, of_intake=intake.id)
    for statement in (statements.ADD_RECORDS, statements.ADD_ENTRIES):
        connection.change(statement, of_intake=intake.id, of_fresh=True)
    counted = connection.all(statements.COUNT_CHANGED, of_intake=intake.id)[0][0]
    done = Imported(created=created, updated=int(counted))
    append_audit(connection, replace(audit, after=msgspec.to_builtins(done)))
    if intake.key is not None:
        _change(connection, intake, done.updated)
    unique = connection.all(statements.COUNT_UNIQUE, of_intake=intake.id)[0][0]
    added = connection.change(statements.ADD_UNIQUE, of_intake=intake.id)
    if added != unique and connection.first(statements.MISSING, of_intake=intake.id) is not None:
        raise _Outrun
    return done


def _change(connection: Connection, intake: Intake, count: int) -> None:
    """Change the customers that there were."""
    assert intake.key is not None
    if connection.first(statements.OUTRUN, of_intake=intake.id, of_key=intake.key.id, most=1) is not None:
        raise _Outrun
    if connection.change(statements.CHANGE, of_intake=intake.id) != count:
        raise _Outrun
    for extension in intake.extensions:
        connection.change(statements.REMOVE_RECORDS, of_intake=intake.id, of_extension=extension.id)
    connection.change(statements.REMOVE_ENTRIES, of_intake=intake.id)
    for statement in (statements.ADD_RECORDS, statements.ADD_ENTRIES):
        connection.change(statement, of_intake=intake.id, of_fresh=False)


def _name_of(intake: Intake, key: int) -> str:
    return next(known.name for known in intake.schemas.keys if known.id == key)
