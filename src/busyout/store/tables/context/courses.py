"""Services, states and tasks, written."""

from sqlalchemy import BigInteger, Double, bindparam, delete, select, update

from busyout.domain.audit import AuditRecord
from busyout.domain.context.course import Course, Occurrence
from busyout.domain.context.schema import Subject
from busyout.domain.context.upkeep import Purge
from busyout.domain.errors import AlreadyEnded
from busyout.domain.mode import Mode
from busyout.ports.context_courses import Place, Records
from busyout.store.appending import append_audit
from busyout.store.content import encode
from busyout.store.database import Connection
from busyout.store.schema_context import course_records
from busyout.store.schema_courses import courses
from busyout.store.statement import Statement, insert_into
from busyout.store.tables.context.course_pages import CoursePages
from busyout.store.tables.context.course_removal import remove_service
from busyout.store.tables.context.course_rows import columns, found
from busyout.store.tables.context.customers import require_customer
from busyout.store.tables.modes import hold_mode

_ADD = insert_into(courses, returning=courses.c.id)
_END = Statement(
    update(courses)
    .where(courses.c.id == bindparam("of_id"), courses.c.completed_at.is_(None))
    .values(completed_at=bindparam("at", type_=Double), completed=bindparam("facts"))
)
_ASSOCIATE = Statement(update(courses).where(courses.c.id == bindparam("of_id")).values(customer=bindparam("whose")))
_ADD_RECORD = insert_into(course_records)
_REMOVE_RECORDS = Statement(
    delete(course_records).where(
        course_records.c.subject == bindparam("of_subject"),
        course_records.c.owner == bindparam("of_owner"),
        course_records.c.extension == bindparam("of_extension"),
    )
)

_OLD = select(courses.c.id).where(courses.c.subject == Subject.SERVICE.value).order_by(courses.c.id)
_MOST = bindparam("most", type_=BigInteger)
_BEFORE = bindparam("before", type_=Double)
_PURGED = {
    Purge.ALL: Statement(_OLD.where(courses.c.started_at < _BEFORE).limit(_MOST)),
    Purge.STARTED: Statement(_OLD.where(courses.c.started_at < _BEFORE, courses.c.completed_at.is_(None)).limit(_MOST)),
    Purge.STARTED_ANONYMOUS: Statement(
        _OLD.where(
            courses.c.started_at < _BEFORE, courses.c.completed_at.is_(None), courses.c.customer.is_(None)
        ).limit(_MOST)
    ),
    Purge.COMPLETED: Statement(_OLD.where(courses.c.completed_at < _BEFORE).limit(_MOST)),
    Purge.COMPLETED_ANONYMOUS: Statement(
        _OLD.where(courses.c.completed_at < _BEFORE, courses.c.customer.is_(None)).limit(_MOST)
    ),
}


class CourseTable(CoursePages):
    """Implements `CourseRegister`, and `CourseIndex` by what it inherits."""

    async def start(self, course: Course, records: Records, *, audit: AuditRecord) -> int:
        """Keep a new course; see `CourseRegister.start`."""

        def unit(connection: Connection) -> int:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            number = _add(connection, course)
            self._put(connection, course.subject, number, records)
            return number

        return await self._database.run(unit)

    async def end(self, place: Place, completed: Occurrence, records: Records, *, audit: AuditRecord) -> None:
        """Let a course end; see `CourseRegister.end`."""

        def unit(connection: Connection) -> None:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            _end(connection, place, completed)
            self._put(connection, place.subject, place.id, records)

        await self._database.run(unit)

    async def transition(self, place: Place, completed: Occurrence, course: Course, *, audit: AuditRecord) -> int:
        """End a state and start another; see `CourseRegister.transition`."""

        def unit(connection: Connection) -> int:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            _end(connection, place, completed)
            return _add(connection, course)

        return await self._database.run(unit)

    async def associate(self, service: int, customer: str, *, audit: AuditRecord) -> None:
        """Let a service belong to a customer; see `CourseRegister.associate`."""

        def unit(connection: Connection) -> None:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            require_customer(connection, customer)
            found(connection, Place(Subject.SERVICE, service))
            connection.change(_ASSOCIATE, of_id=service, whose=customer)

        await self._database.run(unit)

    async def put_records(self, place: Place, records: Records, *, audit: AuditRecord) -> None:
        """Put records in the place of others; see `CourseRegister.put_records`."""

        def unit(connection: Connection) -> None:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            found(connection, place)
            self._put(connection, place.subject, place.id, records)

        await self._database.run(unit)

    async def remove(self, service: int, *, audit: AuditRecord) -> None:
        """Forget a service; see `CourseRegister.remove`."""

        def unit(connection: Connection) -> None:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            found(connection, Place(Subject.SERVICE, service))
            remove_service(connection, service)

        await self._database.run(unit)

    async def purge(self, before: float, which: Purge, *, limit: int) -> int:
        """Forget old services; see `CourseRegister.purge`."""

        def unit(connection: Connection) -> int:
            hold_mode(connection, Mode.PRODUCTION)
            old = connection.all(_PURGED[which], before=before, most=limit)
            for (service,) in old:
                remove_service(connection, service)
            return len(old)

        return await self._database.run(unit)

    def _put(self, connection: Connection, subject: Subject, owner: int, records: Records) -> None:
        for extension, several in records:
            key = {"of_subject": subject.value, "of_owner": owner, "of_extension": extension.id}
            connection.change(_REMOVE_RECORDS, **key)
            for position, record in enumerate(several):
                connection.change(
                    _ADD_RECORD,
                    subject=subject.value,
                    owner=owner,
                    extension=extension.id,
                    position=position,
                    record=self._records.write(extension, owner, record),
                )


def _add(connection: Connection, course: Course) -> int:
    if course.customer is not None:
        require_customer(connection, course.customer)
    if course.service is not None:
        _check_going_on(found(connection, Place(Subject.SERVICE, course.service)))
    if course.state is not None:
        _check_going_on(found(connection, Place(Subject.STATE, course.state, course.service)))
    row = connection.first(_ADD, **columns(course))
    if row is None:
        raise LookupError("the new course has no id")
    return int(row[0])


def _end(connection: Connection, place: Place, completed: Occurrence) -> None:
    found(connection, place)
    if not connection.change(_END, of_id=place.id, at=completed.at, facts=encode(completed.facts)):
        raise AlreadyEnded(f"{place.subject.value} {place.id} has ended before")


def _check_going_on(course: Course) -> None:
    if course.completed is not None:
        raise AlreadyEnded(f"{course.subject.value} {course.id} has ended")
