"""Imports: files of customers are taken in whole or not at all, while everything else goes on."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from secrets import randbelow
from typing import Final

from busyout.domain.audit import AuditRecord
from busyout.domain.context.customer import RANDOM, Imported, ImportRequest, customer_id
from busyout.domain.context.importing import Columns, Row, columns_of, digest_by, given_by, merged
from busyout.domain.errors import ImportRunning, InvalidValue, StoreUnavailable
from busyout.domain.operator import Caller
from busyout.ports.context_customers import CustomerIntake, Intake, Known, Line, Prepared
from busyout.ports.imports import ImportFolder
from busyout.ports.modes import Slots
from busyout.services.audit import Audit
from busyout.services.context.schemas import ContextSchemas

ROUNDS: Final = 1000
"""How often rows are looked at anew whose customers have changed since they were read."""

AT_ONCE: Final = 1000
"""Rows that are looked at anew in one unit of work."""

DROPPED_AT_ONCE: Final = 2000
"""Rows put aside that are removed in one unit of work."""


class Importing:
    """Carries out imports, one at a time."""

    def __init__(
        self,
        intake: CustomerIntake,
        folder: ImportFolder | None,
        schemas: ContextSchemas,
        slots: Slots,
        audit: Audit,
    ) -> None:
        """`folder` is None where nothing may be imported."""
        self._intake = intake
        self._folder = folder
        self._schemas = schemas
        self._slots = slots
        self._audit = audit
        self._running = False

    async def open(self) -> None:
        """Forget what an earlier life of this server has left behind. Call it once the slot is held."""
        if (slot := self._slots.slot) is not None:
            await self._intake.end(slot)
        await self._drop()

    async def import_file(self, caller: Caller, request: ImportRequest) -> Imported:
        """Take in a file of customers.

        Raises:
            InvalidValue: The file cannot be read, or a row cannot be taken in; the message names row and column.
            UniqueValueTaken: Customers would have the same values of a unique key; the message names the row.
            NoSuchKey: There is no key of that name.
            ImportRunning: Another import is being carried out.
        """
        if self._folder is None:
            raise InvalidValue("the settings name no directory for imports: context.import_directory")
        slot = self._slots.slot
        if self._running or slot is None:
            raise ImportRunning
        self._running = True
        try:
            return await self._carried_out(caller, request, self._folder, slot)
        finally:
            self._running = False

    async def _carried_out(self, caller: Caller, request: ImportRequest, folder: ImportFolder, slot: str) -> Imported:
        schemas = self._schemas.schemas
        key = None if request.key is None else schemas.key(request.key)
        async with folder.opened(request.profiles, delimiter=request.delimiter, encoding=request.encoding) as pieces:
            heading = await anext(pieces, None)
            columns = columns_of(schemas, () if heading is None else heading[0].fields, key)
            id = await self._intake.begin(slot, live=await self._slots.live() - {slot})
            try:
                intake = Intake(id, schemas, key, columns.extensions)
                audit = self._audit.entry(caller, "customers.import", request.profiles)
                rows = _after(pieces, request.start_from)
                await self._put_aside(intake, columns, rows, at=audit.at)
                return await self._taken_in(intake, audit)
            finally:
                with suppress(StoreUnavailable):  # then the next start or import does it
                    await self._intake.end(slot)
                    await self._drop()

    async def _put_aside(
        self, intake: Intake, columns: Columns, pieces: AsyncIterator[tuple[Row, ...]], *, at: float
    ) -> None:
        async for rows in pieces:
            lines = await asyncio.to_thread(_lines, columns, rows)
            await self._intake.put_aside(intake, await self._prepared(intake, lines, at=at), again=False)

    async def _prepared(self, intake: Intake, lines: Sequence[Line], *, at: float) -> list[Prepared]:
        """What rows will make of the customers as they are now."""
        digests = [line.digest for line in lines if line.digest is not None]
        found = await self._intake.find_known(intake, digests) if digests else {}
        return await asyncio.to_thread(_merged, intake, lines, found, at)

    async def _taken_in(self, intake: Intake, audit: AuditRecord) -> Imported:
        for _ in range(ROUNDS):
            outrun = await self._intake.outrun(intake, limit=AT_ONCE)
            if outrun:
                await self._intake.put_aside(intake, await self._prepared(intake, outrun, at=audit.at), again=True)
                continue
            await self._intake.check_unique(intake)
            done = await self._intake.take_in(intake, audit=audit)
            if done is not None:
                return done
        raise ImportRunning("customers of the file are being changed again and again; import it later")

    async def _drop(self) -> None:
        while await self._intake.drop(limit=DROPPED_AT_ONCE):
            pass


async def _after(pieces: AsyncIterator[tuple[Row, ...]], start_from: int) -> AsyncIterator[tuple[Row, ...]]:
    """The rows that are not to be left out."""
    async for piece in pieces:
        if piece[-1].number > start_from:
            yield tuple(row for row in piece if row.number > start_from)


def _lines(columns: Columns, rows: Sequence[Row]) -> list[Line]:
    lines: list[Line] = []
    for row in rows:
        given = given_by(columns, row)
        lines.append(Line(row.number, given, digest_by(columns, given, row.number)))
    return lines


def _merged(intake: Intake, lines: Sequence[Line], found: dict[str, Known | None], at: float) -> list[Prepared]:
    prepared: list[Prepared] = []
    for line in lines:
        known = None
        if line.digest is not None and line.digest in found:
            known = found[line.digest]
            if known is None:
                raise InvalidValue(f"row {line.row}: there are several customers with these values of the key")
        id = customer_id(at, randbelow(RANDOM)) if known is None else known.customer.id
        customer = merged(intake.schemas, id, None if known is None else known.customer, line.given, line.row)
        prepared.append(Prepared(line, customer, None if known is None else known.revision))
    return prepared
