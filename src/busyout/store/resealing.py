"""A new key seals anew what another one has sealed inside of the records of extensions, slice by slice."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Final

from sqlalchemy import BigInteger, Table, bindparam, select, tuple_, update

from busyout.domain.context.schema import Extension, Subject
from busyout.store.database import Connection
from busyout.store.schema_context import course_records, customer_records
from busyout.store.seal import Seal
from busyout.store.statement import Statement
from busyout.store.tables.context.definitions import seen_extensions
from busyout.store.tables.context.sealed_records import SealedRecords

SLICE: Final = 500
"""Most records looked at in one transaction."""

FIRST: Final = {customer_records: ("", -1), course_records: (0, -1)}
"""Before every owner there is, and every position."""

Transaction = Callable[[], AbstractContextManager[Connection]]


def seal_records(transaction: Transaction, seal: Seal) -> dict[str, int]:
    """Seal values with the present key; returns how many records have changed, by the names of their tables.

    It may be interrupted, and is then done again. What somebody has changed meanwhile is left to whoever has.
    """
    with transaction() as connection:
        extensions = [own for own in seen_extensions(connection) if any(one.encrypt for one in own.attributes)]
    changed: dict[str, int] = {}
    for own in extensions:
        table = _table(own).name
        changed[table] = changed.get(table, 0) + _seal_extension(transaction, SealedRecords(seal), own)
    return changed


def _seal_extension(transaction: Transaction, records: SealedRecords, extension: Extension) -> int:
    """Seal the records of an extension; returns how many have changed."""
    table = _table(extension)
    read, write = _statements(table)
    changed, after = 0, FIRST[table]
    while True:
        with transaction() as connection:
            own = {"of_extension": extension.id}
            rows = connection.all(read, **own, owner_before=after[0], position_before=after[1], most=SLICE)
            for owner, position, text in rows:
                sealed = records.anew(extension, owner, text)
                if sealed != text:
                    place = {"of_owner": owner, "of_position": position}
                    changed += connection.change(write, **own, **place, known=text, sealed=sealed)
        if len(rows) < SLICE:
            return changed
        after = rows[-1][:2]


def _table(extension: Extension) -> Table:
    return customer_records if extension.subject is Subject.PROFILE else course_records


@cache
def _statements(table: Table) -> tuple[Statement, Statement]:
    """Reads a slice of the records of an extension; writes one, unless somebody has changed it meanwhile."""
    owner = table.c.customer if table is customer_records else table.c.owner
    own = table.c.extension == bindparam("of_extension", type_=BigInteger)
    before = tuple_(bindparam("owner_before", type_=owner.type), bindparam("position_before", type_=BigInteger))
    read = (
        select(owner, table.c.position, table.c.record)
        .where(own, tuple_(owner, table.c.position) > before)
        .order_by(owner, table.c.position)
        .limit(bindparam("most", type_=BigInteger))
    )
    this = (owner == bindparam("of_owner", type_=owner.type), table.c.position == bindparam("of_position"))
    write = update(table).where(own, *this, table.c.record == bindparam("known")).values(record=bindparam("sealed"))
    return Statement(read), Statement(write)
