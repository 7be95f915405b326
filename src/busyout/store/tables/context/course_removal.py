"""How services go: with their states, their tasks, and the records of all of them."""

from sqlalchemy import bindparam, delete, select

from busyout.store.database import Connection
from busyout.store.schema_context import course_records
from busyout.store.schema_courses import courses
from busyout.store.statement import Statement

_INSIDE = select(courses.c.id).where((courses.c.id == bindparam("of_id")) | (courses.c.service == bindparam("of_id")))
_REMOVE_ALL_RECORDS = Statement(delete(course_records).where(course_records.c.owner.in_(_INSIDE)))
_REMOVE = Statement(delete(courses).where(courses.c.id == bindparam("of_id")))
_OF_CUSTOMER = Statement(select(courses.c.id).where(courses.c.customer == bindparam("whose")))


def remove_of_customer(connection: Connection, customer: str) -> None:
    """Forget the services of a customer, with their states, tasks and records."""
    for (service,) in connection.all(_OF_CUSTOMER, whose=customer):
        remove_service(connection, service)


def remove_service(connection: Connection, service: int) -> None:
    """Forget a service; nothing where there is none."""
    connection.change(_REMOVE_ALL_RECORDS, of_id=service)
    connection.change(_REMOVE, of_id=service)
