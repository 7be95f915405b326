"""Services, states and tasks: started, ended, given to customers, forgotten."""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from busyout.domain.audit import AuditRecord
from busyout.domain.context.course import MAX_ID, course_of, extensions_of, occurrence_of
from busyout.domain.context.members import number_in
from busyout.domain.context.records import check_size, checked_records
from busyout.domain.context.schema import Subject
from busyout.domain.errors import InvalidValue
from busyout.domain.operator import Caller
from busyout.ports.clock import Clock
from busyout.ports.context_courses import Beginning, CourseRegister, Ending, Place, Records
from busyout.services.audit import Audit
from busyout.services.context.business import BusinessAttributes
from busyout.services.context.schemas import ContextSchemas

ANONYMOUS: Final = "anonymous"
"""What the audit trail calls whom a service is for that is no customer's: a contact key may be a telephone number."""


class Courses:
    """Keeps services with their states and tasks."""

    def __init__(
        self, store: CourseRegister, schemas: ContextSchemas, business: BusinessAttributes, audit: Audit, clock: Clock
    ) -> None:
        self._store = store
        self._schemas = schemas
        self._business = business
        self._audit = audit
        self._clock = clock

    async def start_service(self, caller: Caller, document: Mapping[str, Any]) -> int:
        """Start a service of a customer, or of somebody who is not known as one; returns its id.

        Raises:
            InvalidValue: The document describes none.
            NoSuchCustomer, NoSuchExtension
        """
        return await self._start(caller, self._beginning(Subject.SERVICE, document))

    async def end_service(self, caller: Caller, service: int, document: Mapping[str, Any]) -> None:
        """End a service; its states and tasks stay as they are.

        Raises:
            NoSuchService, AlreadyEnded, InvalidValue, NoSuchExtension
        """
        await self._end(caller, Place(Subject.SERVICE, service), document)

    async def delete_service(self, caller: Caller, service: int) -> None:
        """Forget a service with its states and tasks.

        Raises:
            NoSuchService: There is none of that id.
        """
        await self._store.remove(service, audit=self._audit.entry(caller, "service.delete", str(service)))

    async def associate(self, caller: Caller, customer: str, service: int) -> None:
        """Let a service belong to a customer.

        Raises:
            NoSuchService, NoSuchCustomer
        """
        audit = self._audit.entry(caller, "service.associate", str(service), after={"customer": customer})
        await self._store.associate(service, customer, audit=audit)

    async def start_state(self, caller: Caller, service: int, document: Mapping[str, Any]) -> int:
        """Begin a state of a service; returns its id.

        Raises:
            NoSuchService, AlreadyEnded, NoSuchExtension
            InvalidValue: The document describes none, or the service can have no more states and tasks.
        """
        return await self._start(caller, self._beginning(Subject.STATE, document, service))

    async def end_state(self, caller: Caller, service: int, state: int, document: Mapping[str, Any]) -> None:
        """End a state.

        Raises:
            NoSuchState, AlreadyEnded, InvalidValue, NoSuchExtension
        """
        await self._end(caller, Place(Subject.STATE, state, service), document)

    async def transition(self, caller: Caller, service: int, document: Mapping[str, Any]) -> int:
        """End the state under `from` and begin the one under `to`, both or neither; returns the id of the new one.

        What stands beside the two is said of both, such as `timestamp`.

        Raises:
            NoSuchService, NoSuchState, AlreadyEnded, InvalidValue, NoSuchExtension
        """
        before, after = _part(document, "from"), _part(document, "to")
        state = number_in(before, "state_id", MAX_ID)
        if state is None:
            raise InvalidValue("state_id under from is mandatory, and a number")
        shared = {name: value for name, value in document.items() if name not in ("from", "to")}
        ending = self._ending(
            Place(Subject.STATE, state, service),
            {**shared, **{name: value for name, value in before.items() if name != "state_id"}},
        )
        beginning = self._beginning(Subject.STATE, {**shared, **after}, service)
        audit = self._entry(caller, "transition", Subject.STATE, str(state), (*ending.records, *beginning.records))
        return await self._store.transition(ending, beginning, audit=audit)

    async def start_task(self, caller: Caller, service: int, document: Mapping[str, Any]) -> int:
        """Begin a task of a service, within a state of it where `state_id` names one; returns its id.

        Raises:
            NoSuchService, NoSuchState, AlreadyEnded, InvalidValue, NoSuchExtension
        """
        return await self._start(caller, self._beginning(Subject.TASK, document, service))

    async def end_task(self, caller: Caller, service: int, task: int, document: Mapping[str, Any]) -> None:
        """End a task.

        Raises:
            NoSuchTask, AlreadyEnded, InvalidValue, NoSuchExtension
        """
        await self._end(caller, Place(Subject.TASK, task, service), document)

    async def put_extension(self, caller: Caller, place: Place, extension: str, value: object) -> None:
        """Put records in the place of those that a service, a state or a task has of an extension.

        Raises:
            NoSuchService, NoSuchState, NoSuchTask, NoSuchExtension, InvalidValue
        """
        own = self._schemas.schemas.extension(place.subject, extension)
        records = checked_records(own, value)
        if own.required and not records:
            raise InvalidValue(f'"{own.name}" is mandatory')
        audit = self._entry(caller, "extension", place.subject, str(place.id), ((own, records),))
        await self._store.put_records(place, ((own, records),), audit=audit)

    async def _start(self, caller: Caller, beginning: Beginning) -> int:
        course = beginning.course
        owner = str(course.service) if course.service is not None else course.customer or ANONYMOUS
        audit = self._entry(caller, "start", course.subject, owner, beginning.records)
        return await self._store.start(beginning, audit=audit)

    async def _end(self, caller: Caller, place: Place, document: Mapping[str, Any]) -> None:
        ending = self._ending(place, document)
        audit = self._entry(caller, "end", place.subject, str(place.id), ending.records)
        await self._store.end(ending, audit=audit)

    def _beginning(self, subject: Subject, document: Mapping[str, Any], service: int | None = None) -> Beginning:
        course = course_of(subject, document, now=self._clock.now(), accept=self._business.check)
        records = self._records(subject, extensions_of(subject, document, ended=False))
        self._complete(subject, records)
        return Beginning(course if service is None else replace(course, service=service), records)

    def _ending(self, place: Place, document: Mapping[str, Any]) -> Ending:
        now, accept = self._clock.now(), self._business.check
        completed = occurrence_of(place.subject, document, ended=True, now=now, accept=accept)
        return Ending(
            place, completed, self._records(place.subject, extensions_of(place.subject, document, ended=True))
        )

    def _records(self, subject: Subject, given: Mapping[str, Any]) -> Records:
        schemas = self._schemas.schemas
        named = ((schemas.extension(subject, name), value) for name, value in given.items())
        records = tuple((own, checked_records(own, value)) for own, value in named)
        check_size(several for _, several in records)
        return records

    def _complete(self, subject: Subject, records: Records) -> None:
        """Let pass what has every extension that is required."""
        there = {own.id for own, several in records if several}
        for extension in self._schemas.schemas.of_subject(subject):
            if extension.required and extension.id not in there:
                raise InvalidValue(f'"{extension.name}" is mandatory')

    def _entry(self, caller: Caller, verb: str, subject: Subject, name: str, records: Records) -> AuditRecord:
        after = {"extensions": [own.name for own, _ in records]} if records else None
        return self._audit.entry(caller, f"{subject.value}.{verb}", name, after=after)


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = document.get(name)
    if not isinstance(part, dict):
        raise InvalidValue(f"{name} is mandatory, and an object")
    return part
