"""Statements on lists: a list is one parameter, as JSON, however long it is."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import Executable
from sqlalchemy.types import TypeEngine

from busyout.store.pieces import first_on_postgresql, first_on_sqlite
from busyout.store.statement import Statement

Build = Callable[[Select[Any]], Executable]
"""Makes a statement of the rows of a list, each of one column."""


Condition = Callable[[Select[Any]], ColumnElement[bool]]
"""Makes a condition of the rows of a list."""


def with_numbers(name: str, build: Build) -> Statement:
    """A statement whose parameter `name` is a JSON array of whole numbers."""
    return Statement(build(_sqlite(name)), postgresql=build(_numbers_on_postgresql(name)))


def remove_first_of_numbers(name: str, table: Table, condition: Condition) -> Statement:
    """Remove the first `most` rows that meet a condition of a list of whole numbers."""
    return Statement(
        delete(table).where(first_on_sqlite(table, condition(_sqlite(name)))),
        postgresql=delete(table).where(first_on_postgresql(table, condition(_numbers_on_postgresql(name)))),
    )


def change_first_of_numbers(name: str, table: Table, condition: Condition, **values: ColumnElement[Any]) -> Statement:
    """Change the first `most` rows that meet a condition of a list of whole numbers."""
    change = update(table).values(**values)
    return Statement(
        change.where(first_on_sqlite(table, condition(_sqlite(name)))),
        postgresql=change.where(first_on_postgresql(table, condition(_numbers_on_postgresql(name)))),
    )


def with_texts(name: str, build: Build) -> Statement:
    """A statement whose parameter `name` is a JSON array of texts."""
    given = func.json_array_elements_text(_json(name)).table_valued("value")
    return Statement(build(_sqlite(name)), postgresql=build(select(given.c.value)))


def _numbers_on_postgresql(name: str) -> Select[Any]:
    given = func.json_array_elements_text(_json(name)).table_valued("value")
    return select(cast(given.c.value, BigInteger))


def _sqlite(name: str) -> Select[Any]:
    return select(func.json_each(bindparam(name, type_=Text)).table_valued("value").c.value)


def _json(name: str) -> Any:  # noqa: ANN401 - an expression
    return cast(bindparam(name, type_=Text), JSON)


def insert_rows(name: str, table: Table, *left_out: str, unless_there: bool = False) -> Statement:
    """Insert rows: a parameter that is a JSON array of arrays, whose cells are the columns of the table in order.

    `left_out` are columns that have a default. With `unless_there`, rows are left out that some key of the table has.
    """
    columns = {column.name: column.type for column in table.columns if column.name not in left_out}
    names = list(columns)
    on_sqlite = sqlite.insert(table).from_select(names, _rows_of_sqlite(name, columns))
    on_postgresql = postgresql.insert(table).from_select(names, _rows_of_postgresql(name, columns))
    if unless_there:
        return Statement(on_sqlite.on_conflict_do_nothing(), postgresql=on_postgresql.on_conflict_do_nothing())
    return Statement(on_sqlite, postgresql=on_postgresql)


def _rows_of_sqlite(name: str, columns: Mapping[str, TypeEngine[Any]]) -> Select[Any]:
    row = func.json_each(bindparam(name, type_=Text)).table_valued("value").c.value
    cells = [func.json_extract(row, literal_column(f"'$[{place}]'")) for place in range(len(columns))]
    return select(*cells).where(row.is_not(None))  # WHERE tells what follows from the end of a join


def _rows_of_postgresql(name: str, columns: Mapping[str, TypeEngine[Any]]) -> Select[Any]:
    row = func.json_array_elements(_json(name)).table_valued("value").c.value
    cells = [cast(row.op("->>")(literal_column(str(place))), kind) for place, kind in enumerate(columns.values())]
    return select(*cells).where(row.is_not(None))
