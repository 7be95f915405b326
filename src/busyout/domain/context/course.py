"""Courses: services, their states and their tasks. Each starts, may end, and knows what happened at both."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from busyout.domain.context.errors import NoSuchService, NoSuchState, NoSuchTask
from busyout.domain.context.schema import Subject
from busyout.domain.errors import Refusal

MISSING: Final[Mapping[Subject, type[Refusal]]] = {
    Subject.SERVICE: NoSuchService,
    Subject.STATE: NoSuchState,
    Subject.TASK: NoSuchTask,
}
"""What is refused where there is none."""

MAX_LISTED: Final = 1000
"""Most services, states or tasks in one list: the newest."""

MAX_PARTS: Final = 1000
"""Most states and tasks of one service."""

MAX_TOLD: Final = 10_000
"""Most services, states and tasks in one answer."""

FACTS: Final[Mapping[str, int]] = {
    "session_id": 32,
    "interaction_id": 50,
    "application_type": 64,
    "application_id": 64,
    "resource_type": 64,
    "resource_id": 64,
    "media_type": 64,
    "disposition": 64,
    "disposition_desc": 64,
}
"""What can be said of a start or an end beside its time, and most characters of each."""

MAPPED: Final = frozenset({"application_type", "resource_type", "media_type", "disposition"})
"""Facts that a business attribute may list the values of."""

AT_END: Final = frozenset({"disposition", "disposition_desc"})
"""Facts that only an end has."""

MAX_CUSTOMER: Final = 16
MAX_CONTACT: Final = 64
MAX_DURATION: Final = 2**31 - 1
MAX_ID: Final = 2**63 - 1

Map = Callable[[str, Any], Any]
"""Takes a name such as `State.type` and a value, as it is given or kept; the value as it is kept or told."""


class Occurrence(Struct, frozen=True):
    """A start or an end."""

    at: float
    """Seconds since the epoch, to the millisecond."""
    facts: dict[str, Any]
    """By the names in `FACTS`."""


class Course(Struct, frozen=True, kw_only=True):
    """A service, a state or a task."""

    id: int = 0
    """Given by the store, counted over all of them; 0 until then."""
    subject: Subject
    service: int | None = None
    """Of a state or a task, the service that it belongs to; None for a service."""
    state: int | None = None
    """Of a task, the state that it belongs to; None where it is beside the states."""
    customer: str | None = None
    """Of a service; None while it is anonymous."""
    contact: str | None = None
    """Of an anonymous service, whom it is for."""
    type: Any
    """Database id or name."""
    est_duration: int | None = None
    """Seconds that it is expected to take; None where nobody knows."""
    started: Occurrence
    completed: Occurrence | None = None
    """None while it goes on."""


class End(Struct, frozen=True, kw_only=True):
    """What somebody says of the end of a course."""

    at: float | None = None
    """Seconds since the epoch; None for now."""
    facts: dict[str, Any] = {}
    extensions: dict[str, Any] = {}
    """What is given for each extension, by its name; not checked yet."""


class Start(End, frozen=True, kw_only=True):
    """What somebody says of the start of a course."""

    subject: Subject
    type: Any
    customer: str | None = None
    contact: str | None = None
    state: int | None = None
    est_duration: int | None = None


def started(start: Start, *, service: int | None, now: float, accept: Map) -> Course:
    """The course that begins with a start; raises what `accept` raises."""
    return Course(
        subject=start.subject,
        service=service,
        state=start.state,
        customer=start.customer,
        contact=start.contact,
        type=accept(f"{start.subject.word}.type", start.type),
        est_duration=start.est_duration,
        started=occurred(start.subject, start, now=now, accept=accept),
    )


def occurred(subject: Subject, said: End, *, now: float, accept: Map) -> Occurrence:
    """What has happened at a start or an end; raises what `accept` raises."""
    at = int(now * 1000) / 1000 if said.at is None else said.at
    return Occurrence(at, _mapped(subject, said.facts, accept))


def as_told(course: Course, tell: Map) -> Course:
    """A course with its type and its facts as they are told."""
    completed = course.completed
    return replace(
        course,
        type=tell(f"{course.subject.word}.type", course.type),
        started=_named(course.subject, course.started, tell),
        completed=None if completed is None else _named(course.subject, completed, tell),
    )


def _named(subject: Subject, occurrence: Occurrence, tell: Map) -> Occurrence:
    return Occurrence(occurrence.at, _mapped(subject, occurrence.facts, tell))


def _mapped(subject: Subject, facts: Mapping[str, Any], put: Map) -> dict[str, Any]:
    return {name: put(f"{subject.word}.{name}", value) if name in MAPPED else value for name, value in facts.items()}
