"""How customers go: with their records, what they are found under, their services, and all interactions with them."""

from typing import Final

from sqlalchemy import Text, bindparam, select

from busyout.store.database import Connection
from busyout.store.pieces import MOST, remove_first
from busyout.store.schema_context import customer_records
from busyout.store.schema_courses import courses, interactions
from busyout.store.schema_customers import key_entries
from busyout.store.statement import Statement
from busyout.store.tables.context.course_removal import ROOM, WEIGHT, clear_services, in_room
from busyout.store.tables.context.gone import note_customer

AT_ONCE: Final = 100
"""Services of which one statement removes rows."""

_WHOSE = bindparam("whose", type_=Text)
_OWN: Final = tuple(
    (remove_first(table, table.c.customer == _WHOSE), weight)
    for table, weight in ((key_entries, 1), (customer_records, 1), (interactions, WEIGHT))
)
"""What belongs to a customer alone, each with as how many rows one counts."""
_SERVICES = Statement(select(courses.c.id).where(courses.c.customer == _WHOSE).order_by(courses.c.id).limit(MOST))


def remove_of_customer(connection: Connection, customer: str) -> None:
    """Let all that a customer had be gone, who is gone.

    Of what does not fit in one unit of work, it is noted that something is left to be removed.
    """
    if clear_customer(connection, customer, ROOM) >= ROOM:
        note_customer(connection, customer)


def clear_customer(connection: Connection, customer: str, room: int) -> int:
    """Remove rows of a customer; returns how many, less than `room` where nothing is left."""
    removed = 0
    for statement, weight in _OWN:
        if removed < room:
            most = in_room(room - removed, weight)
            removed += weight * connection.change(statement, whose=customer, most=most)
    while removed < room and (services := connection.all(_SERVICES, whose=customer, most=AT_ONCE)):
        removed += clear_services(connection, [service for (service,) in services], room - removed)
    return removed
