"""Services, states and tasks, read."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Double, Select, bindparam, select

from busyout.domain.context.course import Course
from busyout.domain.context.records import Record
from busyout.domain.context.schema import Extension, Subject
from busyout.domain.context.upkeep import Activity, Events, ExportRequest
from busyout.domain.errors import NoSuchService
from busyout.ports.context_courses import Owner, Span
from busyout.store.database import Connection, Database
from busyout.store.schema_context import course_records
from busyout.store.schema_courses import courses
from busyout.store.seal import Seal
from busyout.store.statement import Statement
from busyout.store.tables.context.course_rows import LARGEST_ID, course_of_row
from busyout.store.tables.context.sealed_records import SealedRecords

FIRST, LAST = -1e18, 1e18
"""Before and after every moment there is."""

_SINCE = bindparam("since", type_=Double)
_BEFORE = bindparam("before", type_=Double)
_MOST = bindparam("most", type_=BigInteger)
_WITHIN = (courses.c.started_at >= _SINCE, courses.c.started_at < _BEFORE)
_ID = bindparam("of_id", type_=BigInteger)

_WHOLE = Statement(select(courses).where((courses.c.id == _ID) | (courses.c.service == _ID)).order_by(courses.c.id))


def _newest(whose: Any) -> tuple[Statement, Statement]:  # noqa: ANN401 - a column, of any type
    """Services of somebody: alone, and with their states and tasks."""
    ids = select(courses.c.id).where(whose == bindparam("whose"), *_WITHIN).order_by(courses.c.id.desc()).limit(_MOST)
    return Statement(_among(ids)), Statement(_with_parts(ids))


def _among(ids: Select[Any]) -> Select[Any]:
    return select(courses).where(courses.c.id.in_(ids.scalar_subquery())).order_by(courses.c.id)


def _with_parts(ids: Select[Any]) -> Select[Any]:
    chosen = ids.cte("chosen")
    mine = select(chosen.c.id)
    return select(courses).where(courses.c.id.in_(mine) | courses.c.service.in_(mine)).order_by(courses.c.id)


_OF_CUSTOMER = _newest(courses.c.customer)
_OF_CONTACT = _newest(courses.c.contact)

_RECORDS = Statement(
    select(course_records.c.position, course_records.c.record)
    .where(
        course_records.c.subject == bindparam("of_subject"),
        course_records.c.owner == bindparam("of_owner", type_=BigInteger),
        course_records.c.extension == bindparam("of_extension", type_=BigInteger),
    )
    .order_by(course_records.c.position)
)

_SPAN = {
    Events.STARTED: (courses.c.started_at >= _SINCE) & (courses.c.started_at < _BEFORE),
    Events.COMPLETED: (courses.c.completed_at >= _SINCE) & (courses.c.completed_at < _BEFORE),
}
_SPAN[Events.ANY] = _SPAN[Events.STARTED] | _SPAN[Events.COMPLETED]
_ACTIVITY = {
    Activity.ANY: (),
    Activity.ACTIVE: (courses.c.completed_at.is_(None),),
    Activity.INACTIVE: (courses.c.completed_at.is_not(None),),
}
_PAGES = {
    (events, activity): Statement(
        _with_parts(
            select(courses.c.id)
            .where(courses.c.subject == Subject.SERVICE.value, courses.c.id > bindparam("after", type_=BigInteger))
            .where(span, *going_on)
            .order_by(courses.c.id)
            .limit(_MOST)
        )
    )
    for events, span in _SPAN.items()
    for activity, going_on in _ACTIVITY.items()
}


class CoursePages:
    """Implements `CourseIndex`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._records = SealedRecords(seal)

    async def whole(self, service: int) -> tuple[Course, ...]:
        """A service with its states and tasks; see `CourseIndex.whole`."""
        rows = [] if service > LARGEST_ID else await self._database.read(lambda c: c.all(_WHOLE, of_id=service))
        several = tuple(course_of_row(row) for row in rows)
        if not several or several[0].subject is not Subject.SERVICE or several[0].id != service:
            raise NoSuchService(f"there is no service {service}")
        return several

    async def of_owner(self, owner: Owner, span: Span, *, nested: bool, limit: int) -> tuple[Course, ...]:
        """The newest services of somebody; see `CourseIndex.of_owner`."""
        alone, whole = _OF_CUSTOMER if owner.customer is not None else _OF_CONTACT
        bounds = {
            "whose": owner.customer if owner.customer is not None else owner.contact,
            "since": FIRST if span.since is None else span.since,
            "before": LAST if span.before is None else span.before,
            "most": limit,
        }
        rows = await self._database.read(lambda connection: connection.all(whole if nested else alone, **bounds))
        return tuple(course_of_row(row) for row in rows)

    async def records(
        self, courses: tuple[Course, ...], extensions: tuple[Extension, ...]
    ) -> Mapping[tuple[int, int], tuple[Record, ...]]:
        """Records of some extensions that some courses have."""

        def unit(connection: Connection) -> dict[tuple[int, int], tuple[Record, ...]]:
            return {
                (course.id, extension.id): self._of(connection, course, extension)
                for course in courses
                for extension in extensions
                if extension.subject is course.subject
            }

        return await self._database.read(unit) if extensions else {}

    async def page(self, wanted: ExportRequest, *, until: float, after: int, limit: int) -> tuple[Course, ...]:
        """Services of an export; see `CourseIndex.page`."""
        statement = _PAGES[wanted.events, wanted.activity]
        bounds = {"since": wanted.time_from, "before": until, "after": after, "most": limit}
        rows = await self._database.read(lambda connection: connection.all(statement, **bounds))
        return tuple(course_of_row(row) for row in rows)

    def _of(self, connection: Connection, course: Course, extension: Extension) -> tuple[Record, ...]:
        rows = connection.all(_RECORDS, of_subject=course.subject.value, of_owner=course.id, of_extension=extension.id)
        return tuple(self._records.read(extension, course.id, text) for _, text in rows)
