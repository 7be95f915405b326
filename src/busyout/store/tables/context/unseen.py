"""Customers of an import that is not taken in yet: how statements pass over them."""

from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select

from busyout.domain.context.customer import FAMILY_LETTERS
from busyout.store.schema_imports import unseen_families


def is_seen(customer: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a customer, by its id, may be seen.

    Needed where customers are found; nobody knows an id that was not found.
    """
    family = func.substr(customer, literal_column("1"), literal_column(str(FAMILY_LETTERS)))
    return family.not_in(select(unseen_families.c.family))
