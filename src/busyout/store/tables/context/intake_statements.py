"""Statements of imports: what is put aside, and how it is looked at again."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    update,
)

from busyout.domain.context.span import ALL_PARTS, LETTERS
from busyout.store.lists import insert_rows, with_numbers, with_texts
from busyout.store.schema_context import customer_records
from busyout.store.schema_customers import customers, key_entries
from busyout.store.schema_imports import import_entries, import_records, import_rows, imports
from busyout.store.statement import Statement
from busyout.store.tables.context.gone import is_there
from busyout.store.tables.context.intake_writing import ADDED, BY_ROW, NEW, REMOVED
from busyout.store.tables.context.unseen import is_seen

THIS: Final = bindparam("of_intake", type_=BigInteger)
KEY: Final = bindparam("of_key", type_=BigInteger)
_MOST: Final = bindparam("most", type_=BigInteger)

EITHER: Final = (false(), true())


def number(value: int) -> ColumnElement[int]:
    """A number that belongs to the statement."""
    return literal_column(str(value), Integer)


IS_NEW: Final = import_entries.c.role == number(NEW)
IS_ADDED: Final = import_entries.c.role == number(ADDED)
IS_REMOVED: Final = import_entries.c.role == number(REMOVED)
WILL_BE: Final = import_entries.c.role.in_((number(NEW), number(ADDED)))
OF_ROW: Final = import_entries.c.key == number(BY_ROW)
OF_KEY: Final = import_entries.c.key > number(BY_ROW)
IN_SPAN: Final = import_entries.c.part.between(bindparam("first", type_=Text), bindparam("last", type_=Text))
OWN_ROWS: Final = import_rows.c.intake == THIS
OWN_RECORDS: Final = import_records.c.intake == THIS
OWN_ENTRIES: Final = import_entries.c.intake == THIS

HOLD = Statement(
    update(imports)
    .where(imports.c.id == THIS, imports.c.running.is_not(None))
    .values(
        members=case(
            (imports.c.members < bindparam("of_members", type_=BigInteger), bindparam("of_members", type_=BigInteger)),
            else_=imports.c.members,
        ),
        created=imports.c.created + bindparam("more_created", type_=BigInteger),
        updated=imports.c.updated + bindparam("more_updated", type_=BigInteger),
    )
    .returning(imports.c.created, imports.c.updated)
)
"""Nobody else ends this import until the unit of work has ended."""


PUT_CUSTOMERS = insert_rows("rows", customers, "revision")
PUT_RECORDS = insert_rows("rows", customer_records)
ADD_RECORDS = insert_rows("rows", import_records)
ADD_ENTRIES = insert_rows("rows", import_entries)
ADD_ROWS = insert_rows("rows", import_rows, unless_there=True)
SAME_CUSTOMER = Statement(
    select(import_rows.c.row).where(OWN_ROWS, import_rows.c.customer == bindparam("of_customer", type_=Text))
)

FOUND: Final = and_(is_there(key_entries.c.customer), is_seen(key_entries.c.customer))
_ASKED: Final = key_entries.c.digest
FIND = with_texts(
    "digests",
    lambda digests: select(_ASKED, key_entries.c.customer).where(key_entries.c.key == KEY, _ASKED.in_(digests), FOUND),
)

FORGET_ROWS = with_numbers(
    "rows",
    lambda rows: (
        delete(import_rows)
        .where(OWN_ROWS, import_rows.c.fresh.in_(EITHER), import_rows.c.row.in_(rows))
        .returning(import_rows.c.customer, import_rows.c.fresh)
    ),
)
FORGET_RECORDS = with_texts(
    "customers", lambda ids: delete(import_records).where(OWN_RECORDS, import_records.c.customer.in_(ids))
)
FORGET_ENTRIES = with_numbers(
    "rows",
    lambda rows: delete(import_entries).where(
        OWN_ENTRIES,
        import_entries.c.role.in_([number(role) for role in (NEW, ADDED, REMOVED)]),
        import_entries.c.part.in_([literal_column(f"'{part}'") for part in ALL_PARTS]),
        import_entries.c.row.in_(rows),
    ),
)
"""All parts are named, so that the rows are found by their numbers in each."""

REMOVE = (
    with_texts("customers", lambda ids: delete(key_entries).where(key_entries.c.customer.in_(ids))),
    with_texts("customers", lambda ids: delete(customer_records).where(customer_records.c.customer.in_(ids))),
    with_texts("customers", lambda ids: delete(customers).where(customers.c.id.in_(ids))),
)
"""Remove new customers, who are in their tables already."""

_AS_IT_WAS = exists().where(customers.c.id == import_rows.c.customer, customers.c.revision == import_rows.c.revision)
APPEARED = exists().where(key_entries.c.key == KEY, key_entries.c.digest == import_entries.c.digest, FOUND)
OUTRUN = Statement(
    select(import_rows.c.row, import_entries.c.digest, import_rows.c.given)
    .select_from(import_entries)
    .join(import_rows, and_(OWN_ROWS, import_rows.c.fresh == IS_NEW, import_rows.c.row == import_entries.c.row))
    .where(OWN_ENTRIES, WILL_BE, IN_SPAN, OF_ROW, or_(and_(IS_NEW, APPEARED), and_(IS_ADDED, ~_AS_IT_WAS)))
    .limit(_MOST)
)
"""Rows whose customer is another one by now, was removed, or is there where there was none."""

TWICE = Statement(
    select(import_entries.c.key, func.min(import_entries.c.row), func.max(import_entries.c.row))
    .where(OWN_ENTRIES, WILL_BE, IN_SPAN, import_entries.c.whole == true())
    .group_by(import_entries.c.key, import_entries.c.digest)
    .having(func.count() > number(1))
    .order_by(import_entries.c.key, func.min(import_entries.c.row))
    .limit(number(1))
)
"""Two rows that would be the same customer, or have the same values of a unique key."""

_given_up = import_entries.alias("given_up")
GIVEN_UP: Final = exists(
    select(_given_up.c.key)
    .select_from(import_rows)
    .join(_given_up, and_(_given_up.c.intake == THIS, _given_up.c.row == import_rows.c.row))
    .where(
        OWN_ROWS,
        import_rows.c.customer == key_entries.c.customer,
        _given_up.c.role == number(REMOVED),
        _given_up.c.part == func.substr(key_entries.c.digest, number(1), number(LETTERS)),
        _given_up.c.key == key_entries.c.key,
        _given_up.c.digest == key_entries.c.digest,
    )
    .correlate(key_entries)
)
TAKEN = Statement(
    select(import_entries.c.row, import_entries.c.key)
    .select_from(import_entries)
    .join(key_entries, and_(key_entries.c.key == import_entries.c.key, key_entries.c.whole == import_entries.c.digest))
    .where(OWN_ENTRIES, WILL_BE, IN_SPAN, import_entries.c.whole == true(), OF_KEY)
    .where(key_entries.c.customer != import_entries.c.customer, is_there(key_entries.c.customer), ~GIVEN_UP)
    .limit(number(1))
)
"""A row with values of a unique key that a customer has, and keeps."""
