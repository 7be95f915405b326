"""Services, states and tasks between rows and values; what all statements on them share."""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, bindparam, select

from busyout.domain.context.course import MAX_ID, MISSING, Course, Occurrence
from busyout.domain.context.schema import Subject
from busyout.ports.context_courses import Place
from busyout.store.content import encode
from busyout.store.database import Connection, Row
from busyout.store.schema_courses import courses
from busyout.store.statement import Statement
from busyout.store.tables.context.gone import course_is_there

_ONE = select(courses).where(courses.c.id == bindparam("of_id", type_=BigInteger), course_is_there())
_FIND = Statement(_ONE)
_HOLD = Statement(_ONE.with_for_update(read=True))


def columns(course: Course) -> dict[str, Any]:
    """The columns of a course, but its id."""
    return {
        "subject": course.subject.value,
        "service": course.service,
        "state": course.state,
        "customer": course.customer,
        "contact": course.contact,
        "type": encode(course.type),
        "est_duration": course.est_duration,
        "started_at": course.started.at,
        "started": encode(course.started.facts),
        "completed_at": None if course.completed is None else course.completed.at,
        "completed": None if course.completed is None else encode(course.completed.facts),
    }


def course_of_row(row: Row) -> Course:
    """The course that a row keeps."""
    id, subject, service, state, customer, contact, type, est_duration, started_at, completed_at, started, ended = row
    return Course(
        id=id,
        subject=Subject(subject),
        service=service,
        state=state,
        customer=customer,
        contact=contact,
        type=msgspec.json.decode(type),
        est_duration=est_duration,
        started=Occurrence(started_at, msgspec.json.decode(started)),
        completed=None if completed_at is None else Occurrence(completed_at, msgspec.json.decode(ended)),
    )


def found(connection: Connection, place: Place) -> Course:
    """The course at an address, which stays until the unit of work has ended.

    Raises:
        NoSuchService, NoSuchState, NoSuchTask: It is not there.
    """
    return _course(connection, _HOLD, place)


def require_course(connection: Connection, place: Place) -> None:
    """Let pass what is about a course that there is; for units that only read. Raises as `found`."""
    _course(connection, _FIND, place)


def _course(connection: Connection, statement: Statement, place: Place) -> Course:
    row = connection.first(statement, of_id=place.id) if 0 < place.id <= MAX_ID else None
    course = None if row is None else course_of_row(row)
    if course is None or course.subject is not place.subject or course.service != place.service:
        raise MISSING[place.subject](f"there is no {place.subject.value} {place.id}")
    return course
