"""Documents, many at a time: pages by number, of those that have the right texts in indexed columns."""

from collections.abc import Mapping
from functools import cache

from sqlalchemy import BigInteger, Table, Text, bindparam, select

from busyout.store.database import Connection, Row
from busyout.store.statement import Statement

STRENGTH = ("id", "mac", "ip", "config", "role", "plugin", "tenant")
"""Indexed columns, the one first that has the fewest rows with the same text."""


def page_of(connection: Connection, table: Table, equal: Mapping[str, str], *, after: int, limit: int) -> list[Row]:
    """Rows with a number above `after` whose columns of those names have those texts, by number."""
    texts = {f"of_{name}": text for name, text in equal.items()}
    return connection.all(page_statement(table, frozenset(equal)), after=after, most=limit, **texts)


def rows_of(connection: Connection, table: Table, numbers: tuple[int, ...]) -> list[Row]:
    """The rows of those numbers that are still there, in that order."""
    rows = (connection.first(_numbered(table), of_number=number) for number in numbers)
    return [row for row in rows if row is not None]


@cache
def page_statement(table: Table, columns: frozenset[str]) -> Statement:
    """The statement of a page; there is one for each set of columns.

    Only the strongest column is offered to the planner as it is: without statistics it might take the weakest.
    """
    query = (
        select(table)
        .where(table.c.number > bindparam("after", type_=BigInteger))
        .order_by(table.c.number)
        .limit(bindparam("most", type_=BigInteger))
    )
    for place, name in enumerate(sorted(columns, key=STRENGTH.index)):
        column = table.c[name] if place == 0 else table.c[name].concat("")
        query = query.where(column == bindparam(f"of_{name}", type_=Text))
    return Statement(query)


@cache
def _numbered(table: Table) -> Statement:
    return Statement(select(table).where(table.c.number == bindparam("of_number", type_=BigInteger)))
