"""Statements of imports: what is put aside, and how all of it is put in its place."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from busyout.store.schema_context import customer_records
from busyout.store.schema_customers import customers, key_entries
from busyout.store.schema_imports import import_entries, import_records, import_rows, imports
from busyout.store.statement import Statement

THIS: Final = bindparam("of_intake", type_=BigInteger)
MOST: Final = bindparam("most", type_=BigInteger)
KEY: Final = bindparam("of_key", type_=BigInteger)

_OWN_ROWS = import_rows.c.intake == THIS
_OWN_RECORDS = import_records.c.intake == THIS
_OWN_ENTRIES = import_entries.c.intake == THIS
_CHANGED_ROWS = and_(_OWN_ROWS, import_rows.c.revision.is_not(None))
_NEW_ROWS = and_(_OWN_ROWS, import_rows.c.revision.is_(None))
_CHANGED_CUSTOMERS = select(import_rows.c.customer).where(_CHANGED_ROWS)


def _add_unless(table: Table, returning: ColumnElement[Any]) -> Statement:
    """Insert one row; return none where it would be the same as another by whatever key."""
    values = {column.name: bindparam(column.name, type_=column.type) for column in table.columns}
    return Statement(
        sqlite.insert(table).values(values).on_conflict_do_nothing().returning(returning),
        postgresql=postgresql.insert(table).values(values).on_conflict_do_nothing().returning(returning),
    )


ADD_ROW = _add_unless(import_rows, import_rows.c.row)
ADD_ENTRY = _add_unless(import_entries, import_entries.c.key)

SAME_CUSTOMER = Statement(
    select(import_rows.c.row).where(
        _OWN_ROWS,
        or_(
            import_rows.c.customer == bindparam("of_customer", type_=Text),
            import_rows.c.digest == bindparam("of_digest", type_=Text),
        ),
    )
)
SAME_VALUES = Statement(
    select(import_rows.c.row)
    .join(import_entries, and_(_OWN_ENTRIES, import_entries.c.customer == import_rows.c.customer))
    .where(_OWN_ROWS, import_entries.c.key == KEY, import_entries.c.whole == bindparam("of_digest", type_=Text))
)

FORGET_ROW = Statement(
    delete(import_rows)
    .where(_OWN_ROWS, import_rows.c.row == bindparam("of_row", type_=BigInteger))
    .returning(import_rows.c.customer)
)
_OF_CUSTOMER = bindparam("of_customer", type_=Text)
FORGET_RECORDS = Statement(delete(import_records).where(_OWN_RECORDS, import_records.c.customer == _OF_CUSTOMER))
FORGET_ENTRIES = Statement(delete(import_entries).where(_OWN_ENTRIES, import_entries.c.customer == _OF_CUSTOMER))

_CUSTOMER_AS_IT_WAS = exists().where(
    customers.c.id == import_rows.c.customer, customers.c.revision == import_rows.c.revision
)
_APPEARED = exists().where(
    key_entries.c.key == KEY,
    key_entries.c.digest == import_rows.c.digest,
    key_entries.c.customer != import_rows.c.customer,
)
OUTRUN = Statement(
    select(import_rows.c.row, import_rows.c.digest, import_rows.c.given)
    .where(
        _OWN_ROWS,
        import_rows.c.digest.is_not(None),
        or_(
            and_(import_rows.c.revision.is_not(None), ~_CUSTOMER_AS_IT_WAS),
            and_(import_rows.c.revision.is_(None), _APPEARED),
        ),
    )
    .limit(MOST)
)
"""Rows whose customer is another one by now, was removed, or is there where there was none."""

_other = import_rows.alias("other")
_REPLACED = exists().where(
    _other.c.intake == THIS, _other.c.customer == key_entries.c.customer, _other.c.revision.is_not(None)
)
TAKEN = Statement(
    select(import_rows.c.row, import_entries.c.key)
    .select_from(import_entries)
    .join(key_entries, and_(key_entries.c.key == import_entries.c.key, key_entries.c.whole == import_entries.c.whole))
    .join(import_rows, and_(_OWN_ROWS, import_rows.c.customer == import_entries.c.customer))
    .where(_OWN_ENTRIES, key_entries.c.customer != import_entries.c.customer, ~_REPLACED)
    .limit(1)
)
"""A row with values of a unique key that a customer has whom the file leaves alone."""

CREATE = Statement(
    insert(customers).from_select(
        ["id", "attributes", "revision"],
        select(import_rows.c.customer, import_rows.c.attributes, literal_column("0")).where(_NEW_ROWS),
    )
)
CHANGE = Statement(
    update(customers)
    .where(_CHANGED_ROWS, import_rows.c.customer == customers.c.id, import_rows.c.revision == customers.c.revision)
    .values(attributes=import_rows.c.attributes, revision=customers.c.revision + 1)
)
COUNT_CHANGED = Statement(select(func.count()).select_from(import_rows).where(_CHANGED_ROWS))

REMOVE_RECORDS = Statement(
    delete(customer_records).where(
        customer_records.c.extension == bindparam("of_extension", type_=BigInteger),
        customer_records.c.customer.in_(_CHANGED_CUSTOMERS),
    )
)
_STAYS = exists().where(
    _OWN_ENTRIES,
    import_entries.c.key == key_entries.c.key,
    import_entries.c.digest == key_entries.c.digest,
    import_entries.c.customer == key_entries.c.customer,
)
_THERE = exists().where(
    key_entries.c.key == import_entries.c.key,
    key_entries.c.digest == import_entries.c.digest,
    key_entries.c.customer == import_entries.c.customer,
)
REMOVE_ENTRIES = Statement(delete(key_entries).where(key_entries.c.customer.in_(_CHANGED_CUSTOMERS), ~_STAYS))
"""Most customers go on being found under most of what they were found under."""

_FRESH = bindparam("of_fresh", type_=Boolean)
ADD_RECORDS = Statement(
    insert(customer_records).from_select(
        ["customer", "extension", "position", "record"],
        select(
            import_records.c.customer, import_records.c.extension, literal_column("0"), import_records.c.record
        ).where(_OWN_RECORDS, import_records.c.fresh == _FRESH),
    )
)
_ENTRY = ("key", "digest", "customer", "whole")
_ENTRIES = (
    select(*(import_entries.c[name] for name in _ENTRY))
    .where(_OWN_ENTRIES)
    .order_by(import_entries.c.key, import_entries.c.digest)
)
"""In the order of the index that they are put into: a million of them in any other order take minutes."""


def _add_entries(entries: Select[Any]) -> Statement:
    """Insert those that are not there."""
    return Statement(
        sqlite.insert(key_entries).from_select(_ENTRY, entries).on_conflict_do_nothing(),
        postgresql=postgresql.insert(key_entries).from_select(_ENTRY, entries).on_conflict_do_nothing(),
    )


ADD_ENTRIES = _add_entries(_ENTRIES.where(import_entries.c.fresh == _FRESH, import_entries.c.whole.is_(None)))
ADD_UNIQUE = _add_entries(_ENTRIES.where(import_entries.c.whole.is_not(None)))
MISSING = Statement(
    select(import_entries.c.key).where(_OWN_ENTRIES, import_entries.c.whole.is_not(None), ~_THERE).limit(1)
)
"""Something unique that another customer has."""

COUNT_UNIQUE = Statement(
    select(func.count()).select_from(import_entries).where(_OWN_ENTRIES, import_entries.c.whole.is_not(None))
)


def _drop(table: Table) -> Statement:
    """Remove some rows of imports that are not carried out any more."""
    keys = tuple(table.primary_key.columns)
    over = select(imports.c.id).where(imports.c.running.is_(None))
    return Statement(delete(table).where(tuple_(*keys).in_(select(*keys).where(table.c.intake.in_(over)).limit(MOST))))


DROP = tuple(_drop(table) for table in (import_entries, import_records, import_rows))
FORGET_IMPORTS = Statement(delete(imports).where(imports.c.running.is_(None)))
