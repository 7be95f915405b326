"""Customers, their records, and what they are found under."""

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Select, Text, bindparam, delete, literal_column, select, union_all, update
from sqlalchemy.sql import Executable

from busyout.domain.audit import AuditRecord
from busyout.domain.context.customer import Customer, Records
from busyout.domain.context.errors import NoSuchCustomer, UniqueValueTaken
from busyout.domain.context.identify import MAX_ADDED, Entry, Question, entries_of_customer
from busyout.domain.context.schema import Extension, IdentificationKey, Schemas
from busyout.domain.errors import InvalidValue
from busyout.domain.mode import Mode
from busyout.ports.context_customers import Change
from busyout.store.appending import append_audit
from busyout.store.content import encode
from busyout.store.database import Connection, Database
from busyout.store.lists import with_numbers
from busyout.store.schema_context import customer_records
from busyout.store.schema_customers import customers, key_entries
from busyout.store.seal import Seal
from busyout.store.statement import Statement, insert_into, insert_unless
from busyout.store.tables.context.customer_removal import remove_of_customer
from busyout.store.tables.context.gone import is_there
from busyout.store.tables.context.sealed_records import SealedRecords
from busyout.store.tables.context.unseen import is_seen
from busyout.store.tables.modes import hold_mode

_OF_ID: Final = bindparam("of_id", type_=Text)

_ADD = insert_into(customers)
_FIND = Statement(select(customers.c.attributes).where(customers.c.id == _OF_ID))


def _with_records(extensions: Select[Any]) -> Executable:
    itself = select(
        literal_column("0").label("extension"),
        literal_column("0").label("position"),
        customers.c.attributes.label("text"),
    ).where(customers.c.id == _OF_ID)
    records = select(customer_records.c.extension, customer_records.c.position, customer_records.c.record)
    records = records.where(customer_records.c.customer == _OF_ID, customer_records.c.extension.in_(extensions))
    return union_all(itself, records).order_by("extension", "position")


_FIND_WITH_RECORDS = with_numbers("extensions", _with_records)
"""A customer at one moment: its attributes, as if they were of an extension 0, then its records of some extensions. The
others are not even read: there may be megabytes of them."""
_THERE = Statement(select(customers.c.id).where(customers.c.id == _OF_ID))
_CHANGE = Statement(
    update(customers)
    .where(customers.c.id == _OF_ID)
    .values(attributes=bindparam("new_attributes"), revision=customers.c.revision + 1)
)
_REMOVE = Statement(delete(customers).where(customers.c.id == _OF_ID))

_ADD_RECORD = insert_into(customer_records)
_REMOVE_RECORDS = Statement(
    delete(customer_records).where(
        customer_records.c.customer == _OF_ID,
        customer_records.c.extension == bindparam("of_extension", type_=BigInteger),
    )
)

_ADD_ENTRY = insert_unless(key_entries, "key", "whole", returning=key_entries.c.digest)
_REMOVE_ENTRY = Statement(
    delete(key_entries).where(
        key_entries.c.key == bindparam("of_key", type_=BigInteger),
        key_entries.c.digest == bindparam("of_digest"),
        key_entries.c.customer == _OF_ID,
    )
)
_REMOVE_LEFT_OVER = Statement(
    delete(key_entries).where(
        key_entries.c.key == bindparam("of_key", type_=BigInteger),
        key_entries.c.whole == bindparam("of_digest"),
        ~is_there(key_entries.c.customer),
    )
)
_IDENTIFY = Statement(
    select(key_entries.c.customer)
    .where(key_entries.c.key == bindparam("of_key", type_=BigInteger), key_entries.c.digest == bindparam("of_digest"))
    .where(is_there(key_entries.c.customer), is_seen(key_entries.c.customer))
    .order_by(key_entries.c.customer)
    .limit(bindparam("most", type_=BigInteger))
)

Found = set[tuple[IdentificationKey, Entry]]
"""What a customer is found under."""


