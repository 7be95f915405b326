"""Services, states and tasks, read. What one statement costs is bounded, however many there are of them."""

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Double, Select, Text, and_, bindparam, func, or_, select, union_all
from sqlalchemy.sql import Executable

from busyout.domain.context.course import MAX_ID, MAX_TOLD, Course
from busyout.domain.context.errors import NoSuchService
from busyout.domain.context.query import Which
from busyout.domain.context.records import Record
from busyout.domain.context.schema import Extension, Subject
from busyout.domain.context.upkeep import Activity, Events, ExportRequest
from busyout.domain.errors import InvalidValue
from busyout.ports.context_courses import Found, Owner, Selection
from busyout.store.content import encode
from busyout.store.database import Database, Row
from busyout.store.lists import with_numbers, with_texts
from busyout.store.schema_context import course_records
from busyout.store.schema_courses import courses
from busyout.store.seal import Seal
from busyout.store.statement import Statement
from busyout.store.tables.context.course_rows import course_of_row
from busyout.store.tables.context.customers import require_customer
from busyout.store.tables.context.gone import service_is_there
from busyout.store.tables.context.purge import looked_at
from busyout.store.tables.context.sealed_records import SealedRecords

FIRST, LAST = -1e18, 1e18
"""Before and after every moment there is."""

MAX_PIECE: Final = 2000
"""Most services, states and tasks that an export reads at once; a service is read whole."""

MAX_RECORDS_TOLD: Final = 16 * 1024 * 1024
"""Most characters of the records in one answer."""

_SINCE = bindparam("since", type_=Double)
_BEFORE = bindparam("before", type_=Double)
_MOST = bindparam("most", type_=BigInteger)
_ID = bindparam("of_id", type_=BigInteger)

_WHOLE = Statement(
    select(courses)
    .where(or_(and_(courses.c.id == _ID, service_is_there(courses)), courses.c.service == _ID))
    .order_by(courses.c.id)
)
"""Nothing that is a service comes first where it is gone."""


def _with_parts(ids: Select[Any]) -> Select[Any]:
    """Services with their states and tasks, in no order: with a limit, no more of them than that are read.

    Two look-ups, because PostgreSQL would read the whole table for an `OR`.
    """
    chosen = ids.cte("chosen")
    themselves = select(courses).join(chosen, courses.c.id == chosen.c[0])
    parts = select(courses).join(chosen, courses.c.service == chosen.c[0])
    return select(union_all(themselves, parts).subquery())


_WHICH: Mapping[Which, ColumnElement[bool] | None] = {
    Which.ALL: None,
    Which.ACTIVE: courses.c.completed_at.is_(None),
    Which.COMPLETED: courses.c.completed_at.is_not(None),
}


def _newest(whose: ColumnElement[Any], which: Which, *, nested: bool) -> Statement:
    """The newest services of somebody; `types` is NULL for every type."""

    def build(types: Select[Any]) -> Executable:
        any_type = bindparam("any_type", type_=BigInteger) == 1
        ids = select(courses.c.id).where(whose == bindparam("whose", type_=Text), courses.c.service.is_(None))
        ids = ids.where(service_is_there(courses)).where(courses.c.started_at >= _SINCE, courses.c.started_at < _BEFORE)
        ids = ids.where(or_(any_type, courses.c.type.in_(types)))
        if (condition := _WHICH[which]) is not None:
            ids = ids.where(condition)
        ids = ids.order_by(courses.c.id.desc()).limit(_MOST)
        if nested:
            return _with_parts(ids).limit(bindparam("room", type_=BigInteger))
        newest = ids.cte("newest")
        return select(courses).join(newest, courses.c.id == newest.c.id).order_by(courses.c.id)

    return with_texts("types", build)


_NEWEST = {
    (column.name, which, nested): _newest(column, which, nested=nested)
    for column in (courses.c.customer, courses.c.contact)
    for which in Which
    for nested in (False, True)
}


def _records(owners: Select[Any]) -> Executable:
    """Records with how many characters they and those before them have; none once that has become too many."""
    keys = (course_records.c.owner, course_records.c.position)
    size = func.length(course_records.c.record)
    so_far = func.sum(size).over(order_by=keys, rows=(None, 0))
    whole = (
        select(*keys, course_records.c.record, size.label("size"), so_far.label("so_far"))
        .where(course_records.c.subject == bindparam("of_subject", type_=Text), course_records.c.owner.in_(owners))
        .where(course_records.c.extension == bindparam("of_extension", type_=BigInteger))
        .subquery()
    )
    within = whole.c.so_far - whole.c.size <= bindparam("room", type_=BigInteger)
    return select(whole.c.owner, whole.c.record, whole.c.so_far).where(within).order_by(*whole.c[:2])


_RECORDS = with_numbers("owners", _records)

