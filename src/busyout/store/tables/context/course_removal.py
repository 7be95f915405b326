"""How services go: with their states, tasks and records, and with the interactions that are no customer's."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Text, bindparam, delete, null, or_, select
from sqlalchemy.sql import Executable

from busyout.domain.context.schema import Subject
from busyout.store.content import encode
from busyout.store.database import Connection
from busyout.store.lists import change_first_of_numbers, remove_first_of_numbers, with_numbers
from busyout.store.pieces import MOST
from busyout.store.schema_context import course_records
from busyout.store.schema_courses import courses, interactions
from busyout.store.tables.context.gone import note_services

ROOM: Final = 500
"""Rows that one unit of work removes, or a few more: others wait for no longer than that takes."""

WEIGHT: Final = 50
"""As how many rows an interaction counts: it goes with what was said, up to a mebibyte in each form."""

Ids = Select[Any]

_OWNER = course_records.c.owner


def _of(*subjects: Subject) -> ColumnElement[bool]:
    return or_(*(course_records.c.subject == bindparam(None, subject.value, Text) for subject in subjects))


def _locked(ids: Ids) -> Executable:
    """On PostgreSQL, whoever begins a state in one of them waits, and then finds that it is gone."""
    return select(courses.c.id).where(courses.c.id.in_(ids)).order_by(courses.c.id).with_for_update()


def _of_services(ids: Ids) -> ColumnElement[bool]:
    return _of(Subject.SERVICE) & _OWNER.in_(ids)


def _of_parts(ids: Ids) -> ColumnElement[bool]:
    return _of(Subject.STATE, Subject.TASK) & _OWNER.in_(ids)


def _only_theirs(ids: Ids) -> ColumnElement[bool]:
    return interactions.c.service.in_(ids) & interactions.c.customer.is_(None)


def _also_theirs(ids: Ids) -> ColumnElement[bool]:
    return interactions.c.service.in_(ids) & interactions.c.customer.is_not(None)


def _parts(ids: Ids) -> Executable:
    return select(courses.c.id).where(courses.c.service.in_(ids)).limit(MOST)


def _themselves(ids: Ids) -> Executable:
    return delete(courses).where(courses.c.id.in_(ids))


_LOCK = with_numbers("ids", _locked)
_REMOVE_ONLY_THEIRS = remove_first_of_numbers("ids", interactions, _only_theirs)
_GIVE_BACK_OTHERS = change_first_of_numbers("ids", interactions, _also_theirs, service=null())
_REMOVE_RECORDS = remove_first_of_numbers("ids", course_records, _of_services)
_PARTS = with_numbers("ids", _parts)
_REMOVE_RECORDS_OF_PARTS = remove_first_of_numbers("ids", course_records, _of_parts)
_REMOVE = with_numbers("ids", _themselves)


def remove_services(connection: Connection, services: Sequence[int]) -> None:
    """Let services be gone; an interaction that a customer had stays the customer's.

    Of what does not fit in one unit of work, it is noted that something is left to be removed.
    """
    if services and clear_services(connection, services, ROOM) >= ROOM:
        note_services(connection, services)


def clear_services(connection: Connection, services: Sequence[int], room: int) -> int:
    """Remove rows of services; returns how many, less than `room` where nothing is left of them."""
    ids = encode(services)
    connection.all(_LOCK, ids=ids)
    removed = WEIGHT * connection.change(_REMOVE_ONLY_THEIRS, ids=ids, most=in_room(room, WEIGHT))
    for statement in (_GIVE_BACK_OTHERS, _REMOVE_RECORDS):
        if removed < room:
            removed += connection.change(statement, ids=ids, most=room - removed)
    while removed < room and (parts := connection.all(_PARTS, ids=ids, most=room - removed)):
        removed += _clear_parts(connection, [part for (part,) in parts], room - removed)
    if removed < room:
        removed += connection.change(_REMOVE, ids=ids)
    return removed


def in_room(room: int, weight: int) -> int:
    """How many rows of a weight fit, and one more where not all of the room would be used."""
    return -(-room // weight)


def _clear_parts(connection: Connection, parts: Sequence[int], room: int) -> int:
    """Remove states and tasks once their records are removed."""
    ids = encode(parts)
    removed = connection.change(_REMOVE_RECORDS_OF_PARTS, ids=ids, most=room)
    return removed if removed == room else removed + connection.change(_REMOVE, ids=ids)
