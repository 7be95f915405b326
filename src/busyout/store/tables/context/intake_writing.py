"""What rows of a file will make, as it is put aside: made beside the database, so that nobody waits for it."""

from collections.abc import Iterator, Sequence, Set
from typing import Any, Final

import msgspec
from msgspec import Struct

from busyout.domain.context.customer import Customer
from busyout.domain.context.identify import entries_of_customer
from busyout.domain.context.importing import Given
from busyout.domain.context.span import part_of
from busyout.ports.context_intake import Intake, Line, Prepared
from busyout.store.content import encode
from busyout.store.seal import Seal
from busyout.store.tables.context.sealed_records import SealedRecords

_READ_GIVEN: Final = msgspec.json.Decoder(Given)

NEW: Final = 0
ADDED: Final = 1
REMOVED: Final = 2
"""Roles of what is put aside of that which customers are found under."""

BY_ROW: Final = 0
"""In the place of a key: what a row finds its customer by."""

Found = tuple[int, str, bool]
"""A key, a digest, and whether nobody else may be found under it."""

Cells = list[Any]
"""Of a row of a table, in the order of its columns."""


class Written(Struct, frozen=True):
    """Rows of the tables."""

    customers: list[Cells]
    customer_records: list[Cells]
    rows: list[Cells]
    records: list[Cells]
    entries: list[Cells]


class IntakeWriting:
    """Writes and reads what is put aside."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._records = SealedRecords(seal)

    def written(self, intake: Intake, rows: Sequence[Prepared]) -> Written:
        """Rows of the tables for rows of a file."""
        written = Written([], [], [], [], [])
        for row in rows:
            self._add(written, intake, row)
        written.entries.sort()  # in the order in which they lie
        return written

    def given(self, intake: Intake, row: int, text: str) -> Given:
        """What a row of a file said."""
        return _READ_GIVEN.decode(self._seal.open(text, _place(intake, row)))

    def _add(self, written: Written, intake: Intake, row: Prepared) -> None:
        customer, known = row.customer, row.known
        attributes = encode(customer.attributes)
        if known is None:
            written.customers.append([customer.id, attributes])
        for extension in intake.extensions:
            for record in customer.records.get(extension.id, ()):
                text = self._records.write(extension, customer.id, record)
                if known is None:
                    written.customer_records.append([customer.id, extension.id, 0, text])
                else:
                    written.records.append([intake.id, customer.id, extension.id, text])
        if row.line.digest is not None:
            given = self._seal.seal(encode(row.line.given), _place(intake, row.line.row))
            changes = (None, None) if known is None else (known.revision, attributes)
            written.rows.append([intake.id, known is None, row.line.row, customer.id, *changes, given])
        written.entries.extend(_entries(intake, row))


def _entries(intake: Intake, row: Prepared) -> Iterator[Cells]:
    is_now = _found_under(intake, row.customer)
    if row.known is None:
        yield from _rows(intake, row, NEW, is_now)
    else:
        was = _found_under(intake, row.known.customer)
        yield from _rows(intake, row, ADDED, is_now - was)
        yield from _rows(intake, row, REMOVED, was - is_now)
    if (own := row.line.digest) is not None:
        yield from _rows(intake, row, NEW if row.known is None else ADDED, {(BY_ROW, own, True)})


def _rows(intake: Intake, row: Prepared, role: int, found: Set[Found]) -> Iterator[Cells]:
    for key, digest, whole in found:
        yield [intake.id, role, part_of(digest), row.line.row, key, digest, row.customer.id, whole]


def _found_under(intake: Intake, customer: Customer) -> set[Found]:
    entries = entries_of_customer(intake.schemas, customer.attributes, customer.records)
    return {(key.id, entry.digest, key.unique and entry.whole) for key, several in entries.items() for entry in several}


def _place(intake: Intake, row: int) -> str:
    return f"import_rows.given/{intake.id}/{row}"


def lines_of(writing: IntakeWriting, intake: Intake, rows: Sequence[Sequence[Any]]) -> tuple[Line, ...]:
    """Rows of a file as they were put aside: number, digest, and what was given."""
    return tuple(Line(row, writing.given(intake, row, given), digest) for row, digest, given in rows)
