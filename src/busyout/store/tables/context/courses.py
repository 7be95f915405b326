"""Services, states and tasks, written."""

from sqlalchemy import BigInteger, Double, bindparam, delete, func, select, update

from busyout.domain.audit import AuditRecord
from busyout.domain.context.course import MAX_PARTS, Course
from busyout.domain.context.errors import AlreadyEnded
from busyout.domain.context.schema import Subject
from busyout.domain.errors import InvalidValue
from busyout.domain.mode import Mode
from busyout.ports.context_courses import Beginning, Ending, Place, Records
from busyout.store.appending import append_audit
from busyout.store.content import encode
from busyout.store.database import Connection
from busyout.store.schema_context import course_records
from busyout.store.schema_courses import courses
from busyout.store.statement import Statement, insert_into
from busyout.store.tables.context.course_pages import CoursePages
from busyout.store.tables.context.course_removal import remove_services
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

_PARTS = Statement(
    select(func.count()).select_from(
        select(courses.c.id)
        .where(courses.c.service == bindparam("of_service", type_=BigInteger))
        .limit(bindparam("most", type_=BigInteger))
        .subquery()
    )
)


class CourseTable(CoursePages):
    """Implements `CourseRegister`, and `CourseIndex` by what it inherits."""

    async def start(self, beginning: Beginning, *, audit: AuditRecord) -> int:
        """Keep a new course; see `CourseRegister.start`."""

        def unit(connection: Connection) -> int:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            return self._begin(connection, beginning)

        return await self._database.run(unit)

    async def end(self, ending: Ending, *, audit: AuditRecord) -> None:
        """Let a course end; see `CourseRegister.end`."""

        def unit(connection: Connection) -> None:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            self._end(connection, ending)

        await self._database.run(unit)

    async def transition(self, ending: Ending, beginning: Beginning, *, audit: AuditRecord) -> int:
        """End a state and start another; see `CourseRegister.transition`."""

        def unit(connection: Connection) -> int:
            hold_mode(connection, Mode.PRODUCTION)
            append_audit(connection, audit)
            self._end(connection, ending)
            return self._begin(connection, beginning)

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
            remove_services(connection, (service,))

        await self._database.run(unit)

    def _begin(self, connection: Connection, beginning: Beginning) -> int:
        number = _add(connection, beginning.course)
        self._put(connection, beginning.course.subject, number, beginning.records)
        return number

    def _end(self, connection: Connection, ending: Ending) -> None:
        place, completed = ending.place, ending.completed
        found(connection, place)
        if not connection.change(_END, of_id=place.id, at=completed.at, facts=encode(completed.facts)):
            raise AlreadyEnded(f"the {place.subject.value} {place.id} has ended before")
        self._put(connection, place.subject, place.id, ending.records)

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
        _check_room(connection, course.service)
    if course.state is not None:
        _check_going_on(found(connection, Place(Subject.STATE, course.state, course.service)))
    row = connection.first(_ADD, **columns(course))
    if row is None:
        raise LookupError("the new course has no id")
    return int(row[0])


def _check_going_on(course: Course) -> None:
    if course.completed is not None:
        raise AlreadyEnded(f"the {course.subject.value} {course.id} has ended")


def _check_room(connection: Connection, service: int) -> None:
    if connection.all(_PARTS, of_service=service, most=MAX_PARTS)[0][0] >= MAX_PARTS:
        raise InvalidValue(f"the service {service} has {MAX_PARTS} states and tasks, and can have no more")
