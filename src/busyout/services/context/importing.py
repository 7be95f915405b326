"""Imports: files of customers are taken in whole or not at all, while everything else goes on."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from secrets import randbelow
from typing import Final

from busyout.domain.audit import AuditRecord
from busyout.domain.context.customer import FAMILIES, MEMBERS, family_of, member_of
from busyout.domain.context.errors import ImportRunning
from busyout.domain.context.importing import (
    Columns,
    Imported,
    ImportRequest,
    Row,
    columns_of,
    digest_by,
    given_by,
    merged,
)
from busyout.domain.context.span import Span, spans_of
from busyout.domain.errors import InvalidValue, StoreUnavailable
from busyout.domain.operator import Caller
from busyout.ports.context_intake import CustomerIntake, Intake, Known, Line, Prepared
from busyout.ports.imports import ImportFolder
from busyout.ports.modes import Slots
from busyout.services.audit import Audit
from busyout.services.context.schemas import ContextSchemas

log = logging.getLogger(__name__)

ROUNDS: Final = 1000
"""How often rows are looked at anew whose customers have changed since they were read."""

AT_ONCE: Final = 200
"""Rows that are looked at anew in one unit of work."""

DROPPED_AT_ONCE: Final = 2000
"""Rows of a table that are removed in one unit of work."""


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
        """Give up what an earlier life of this server was carrying out. Call it once the slot is held."""
        if (slot := self._slots.slot) is not None:
            await self._intake.end(slot)

    async def tidy(self) -> None:
        """Remove what is left of imports that are not carried out any more; others are let in between."""
        while await self._intake.drop(limit=DROPPED_AT_ONCE):
            pass

    async def import_file(self, caller: Caller, request: ImportRequest) -> Imported:
        """Take in a file of customers. Where this is cancelled, none of them is there, unless all of them were already.

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
        except asyncio.CancelledError:
            log.info("import_broken_off", extra={"file": request.profiles})
            raise
        finally:
            self._running = False

    async def _carried_out(self, caller: Caller, request: ImportRequest, folder: ImportFolder, slot: str) -> Imported:
        schemas = self._schemas.schemas
        key = None if request.key is None else schemas.key(request.key)
        async with folder.opened(request.profiles, delimiter=request.delimiter, encoding=request.encoding) as pieces:
            heading = await anext(pieces, None)
            columns = columns_of(schemas, () if heading is None else heading[0].fields, key)
            audit = self._audit.entry(caller, "customers.import", request.profiles)
            family = family_of(audit.at, randbelow(FAMILIES))
            try:
                id = await self._intake.begin(slot, family, live=await self._slots.live() - {slot})
                await self.tidy()
                intake = Intake(id, family, request.start_from, schemas, key, columns.extensions)
                rows = await self._put_aside(intake, columns, _after(pieces, request.start_from))
                return await self._taken_in(intake, spans_of(rows * _entries_of_row(intake)), audit)
            finally:
                with suppress(StoreUnavailable):  # then the next start or import does it
                    await self._intake.end(slot)

    async def _put_aside(self, intake: Intake, columns: Columns, pieces: AsyncIterator[tuple[Row, ...]]) -> int:
        """Put aside what all rows make; how many there are."""
        count = 0
        async for rows in pieces:
            count = rows[-1].number - intake.skipped
            if count > MEMBERS:
                raise InvalidValue(f"a file has at most {MEMBERS} rows")
            lines = await asyncio.to_thread(_lines, columns, rows)
            prepared = await self._prepared(intake, lines)
            await self._intake.put_aside(intake, prepared, members=count, again=False)
        return count

    async def _prepared(self, intake: Intake, lines: Sequence[Line]) -> list[Prepared]:
        """What rows will make of the customers as they are now."""
        digests = [line.digest for line in lines if line.digest is not None]
        found = await self._intake.find_known(intake, digests) if digests else {}
        return await asyncio.to_thread(_merged, intake, lines, found)

    async def _taken_in(self, intake: Intake, spans: Sequence[Span], audit: AuditRecord) -> Imported:
        """Look at everything first, so that hardly anything is put in its place in vain."""
        await self._looked_anew(intake, spans)
        for span in spans:
            await self._intake.check_unique(intake, span)
        left = await self._placed(intake, spans)
        for _ in range(ROUNDS):
            done = await self._intake.take_in(intake, left, audit=audit)
            if done is not None:
                return done
            if await self._looked_anew(intake, spans):
                left = await self._placed(intake, spans)
            for span in spans:
                await self._intake.check_unique(intake, span)
        raise _changing()

    async def _looked_anew(self, intake: Intake, spans: Sequence[Span]) -> bool:
        """Put aside anew what rows make whose customers have changed; whether there were any."""
        any = False
        for span in spans:
            for _ in range(ROUNDS):
                outrun = await self._intake.outrun(intake, span, limit=AT_ONCE)
                if not outrun:
                    break
                any = True
                await self._intake.put_aside(intake, await self._prepared(intake, outrun), members=0, again=True)
            else:
                raise _changing()
        return any

    async def _placed(self, intake: Intake, spans: Sequence[Span]) -> list[Span]:
        """Put what new customers are found under in its place; the spans in which somebody is in the way."""
        return [span for span in spans if not await self._intake.place(intake, span)]


async def _after(pieces: AsyncIterator[tuple[Row, ...]], start_from: int) -> AsyncIterator[tuple[Row, ...]]:
    """The rows that are not to be left out."""
    async for piece in pieces:
        if piece[-1].number > start_from:
            yield tuple(row for row in piece if row.number > start_from)


def _entries_of_row(intake: Intake) -> int:
    """About how many entries a customer has, and what its row finds it by."""
    return 1 + sum(len(key.attributes) for key in intake.schemas.keys)


def _lines(columns: Columns, rows: Sequence[Row]) -> list[Line]:
    lines: list[Line] = []
    for row in rows:
        given = given_by(columns, row)
        lines.append(Line(row.number, given, digest_by(columns, given, row.number)))
    return lines


def _merged(intake: Intake, lines: Sequence[Line], found: dict[str, Known | None]) -> list[Prepared]:
    prepared: list[Prepared] = []
    for line in lines:
        known = None
        if line.digest is not None and line.digest in found:
            known = found[line.digest]
            if known is None:
                raise InvalidValue(f"row {line.row}: there are several customers with these values of the key")
        id = member_of(intake.family, line.row - intake.skipped - 1) if known is None else known.customer.id
        customer = merged(intake.schemas, id, None if known is None else known.customer, line.given, line.row)
        prepared.append(Prepared(line, customer, known))
    return prepared


def _changing() -> ImportRunning:
    return ImportRunning("customers of the file are being changed again and again; import it later")
