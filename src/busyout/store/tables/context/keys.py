"""Identification keys: begun, filled with the entries of the customers that there are, seen, and removed."""

from collections.abc import Collection, Sequence
from itertools import accumulate
from typing import Final

import msgspec
from msgspec.structs import replace
from sqlalchemy import BigInteger, Text, and_, bindparam, delete, func, select, update

from busyout.domain.context.errors import DuplicateKeyValues, NameTaken, NoSuchExtension, NoSuchKey
from busyout.domain.context.identify import Entry, entries_by, extension_of
from busyout.domain.context.names import folded
from busyout.domain.context.records import Record
from busyout.domain.context.schema import PROFILE, UNNUMBERED, IdentificationKey, Schemas, Subject
from busyout.domain.mode import Mode
from busyout.store.content import encode
from busyout.store.database import Connection, Database, Row
from busyout.store.pieces import remove_first
from busyout.store.schema_context import customer_records, identification_keys
from busyout.store.schema_customers import customers, key_entries
from busyout.store.seal import Seal
from busyout.store.statement import Statement, insert_unless
from busyout.store.tables.context.definitions import advance_generation, find_extension, key_of
from busyout.store.tables.context.sealed_records import SealedRecords
from busyout.store.tables.context.unseen import is_seen
from busyout.store.tables.modes import hold_mode

ENTRIES: Final = 400
"""Entries that one unit of work makes, or a few more, and most records that it reads; of one customer, all."""

CHARACTERS: Final = 8 * 1024 * 1024
"""Most characters of records that it reads; of one customer, all."""

_ADD = insert_unless(identification_keys, "folded", returning=identification_keys.c.id)
_FIND = Statement(
    select(identification_keys.c.id, identification_keys.c.definition, identification_keys.c.ready).where(
        identification_keys.c.folded == bindparam("of_name")
    )
)
_THIS = identification_keys.c.id == bindparam("of_id", type_=BigInteger)
_FINISH = Statement(update(identification_keys).where(_THIS).values(ready=True))
_HIDE = Statement(update(identification_keys).where(_THIS).values(ready=False))
_FORGET = Statement(delete(identification_keys).where(_THIS))

_COUNT = Statement(select(func.count()).select_from(customers))
_CUSTOMERS = Statement(
    select(customers.c.id, customers.c.attributes)
    .where(customers.c.id > bindparam("after", type_=Text), is_seen(customers.c.id))
    .order_by(customers.c.id)
    .limit(bindparam("most", type_=BigInteger))
)
_IN_PAGE = and_(
    customer_records.c.extension == bindparam("of_extension", type_=BigInteger),
    customer_records.c.customer > bindparam("after", type_=Text),
    customer_records.c.customer <= bindparam("last", type_=Text),
)
_RECORDS = Statement(
    select(customer_records.c.customer, customer_records.c.record)
    .where(_IN_PAGE)
    .order_by(customer_records.c.customer, customer_records.c.position)
)
_SIZES = Statement(
    select(customer_records.c.customer, func.count(), func.sum(func.length(customer_records.c.record)))
    .where(_IN_PAGE)
    .group_by(customer_records.c.customer)
)
_ADD_ENTRY = insert_unless(key_entries, "key", "whole", returning=key_entries.c.digest)
_REMOVE = remove_first(key_entries, key_entries.c.key == bindparam("of_key", type_=BigInteger))


