"""Documents, many at a time: pages by number, of those that have the right texts in indexed columns.

A page ends where it would be too large for the memory, but has always one document, if there is one.
"""

from collections.abc import Mapping
from functools import cache
from itertools import accumulate
from typing import Any

from sqlalchemy import BigInteger, Column, Select, Table, Text, bindparam, func, select

from busyout.store.database import Connection, Row
from busyout.store.statement import Statement

STRENGTH = ("id", "mac", "ip", "config", "role", "plugin", "tenant")
"""Indexed columns, the one first that has the fewest rows with the same text."""

LARGEST = 1024 * 1024
"""Characters of documents, as they are kept, after which a page ends."""


def page_of(
    connection: Connection, content: Column[str], equal: Mapping[str, str], *, after: int, limit: int
) -> list[Row]:
    """Rows with a number above `after` whose columns of those names have those texts, by number.

    Fewer than there are, where their `content` is much; none only where there is none.
    """
    table, names = content.table, frozenset(equal)
    texts = {f"of_{name}": text for name, text in equal.items()}
    sizes = connection.all(sizes_statement(content, names), after=after, most=limit, **texts)
    if not sizes:
        return []
    wholes = accumulate(size for _, size in sizes)
    last = next((number for (number, _), whole in zip(sizes, wholes, strict=True) if whole >= LARGEST), sizes[-1][0])
    return connection.all(page_statement(table, names), after=after, upto=last, most=limit, **texts)


def rows_of(connection: Connection, content: Column[str], numbers: tuple[int, ...]) -> list[Row]:
    """The rows of those numbers that are still there, in that order; not the last ones, where their `content` is much.

    None only where none is there any more.
    """
    rows: list[Row] = []
    whole = 0
    place = list(content.table.c).index(content)
    for number in numbers:
        row = connection.first(_numbered(content.table), of_number=number)
        if row is not None:
            rows.append(row)
            whole += len(row[place])
        if whole >= LARGEST:
            break
    return rows


@cache
def page_statement(table: Table, columns: frozenset[str]) -> Statement:
    """The statement of a page; there is one for each set of columns."""
    upto = table.c.number <= bindparam("upto", type_=BigInteger)
    return Statement(_paged(select(table).where(upto), table, columns))


@cache
def sizes_statement(content: Column[str], columns: frozenset[str]) -> Statement:
    """The statement that tells numbers and sizes of what would be a page."""
    table = content.table
    return Statement(_paged(select(table.c.number, func.length(content)), table, columns))


def _paged(query: Select[Any], table: Table, columns: frozenset[str]) -> Select[Any]:
    """Only the strongest column is offered to the planner as it is: without statistics it might take the weakest."""
    query = (
        query.where(table.c.number > bindparam("after", type_=BigInteger))
        .order_by(table.c.number)
        .limit(bindparam("most", type_=BigInteger))
    )
    for place, name in enumerate(sorted(columns, key=STRENGTH.index)):
        column = table.c[name] if place == 0 else table.c[name].concat("")
        query = query.where(column == bindparam(f"of_{name}", type_=Text))
    return query


@cache
def _numbered(table: Table) -> Statement:
    return Statement(select(table).where(table.c.number == bindparam("of_number", type_=BigInteger)))