class CustomerTable:
    """Implements `CustomerRegister` and `CustomerIndex`.

    Each unit that writes holds the mode, then appends to the audit trail, which keeps other writers away: what is read
    after that stays true.
    """

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._records = SealedRecords(seal)

    async def add(self, customer: Customer, schemas: Schemas, *, audit: AuditRecord) -> None:
        """Keep a new customer; see `CustomerRegister.add`."""

        def unit(connection: Connection) -> None:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            attributes = encode(customer.attributes)
            connection.change(_ADD, id=customer.id, attributes=attributes, revision=0)
            self._put(connection, schemas, customer.id, customer.records)
            _add_entries(connection, customer.id, _found_under(schemas, customer))

        await self._database.run(unit)

    async def change(self, customer: str, change: Change, schemas: Schemas, *, audit: AuditRecord) -> None:
        """Make a customer another one; see `CustomerRegister.change`."""

        def unit(connection: Connection) -> None:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            before = self._read(connection, customer, schemas.extensions)
            self._rewrite(connection, schemas, before, change(before))

        await self._database.run(unit)

    async def remove(self, customer: str, *, audit: AuditRecord) -> None:
        """Forget a customer; see `CustomerRegister.remove`."""

        def unit(connection: Connection) -> None:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            if not connection.change(_REMOVE, of_id=customer):
                raise _missing(customer)
            remove_of_customer(connection, customer)

        await self._database.run(unit)

    async def find(self, customer: str, extensions: tuple[Extension, ...]) -> Customer:
        """One customer; see `CustomerIndex.find`."""
        return await self._database.look_up(lambda connection: self._read(connection, customer, extensions))

    async def identify(self, question: Question, *, limit: int) -> tuple[str, ...]:
        """Ids of customers that are found under a digest, by id."""
        bounds = {"of_key": question.key.id, "of_digest": question.digest, "most": limit}
        rows = await self._database.look_up(lambda connection: connection.all(_IDENTIFY, **bounds))
        return tuple(customer for (customer,) in rows)

    def _read(self, connection: Connection, customer: str, extensions: Iterable[Extension]) -> Customer:
        found = read_customer(connection, self._records, customer, extensions)
        if found is None:
            raise _missing(customer)
        return found

    def _rewrite(self, connection: Connection, schemas: Schemas, before: Customer, after: Customer) -> None:
        connection.change(_CHANGE, of_id=before.id, new_attributes=encode(after.attributes))
        changed = {id: several for id, several in after.records.items() if several != before.records.get(id)}
        for extension in changed:
            connection.change(_REMOVE_RECORDS, of_id=before.id, of_extension=extension)
        self._put(connection, schemas, before.id, changed)
        was, is_now = _found_under(schemas, before), _found_under(schemas, after)
        for key, entry in was - is_now:
            connection.change(_REMOVE_ENTRY, of_id=before.id, of_key=key.id, of_digest=entry.digest)
        _add_entries(connection, before.id, is_now - was)

    def _put(self, connection: Connection, schemas: Schemas, customer: str, records: Records) -> None:
        known = {extension.id: extension for extension in schemas.extensions}
        for extension, several in records.items():
            for position, record in enumerate(several):
                text = self._records.write(known[extension], customer, record)
                connection.change(_ADD_RECORD, customer=customer, extension=extension, position=position, record=text)


def read_customer(
    connection: Connection, sealed: SealedRecords, customer: str, extensions: Iterable[Extension]
) -> Customer | None:
    """A customer with its records of some extensions, by one statement; None where there is none of that id."""
    known = {extension.id: extension for extension in extensions}
    if known:
        rows = connection.all(_FIND_WITH_RECORDS, of_id=customer, extensions=encode(list(known)))
    else:
        rows = [(0, 0, *row) for row in connection.all(_FIND, of_id=customer)]
    if not rows or rows[0][0] != 0:
        return None
    records: Records = {}
    for extension, _, text in rows[1:]:
        record = sealed.read(known[extension], customer, text)
        records[extension] = (*records.get(extension, ()), record)
    return Customer(customer, msgspec.json.decode(rows[0][2]), records)


def require_customer(connection: Connection, customer: str) -> None:
    """Let pass what is about a customer that there is.

    Raises:
        NoSuchCustomer: There is none of that id.
    """
    if connection.first(_THERE, of_id=customer) is None:
        raise _missing(customer)


def _found_under(schemas: Schemas, customer: Customer) -> Found:
    entries = entries_of_customer(schemas, customer.attributes, customer.records)
    return {(key, entry) for key, several in entries.items() for entry in several}


def _add_entries(connection: Connection, customer: str, found: Found) -> None:
    if len(found) > MAX_ADDED:
        told = f"identification keys would take in {len(found)} values of a customer at once; {MAX_ADDED} are most"
        raise InvalidValue(told)
    for key, entry in found:
        columns: dict[str, Any] = {"key": key.id, "digest": entry.digest, "customer": customer}
        whole = entry.digest if key.unique and entry.whole else None
        if connection.first(_ADD_ENTRY, whole=whole, **columns) is not None:
            continue
        left_over = connection.change(_REMOVE_LEFT_OVER, of_key=key.id, of_digest=whole)
        if not left_over or connection.first(_ADD_ENTRY, whole=whole, **columns) is None:
            raise UniqueValueTaken(f"another customer has the same values of the identification key {key.name}")


def _missing(customer: str) -> NoSuchCustomer:
    return NoSuchCustomer(f"there is no customer {customer[:16]}")
