"""Statements on lists: a list is one parameter, as JSON, however long it is."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, BigInteger, Select, Text, bindparam, cast, func, select
from sqlalchemy.sql import Executable

from busyout.store.statement import Statement

Build = Callable[[Select[Any]], Executable]
"""Makes a statement of the rows of a list, each of one column."""


def with_numbers(name: str, build: Build) -> Statement:
    """A statement whose parameter `name` is a JSON array of whole numbers."""
    given = func.json_array_elements_text(_json(name)).table_valued("value")
    return Statement(build(_sqlite(name)), postgresql=build(select(cast(given.c.value, BigInteger))))


def with_texts(name: str, build: Build) -> Statement:
    """A statement whose parameter `name` is a JSON array of texts."""
    given = func.json_array_elements_text(_json(name)).table_valued("value")
    return Statement(build(_sqlite(name)), postgresql=build(select(given.c.value)))


def _sqlite(name: str) -> Select[Any]:
    return select(func.json_each(bindparam(name, type_=Text)).table_valued("value").c.value)


def _json(name: str) -> Any:  # noqa: ANN401 - an expression
    return cast(bindparam(name, type_=Text), JSON)
