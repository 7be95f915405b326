"""Statements of imports: how what was put aside is put in its place, and how what is left of imports is removed."""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    null,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from busyout.store.schema_context import customer_records
from busyout.store.schema_customers import customers, key_entries
from busyout.store.schema_imports import import_entries, import_records, import_rows, imports, unseen_families
from busyout.store.statement import Statement
from busyout.store.tables.context.gone import is_there
from busyout.store.tables.context.intake_statements import (
    APPEARED,
    EITHER,
    GIVEN_UP,
    IN_SPAN,
    IS_ADDED,
    IS_NEW,
    IS_REMOVED,
    OF_KEY,
    OF_ROW,
    OWN_ENTRIES,
    OWN_RECORDS,
    OWN_ROWS,
    THIS,
    WILL_BE,
    number,
)

_CHANGED_ROWS = and_(OWN_ROWS, import_rows.c.fresh == false())
_CHANGED_CUSTOMERS = select(import_rows.c.customer).where(_CHANGED_ROWS)
_NEW_ENTRIES = and_(OWN_ENTRIES, IS_NEW, IN_SPAN, OF_KEY)
_ADDED_ENTRIES = and_(OWN_ENTRIES, IS_ADDED, OF_KEY)

_MOST: Final = bindparam("most", type_=BigInteger)
_ENTRY: Final = ("key", "digest", "customer", "whole")


def _add_entries(which: Any) -> Statement:  # noqa: ANN401 - a condition
    """Insert those that are not there, in the order of the index that they are put into."""
    own = import_entries.c
    whole = case((own.whole == true(), own.digest), else_=null())
    entries = select(own.key, own.digest, own.customer, whole).where(which).order_by(own.key, own.digest)
    return Statement(
        sqlite.insert(key_entries).from_select(_ENTRY, entries).on_conflict_do_nothing(),
        postgresql=postgresql.insert(key_entries).from_select(_ENTRY, entries).on_conflict_do_nothing(),
    )


_THERE = exists().where(
    key_entries.c.key == import_entries.c.key,
    key_entries.c.digest == import_entries.c.digest,
    key_entries.c.customer == import_entries.c.customer,
)


def _missing(which: Any) -> Statement:  # noqa: ANN401 - a condition
    """Something unique that another customer has."""
    return Statement(
        select(import_entries.c.key).where(which, import_entries.c.whole == true(), ~_THERE).limit(number(1))
    )


PLACE = _add_entries(_NEW_ENTRIES)
COUNT = Statement(select(func.count()).select_from(import_entries).where(_NEW_ENTRIES))
MISSING = _missing(_NEW_ENTRIES)

CLEAR_WAY = Statement(
    delete(key_entries).where(
        ~is_there(key_entries.c.customer),
        exists().where(
            OWN_ENTRIES,
            WILL_BE,
            IN_SPAN,
            OF_KEY,
            import_entries.c.key == key_entries.c.key,
            import_entries.c.digest == key_entries.c.whole,
        ),
    )
)
"""Remove what is left of customers who are gone, where it is in the way."""

ANY_APPEARED = Statement(
    select(import_entries.c.row).where(OWN_ENTRIES, IS_NEW, IN_SPAN, OF_ROW, APPEARED).limit(number(1))
)

CHANGE = Statement(
    update(customers)
    .where(_CHANGED_ROWS, import_rows.c.customer == customers.c.id, import_rows.c.revision == customers.c.revision)
    .values(attributes=import_rows.c.attributes, revision=customers.c.revision + 1)
)
REMOVE_RECORDS = Statement(
    delete(customer_records).where(
        customer_records.c.extension == bindparam("of_extension", type_=BigInteger),
        customer_records.c.customer.in_(_CHANGED_CUSTOMERS),
    )
)
ADD_RECORDS = Statement(
    insert(customer_records).from_select(
        ["customer", "extension", "position", "record"],
        select(import_records.c.customer, import_records.c.extension, number(0), import_records.c.record).where(
            OWN_RECORDS
        ),
    )
)
_removed = select(import_entries.c.customer).where(OWN_ENTRIES, IS_REMOVED)
REMOVE_ENTRIES = Statement(delete(key_entries).where(key_entries.c.customer.in_(_removed), GIVEN_UP))
"""What customers were found under who are changed, and will not be any more."""

ADD_CHANGED = _add_entries(_ADDED_ENTRIES)
MISSING_CHANGED = _missing(_ADDED_ENTRIES)

HIDE = Statement(insert(unseen_families).values(family=bindparam("of_family", type_=Text)))
SHOW = Statement(delete(unseen_families).where(unseen_families.c.family == bindparam("of_family", type_=Text)))

ENDED = Statement(
    select(imports.c.id, imports.c.family, imports.c.members, unseen_families.c.family)
    .select_from(imports)
    .join(unseen_families, unseen_families.c.family == imports.c.family, isouter=True)
    .where(imports.c.running.is_(None))
    .limit(number(1))
)
"""An import that is not carried out any more, and of which something is left."""
FEWER = Statement(update(imports).where(imports.c.id == THIS).values(members=bindparam("of_members", type_=BigInteger)))
FORGET = Statement(delete(imports).where(imports.c.id == THIS))


_PART: Final = and_(
    OWN_ENTRIES,
    import_entries.c.role == bindparam("of_role", type_=BigInteger),
    import_entries.c.part == bindparam("of_part", type_=Text),
)
FIRST_PART = Statement(
    select(import_entries.c.role, import_entries.c.part)
    .where(OWN_ENTRIES)
    .order_by(import_entries.c.role, import_entries.c.part)
    .limit(number(1))
)


def _drop(own: ColumnElement[bool], column: Column[Any]) -> Statement:
    """Remove the first rows in the order of a column: up to a value that is looked for once.

    PostgreSQL, which knows nothing yet of rows that were just put in, would look for a list of values for each of them.
    """
    first = select(column.label("place")).where(own).order_by(column).limit(_MOST).subquery()
    last = select(func.max(first.c.place)).scalar_subquery()
    return Statement(delete(column.table).where(own, column <= last))


DROP_ENTRIES = _drop(_PART, import_entries.c.row)
DROP_ROWS = tuple(_drop(and_(OWN_ROWS, import_rows.c.fresh == either), import_rows.c.row) for either in EITHER)
DROP_RECORDS = _drop(OWN_RECORDS, import_records.c.customer)
