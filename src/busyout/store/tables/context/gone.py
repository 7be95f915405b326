"""What is gone for everybody while its rows are still being removed: how statements pass over it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, insert, or_, select
from sqlalchemy.sql import Executable

from busyout.store.content import encode
from busyout.store.database import Connection
from busyout.store.lists import with_numbers
from busyout.store.schema_courses import courses
from busyout.store.schema_remains import gone_customers, gone_services
from busyout.store.statement import insert_into

_NOTE_CUSTOMER = insert_into(gone_customers)


def _left_of(ids: Select[Any]) -> Executable:
    left = select(courses.c.id).where(courses.c.id.in_(ids))
    return insert(gone_services).from_select(["service"], left)


_NOTE_SERVICES = with_numbers("ids", _left_of)


def is_there(customer: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a customer, by its id, is not gone.

    Not a join, nor an anti-join that PostgreSQL would make of NOT EXISTS: the order of an index is kept, and so is the
    end at a limit.
    """
    return customer.not_in(select(gone_customers.c.customer))


def service_is_there(service: FromClause) -> ColumnElement[bool]:
    """Whether a service, as a row of `courses`, is not gone, nor its customer."""
    itself = service.c.id.not_in(select(gone_services.c.service))
    return and_(itself, or_(service.c.customer.is_(None), is_there(service.c.customer)))


def course_is_there() -> ColumnElement[bool]:
    """Whether a row of `courses`, of whatever subject, is not gone with its service."""
    alone = and_(courses.c.service.is_(None), service_is_there(courses))
    return or_(alone, service_of_id_is_there(courses.c.service))


def service_of_id_is_there(number: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether there is a service of an id that is not gone."""
    service = courses.alias("of_service")
    return exists(select(service.c.id).where(service.c.id == number, service_is_there(service)))


def note_customer(connection: Connection, customer: str) -> None:
    """A customer is gone from here on, and something is left of it."""
    connection.change(_NOTE_CUSTOMER, customer=customer)


def note_services(connection: Connection, services: Sequence[int]) -> None:
    """Those of some services of which something is left are gone from here on."""
    connection.change(_NOTE_SERVICES, ids=encode(services))
