"""Services, states and tasks: started, ended, given to customers, forgotten."""

from collections.abc import Mapping
from typing import Any, Final

from busyout.domain.audit import AuditRecord
from busyout.domain.context.course import End, Start, occurred, started
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

    async def start(self, caller: Caller, start: Start, *, service: int | None = None) -> int:
        """Start a service, or a state or a task of one; returns its id. A task may be within a state.

        Raises:
            NoSuchCustomer: A service is for one that there is not.
            NoSuchService, NoSuchState, AlreadyEnded: What a state or a task is to belong to is not there or has ended.
            NoSuchExtension
            InvalidValue: A type or a record is not possible, or the service can have no more states and tasks.
        """
        beginning = self._beginning(start, service)
        course = beginning.course
        owner = str(service) if service is not None else course.customer or ANONYMOUS
        audit = self._entry(caller, "start", course.subject, owner, beginning.records)
        return await self._store.start(beginning, audit=audit)

    async def end(self, caller: Caller, place: Place, end: End) -> None:
        """End a service, a state or a task; what is within it stays as it is.

        Raises:
            NoSuchService, NoSuchState, NoSuchTask, AlreadyEnded, InvalidValue, NoSuchExtension
        """
        ending = self._ending(place, end)
        audit = self._entry(caller, "end", place.subject, str(place.id), ending.records)
        await self._store.end(ending, audit=audit)

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

    async def transition(self, caller: Caller, place: Place, end: End, start: Start) -> int:
        """End a state and begin another of the same service, both or neither; returns the id of the new one.

        Raises:
            NoSuchService, NoSuchState, AlreadyEnded, NoSuchExtension, InvalidValue
        """
        ending, beginning = self._ending(place, end), self._beginning(start, place.service)
        records = (*ending.records, *beginning.records)
        audit = self._entry(caller, "transition", Subject.STATE, str(place.id), records)
        return await self._store.transition(ending, beginning, audit=audit)

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

    def _beginning(self, start: Start, service: int | None) -> Beginning:
        course = started(start, service=service, now=self._clock.now(), accept=self._business.check)
        records = self._records(start.subject, start.extensions)
        self._complete(start.subject, records)
        return Beginning(course, records)

    def _ending(self, place: Place, end: End) -> Ending:
        completed = occurred(place.subject, end, now=self._clock.now(), accept=self._business.check)
        return Ending(place, completed, self._records(place.subject, end.extensions))

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