_EVENTS: dict[Events, ColumnElement[bool]] = {
    Events.STARTED: and_(courses.c.started_at >= _SINCE, courses.c.started_at < _BEFORE),
    Events.COMPLETED: and_(courses.c.completed_at >= _SINCE, courses.c.completed_at < _BEFORE),
}
_EVENTS[Events.ANY] = or_(_EVENTS[Events.STARTED], _EVENTS[Events.COMPLETED])
_ACTIVITY: dict[Activity, tuple[ColumnElement[bool], ...]] = {
    Activity.ANY: (),
    Activity.ACTIVE: (courses.c.completed_at.is_(None),),
    Activity.INACTIVE: (courses.c.completed_at.is_not(None),),
}
_EXPORTED = {
    (events, activity): looked_at(and_(within, *going_on))
    for events, within in _EVENTS.items()
    for activity, going_on in _ACTIVITY.items()
}


def _chosen(ids: Select[Any]) -> Executable:
    return _with_parts(select(courses.c.id).where(courses.c.id.in_(ids), service_is_there(courses)))


_OF_IDS = with_numbers("ids", _chosen)
_PARTS = with_numbers(
    "ids",
    lambda ids: select(courses.c.service, func.count()).where(courses.c.service.in_(ids)).group_by(courses.c.service),
)


class CoursePages:
    """Implements `CourseIndex`."""

    def __init__(self, database: Database, seal: Seal) -> None:
        self._database = database
        self._records = SealedRecords(seal)

    async def whole(self, service: int) -> tuple[Course, ...]:
        """A service with its states and tasks; see `CourseIndex.whole`."""
        rows = [] if service > MAX_ID else await self._database.read(lambda c: c.all(_WHOLE, of_id=service))
        several = tuple(course_of_row(row) for row in rows)
        if not several or several[0].subject is not Subject.SERVICE or several[0].id != service:
            raise NoSuchService(f"there is no service {service}")
        return several

    async def of_owner(self, owner: Owner, selection: Selection, *, nested: bool, limit: int) -> tuple[Course, ...]:
        """The newest services of somebody; see `CourseIndex.of_owner`."""
        customer, contact = owner.customer, owner.contact
        statement = _NEWEST["contact" if customer is None else "customer", selection.which, nested]
        values = {
            "whose": contact if customer is None else customer,
            "any_type": int(not selection.types),
            "types": encode([encode(type) for type in selection.types]),
            "since": FIRST if selection.since is None else selection.since,
            "before": LAST if selection.before is None else selection.before,
            "most": limit,
        }
        values |= {"room": MAX_TOLD + 1} if nested else {}
        rows = await self._database.read(lambda connection: connection.all(statement, **values))
        if len(rows) > MAX_TOLD:
            raise InvalidValue(f"that is more than {MAX_TOLD} services, states and tasks; ask for a shorter time")
        if not rows and customer is not None:
            await self._database.look_up(lambda connection: require_customer(connection, customer))
        return _in_order(rows)

    async def records(
        self, courses: tuple[Course, ...], extensions: tuple[Extension, ...]
    ) -> Mapping[tuple[int, int], tuple[Record, ...]]:
        """Records of some extensions that some courses have; see `CourseIndex.records`."""
        found: dict[tuple[int, int], tuple[Record, ...]] = {}
        room = MAX_RECORDS_TOLD
        for extension in extensions:
            owners = [course.id for course in courses if course.subject is extension.subject]
            rows = await self._texts(extension, owners, room=room) if owners else []
            room -= rows[-1][2] if rows else 0
            if room < 0:
                raise InvalidValue(f"that is more than {MAX_RECORDS_TOLD} characters of extensions; ask for fewer")
            for owner, text, _ in rows:
                key = owner, extension.id
                found[key] = (*found.get(key, ()), self._records.read(extension, owner, text))
        return found

    async def page(self, wanted: ExportRequest, *, until: float, after: int, limit: int) -> Found:
        """Services of an export; see `CourseIndex.page`."""
        look = _EXPORTED[wanted.events, wanted.activity]
        bounds = {"since": wanted.time_from, "before": until, "after": after, "most": limit}
        rows = await self._database.read(lambda connection: connection.all(look, **bounds))
        ids = [number for number, is_wanted in rows if is_wanted]
        fitting = ids[: await self._fitting(ids)] if ids else ids
        given = encode(fitting)
        found = await self._database.read(lambda connection: connection.all(_OF_IDS, ids=given)) if fitting else ()
        if len(fitting) < len(ids):
            return Found(_in_order(found), fitting[-1])
        return Found(_in_order(found), rows[-1][0] if len(rows) == limit else None)

    async def _fitting(self, services: Sequence[int]) -> int:
        """How many of some services are read at once: those within `MAX_PIECE`, but the first always."""
        ids = encode(services)
        rows = await self._database.read(lambda connection: connection.all(_PARTS, ids=ids))
        parts: dict[int, int] = dict(rows)
        so_far = accumulate(1 + parts.get(service, 0) for service in services)
        return max(1, len([count for count in so_far if count <= MAX_PIECE]))

    async def _texts(self, extension: Extension, owners: Sequence[int], *, room: int) -> list[Row]:
        key = {"of_subject": extension.subject.value, "of_extension": extension.id}
        values = {**key, "owners": encode(owners), "room": room}
        return await self._database.read(lambda connection: connection.all(_RECORDS, **values))


def _in_order(rows: Sequence[Row]) -> tuple[Course, ...]:
    """Services by id, each followed by its states and tasks."""
    return tuple(sorted((course_of_row(row) for row in rows), key=lambda one: (one.service or one.id, one.id)))