class KeyTable:
    """Implements `KeyBuilding`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._records = SealedRecords(seal)

    async def begin_key(self, key: IdentificationKey) -> IdentificationKey:
        """Keep a key that nobody sees yet; see `KeyBuilding.begin_key`."""
        return await self._database.run(lambda connection: _begin(connection, key))

    async def count_customers(self) -> int:
        """How many customers there are."""
        rows = await self._database.read(lambda connection: connection.all(_COUNT))
        return int(rows[0][0])

    async def add_entries(
        self, schemas: Schemas, key: IdentificationKey, *, after: str | None, limit: int
    ) -> tuple[str, ...]:
        """Make the entries of some customers; see `KeyBuilding.add_entries`."""

        def unit(connection: Connection) -> tuple[str, ...]:
            hold_mode(connection, Mode.MAINTENANCE)
            page = connection.all(_CUSTOMERS, after=after or "", most=limit)
            fitting, records = self._records_of(connection, schemas, key, after or "", page)
            done: list[str] = []
            made = 0
            for customer, text in fitting:
                own = {extension_of(schemas, key): tuple(records.get(customer, ()))}
                made += _add_entries(
                    connection, key, customer, entries_by(schemas, key, msgspec.json.decode(text), own)
                )
                done.append(customer)
                if made >= ENTRIES:
                    break
            return tuple(done)

        return await self._database.run(unit)

    async def finish_key(self, key: int) -> None:
        """Let a key be seen, which has all its entries."""

        def unit(connection: Connection) -> None:
            hold_mode(connection, Mode.MAINTENANCE)
            advance_generation(connection)
            connection.change(_FINISH, of_id=key)

        await self._database.run(unit)

    async def hide_key(self, name: str) -> int:
        """Let nobody see a key any more; see `KeyBuilding.hide_key`."""
        return await self._database.run(lambda connection: _hide(connection, name))

    async def remove_entries(self, key: int, *, limit: int) -> int:
        """Remove at most so many of its entries; see `KeyBuilding.remove_entries`."""
        return await self._database.run(lambda connection: connection.change(_REMOVE, of_key=key, most=limit))

    async def forget_key(self, key: int) -> None:
        """Forget the key itself, which has no entries any more. Idempotent."""
        await self._database.run(lambda connection: connection.change(_FORGET, of_id=key))

    def _records_of(
        self, connection: Connection, schemas: Schemas, key: IdentificationKey, after: str, page: Sequence[Row]
    ) -> tuple[Sequence[Row], dict[str, list[Record]]]:
        """The records that a key is on, by customers of a page: of those that come first, as many as fit."""
        found: dict[str, list[Record]] = {}
        if key.source == PROFILE or not page:
            return page, found
        extension = schemas.extension(Subject.PROFILE, key.source)
        asked = {"of_extension": extension.id, "after": after}
        sizes = {customer: size for customer, *size in connection.all(_SIZES, **asked, last=page[-1][0])}
        page = page[: _fitting([sizes.get(customer, (0, 0)) for customer, _ in page])]
        for customer, text in connection.all(_RECORDS, **asked, last=page[-1][0]):
            found.setdefault(customer, []).append(self._records.read(extension, customer, text))
        return page, found


def _begin(connection: Connection, key: IdentificationKey) -> IdentificationKey:
    hold_mode(connection, Mode.MAINTENANCE)
    advance_generation(connection)
    definition = encode(replace(key, id=UNNUMBERED))
    row = connection.first(
        _ADD,
        folded=folded(key.name),
        extension=_extension_of(connection, key),
        definition=definition,
        ready=False,
    )
    if row is not None:
        return replace(key, id=row[0])
    known = connection.first(_FIND, of_name=folded(key.name))
    if known is None or known[2] or known[1] != definition:
        raise NameTaken(f'there is an identification key "{key.name}" already')
    return key_of(known[:2])


def _extension_of(connection: Connection, key: IdentificationKey) -> int | None:
    if key.source == PROFILE:
        return None
    extension, going = find_extension(connection, Subject.PROFILE, key.source)
    if going:
        raise NoSuchExtension(f'"{extension.name}" is being removed')
    return extension.id


def _hide(connection: Connection, name: str) -> int:
    row = connection.first(_FIND, of_name=folded(name))
    if row is None:
        raise NoSuchKey(f'there is no identification key "{name}"')
    if row[2]:
        hold_mode(connection, Mode.MAINTENANCE)
        advance_generation(connection)
        connection.change(_HIDE, of_id=row[0])
    return int(row[0])


def _fitting(sizes: Sequence[Sequence[int]]) -> int:
    """How many customers are read at once, by how many records they have and of how many characters: one at least."""
    so_far = zip(accumulate(count for count, _ in sizes), accumulate(size for _, size in sizes), strict=True)
    return max(1, sum(count <= ENTRIES and size <= CHARACTERS for count, size in so_far))


def _add_entries(connection: Connection, key: IdentificationKey, customer: str, entries: Collection[Entry]) -> int:
    """Make the entries of a customer; returns how many there are."""
    for entry in entries:
        whole = entry.digest if key.unique and entry.whole else None
        columns = {"key": key.id, "digest": entry.digest, "customer": customer}
        if connection.first(_ADD_ENTRY, whole=whole, **columns) is None:
            raise DuplicateKeyValues(f'customers have the same values of the unique key "{key.name}"')
    return len(entries)
