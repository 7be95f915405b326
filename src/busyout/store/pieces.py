"""Statements on no more than so many rows: what one unit of work removes is bounded, however much there is."""

from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Table, any_, bindparam, delete, func, literal_column, select

from busyout.store.statement import Statement

MOST: Final = bindparam("most", type_=BigInteger)

_ROWID: Final = literal_column("rowid", BigInteger)
_CTID: Final[ColumnElement[Any]] = literal_column("ctid")


def first_on_sqlite(table: Table, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether a row is one of the first `most` that meet a condition.

    By where it lies: given several columns of a key, SQLite may look for rows by the first of these only.
    """
    return _ROWID.in_(select(_ROWID).select_from(table).where(condition).limit(MOST))


def first_on_postgresql(table: Table, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same on PostgreSQL. They are held first, so that rows that somebody else is removing do not count."""
    found = select(_CTID).select_from(table).where(condition).limit(MOST).with_for_update()
    return any_(func.array(found.scalar_subquery())) == _CTID


def remove_first(table: Table, condition: ColumnElement[bool]) -> Statement:
    """Remove the first `most` rows that meet a condition."""
    return Statement(
        delete(table).where(first_on_sqlite(table, condition)),
        postgresql=delete(table).where(first_on_postgresql(table, condition)),
    )
