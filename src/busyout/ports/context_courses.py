"""What is kept of services, states and tasks. Each method is one unit of work, as in `ports.store`.

Those that write raise `ModeNotAllowed` when the mode is no longer production.
"""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from busyout.domain.audit import AuditRecord
from busyout.domain.context.course import Course, Occurrence
from busyout.domain.context.query import Which
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


class Ending(Struct, frozen=True):
    """The end of a course."""

    place: Place
    completed: Occurrence
    records: Records = ()


class Beginning(Struct, frozen=True):
    """The start of a course."""

    course: Course
    records: Records = ()


class Owner(Struct, frozen=True):
    """Whose services are asked for: one of the two is given."""

    customer: str | None = None
    contact: str | None = None


class Selection(Struct, frozen=True):
    """Which services of somebody are asked for."""

    which: Which = Which.ALL
    types: tuple[int | str, ...] = ()
    """As they are kept; empty for every type."""
    since: float | None = None
    """Seconds since the epoch, on or after which they started; None for no bound."""
    before: float | None = None
    """Seconds since the epoch, strictly before which they started; None for no bound."""


class Found(Struct, frozen=True):
    """Part of an export."""

    courses: tuple[Course, ...]
    """Services by id, each followed by its states and tasks."""
    after: int | None
    """Where the next part begins; None where this is the last."""


class Purged(Struct, frozen=True):
    """What came of one piece of a purge."""

    looked_at: int
    """Services; 0 at the end."""
    removed: int
    after: int
    """Id of the last service that was looked at."""


class CourseRegister(Protocol):
    """Services, states and tasks, written."""

    async def start(self, beginning: Beginning, *, audit: AuditRecord) -> int:
        """Keep a new course; returns its id.

        Raises:
            NoSuchCustomer: A service is for a customer that there is not.
            NoSuchService, NoSuchState: What a state or a task is to belong to is not there.
            AlreadyEnded: It has ended.
            InvalidValue: The service has as many states and tasks as one can have.
        """

    async def end(self, ending: Ending, *, audit: AuditRecord) -> None:
        """Let a course end.

        Raises:
            NoSuchService, NoSuchState, NoSuchTask: It is not there.
            AlreadyEnded: It has ended before.
        """

    async def transition(self, ending: Ending, beginning: Beginning, *, audit: AuditRecord) -> int:
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
        """Forget a service with its states and tasks, and with the interactions that are no customer's.

        Raises:
            NoSuchService: It is not there.
        """


class CourseIndex(Protocol):
    """Services, states and tasks, read."""

    async def whole(self, service: int) -> tuple[Course, ...]:
        """A service, and its states and tasks by id.

        Raises:
            NoSuchService: It is not there.
        """

    async def of_owner(self, owner: Owner, selection: Selection, *, nested: bool, limit: int) -> tuple[Course, ...]:
        """The newest services of somebody by id; with `nested`, each followed by its states and tasks.

        Raises:
            NoSuchCustomer: There is no customer of that id.
            InvalidValue: That is too much for one answer; the message says how to ask for less.
        """

    async def records(
        self, courses: tuple[Course, ...], extensions: tuple[Extension, ...]
    ) -> Mapping[tuple[int, int], tuple[Record, ...]]:
        """Records by the ids of the course and of the extension, where there are any.

        Raises:
            InvalidValue: That is too much for one answer.
        """

    async def page(self, wanted: ExportRequest, *, until: float, after: int, limit: int) -> Found:
        """Those that an export asks for among the next `limit` services with an id above `after`."""


class Remains(Protocol):
    """What is left of customers and services that are gone for everybody, where there was too much for one unit."""

    async def clear(self) -> bool:
        """Remove some of it, in any mode; false when nothing is left that another server does not see to."""


class ServicePurge(Protocol):
    """What old services go by, piece by piece; each may be done again."""

    async def count_services(self) -> int:
        """How many services there are."""

    async def purge(self, before: float, which: Purge, *, after: int, limit: int) -> Purged:
        """Look at the next `limit` services with an id above `after`, and forget those that started, or ended where
        `which` says so, before that time."""
