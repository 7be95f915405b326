"""What is kept of services, states and tasks. Each method is one unit of work, as in `ports.store`.

Those that write raise `ModeNotAllowed` when the mode is no longer production.
"""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from busyout.domain.audit import AuditRecord
from busyout.domain.context.course import Course, Occurrence
from busyout.domain.context.records import Record
from busyout.domain.context.schema import Extension, Subject
from busyout.domain.context.upkeep import ExportRequest, Purge

Records = tuple[tuple[Extension, tuple[Record, ...]], ...]
"""Extensions, each with the records that an owner has of it."""


class Place(Struct, frozen=True):
    """A course by its address."""

    subject: Subject
    id: int
    service: int | None = None
    """Of a state or a task; None for a service."""


class Owner(Struct, frozen=True):
    """Whose services are asked for: one of the two is given."""

    customer: str | None = None
    contact: str | None = None


class Span(Struct, frozen=True):
    """When the services that are asked for started."""

    since: float | None = None
    """Seconds since the epoch, on or after; None for no bound."""
    before: float | None = None
    """Seconds since the epoch, strictly; None for no bound."""


class CourseRegister(Protocol):
    """Services, states and tasks, written."""

    async def start(self, course: Course, records: Records, *, audit: AuditRecord) -> int:
        """Keep a new course; returns its id.

        Raises:
            NoSuchCustomer: A service is for a customer that there is not.
            NoSuchService, NoSuchState: What a state or a task is to belong to is not there.
            AlreadyEnded: It has ended.
        """

    async def end(self, place: Place, completed: Occurrence, records: Records, *, audit: AuditRecord) -> None:
        """Let a course end.

        Raises:
            NoSuchService, NoSuchState, NoSuchTask: It is not there.
            AlreadyEnded: It has ended before.
        """

    async def transition(self, place: Place, completed: Occurrence, course: Course, *, audit: AuditRecord) -> int:
        """End a state and start another, both or neither; returns the id of the new one. Raises as both."""

    async def associate(self, service: int, customer: str, *, audit: AuditRecord) -> None:
        """Let a service belong to a customer, whoever it belonged to before.

        Raises:
            NoSuchService, NoSuchCustomer: One of them is not there.
        """

    async def put_records(self, place: Place, records: Records, *, audit: AuditRecord) -> None:
        """Put records in the place of those that a course has of these extensions.

        Raises:
            NoSuchService, NoSuchState, NoSuchTask: It is not there.
        """

    async def remove(self, service: int, *, audit: AuditRecord) -> None:
        """Forget a service with its states and tasks.

        Raises:
            NoSuchService: It is not there.
        """

    async def purge(self, before: float, which: Purge, *, limit: int) -> int:
        """Forget at most `limit` services that started, or ended where `which` says so, before that time; how many."""


class CourseIndex(Protocol):
    """Services, states and tasks, read."""

    async def whole(self, service: int) -> tuple[Course, ...]:
        """A service, and its states and tasks by id.

        Raises:
            NoSuchService: It is not there.
        """

    async def of_owner(self, owner: Owner, span: Span, *, nested: bool, limit: int) -> tuple[Course, ...]:
        """The newest services of somebody by id; with `nested`, their states and tasks too."""

    async def records(
        self, courses: tuple[Course, ...], extensions: tuple[Extension, ...]
    ) -> Mapping[tuple[int, int], tuple[Record, ...]]:
        """Records by the ids of the course and of the extension."""

    async def page(self, wanted: ExportRequest, *, until: float, after: int, limit: int) -> tuple[Course, ...]:
        """Services with an id above `after` that an export asks for, by id, each followed by its states and tasks."""
