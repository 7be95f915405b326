"""Courses: services, their states and their tasks. Each starts, may end, and knows what happened at both."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from busyout.domain.context.members import number_in, text_in
from busyout.domain.context.moment import moment_of, seconds_of, text_of
from busyout.domain.context.names import check_different, shown
from busyout.domain.context.schema import Subject
from busyout.domain.errors import InvalidValue

MAX_LISTED: Final = 1000
"""Most services, states or tasks in one list: the newest."""

MAX_PARTS: Final = 1000
"""Most states and tasks of one service."""

MAX_TOLD: Final = 10_000
"""Most services, states and tasks in one answer."""

LONGEST: Final[Mapping[str, int]] = {
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
"""Members of what happened at a start or an end, and most characters of each."""

MAPPED: Final = frozenset({"application_type", "resource_type", "media_type", "disposition"})
"""Those that a business attribute may list the values of."""

AT_END: Final = frozenset({"disposition", "disposition_desc"})
"""Those that only an end has."""

OWN: Final[Mapping[Subject, frozenset[str]]] = {
    Subject.SERVICE: frozenset({"customer_id", "contact_key", "service_type"}),
    Subject.STATE: frozenset({"state_type"}),
    Subject.TASK: frozenset({"task_type", "state_id"}),
}
"""Further members of a start."""

MAX_CUSTOMER: Final = 16
MAX_CONTACT: Final = 64
MAX_DURATION: Final = 2**31 - 1
MAX_ID: Final = 2**63 - 1

Accept = Callable[[str, object], Any]
"""Takes a name such as `State.type` and a value; the value as it is kept, or `InvalidValue`."""

Put = Callable[[str, Any], Any]
"""Takes such a name and a value that is kept; the value as it is told."""


class Occurrence(Struct, frozen=True):
    """A start or an end."""

    at: float
    """Seconds since the epoch."""
    facts: dict[str, Any]
    """As the wire has them, `timestamp` first."""


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


def course_of(subject: Subject, document: Mapping[str, Any], *, now: float, accept: Accept) -> Course:
    """The course that a start describes.

    Raises:
        InvalidValue: A member is missing or not what it should be; the message names it.
    """
    word = subject.value.capitalize()
    kind = document.get(f"{subject.value}_type")
    if kind is None:
        raise InvalidValue(f"{subject.value}_type is mandatory")
    if isinstance(kind, int) and abs(kind) > MAX_ID:
        raise InvalidValue(f"{subject.value}_type is a name or a number of 64 bits")
    customer = text_in(document, "customer_id", MAX_CUSTOMER) if subject is Subject.SERVICE else None
    contact = text_in(document, "contact_key", MAX_CONTACT) if subject is Subject.SERVICE else None
    if subject is Subject.SERVICE and customer is None and contact is None:
        raise InvalidValue("a service is somebody's: customer_id or contact_key is mandatory")
    return Course(
        subject=subject,
        customer=customer,
        contact=contact,
        state=number_in(document, "state_id", MAX_ID) if subject is Subject.TASK else None,
        type=accept(f"{word}.type", kind),
        est_duration=number_in(document, "est_duration", MAX_DURATION),
        started=occurrence_of(subject, document, ended=False, now=now, accept=accept),
    )


def occurrence_of(
    subject: Subject, document: Mapping[str, Any], *, ended: bool, now: float, accept: Accept
) -> Occurrence:
    """What a body tells of a start or an end; it is now where it does not say when.

    Raises:
        InvalidValue: A member is not what it should be.
    """
    at, facts = _when(document.get("timestamp"), now)
    for name, longest in LONGEST.items():
        value = document.get(name)
        if value is None or (name in AT_END and not ended):
            continue
        if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isprintable():
            raise InvalidValue(f"{name} is a text without control characters")
        if len(str(value)) > longest:
            raise InvalidValue(f"{name} is a text of at most {longest} characters")
        facts[name] = accept(f"{subject.value.capitalize()}.{name}", value) if name in MAPPED else value
    return Occurrence(at, facts)


def extensions_of(subject: Subject, document: Mapping[str, Any], *, ended: bool) -> dict[str, Any]:
    """The members of a start or an end that are not its own: extensions, by name.

    Raises:
        InvalidValue: One of them holds no records.
    """
    own = {"timestamp", *LONGEST}
    own -= set() if ended else AT_END
    own |= set() if ended else {"est_duration", *OWN[subject]}
    others = {name: value for name, value in document.items() if name not in own and value is not None}
    for name, value in others.items():
        if not isinstance(value, dict | list):
            raise InvalidValue(f'there is no member "{shown(name)}" here')
    check_different(others, what="extensions")
    return others


def told(course: Course, *, alone: bool, put: Put) -> dict[str, Any]:
    """A course as the wire has it; only one that is told alone says which service it belongs to."""
    word = course.subject.value
    known: dict[str, Any] = {f"{word}_id": course.id}
    if alone and course.service is not None:
        known["service_id"] = course.service
    known |= {
        "customer_id": course.customer,
        "contact_key": course.contact,
        "state_id": course.id if course.subject is Subject.STATE else course.state,
        f"{word}_type": put(f"{word.capitalize()}.type", course.type),
        "est_duration": course.est_duration,
        "started": _facts(course.subject, course.started, put),
        "completed": None if course.completed is None else _facts(course.subject, course.completed, put),
    }
    return {name: value for name, value in known.items() if value is not None}


def _facts(subject: Subject, occurrence: Occurrence, put: Put) -> dict[str, Any]:
    word = subject.value.capitalize()
    facts = occurrence.facts.items()
    return {name: put(f"{word}.{name}", value) if name in MAPPED else value for name, value in facts}


def _when(value: object, now: float) -> tuple[float, dict[str, Any]]:
    """A moment, and how the wire writes it."""
    if value is None:
        at = int(now * 1000) / 1000
        return at, {"timestamp": text_of(at)}
    given = moment_of(value) if isinstance(value, str) else None
    if given is None:
        raise InvalidValue("timestamp is a moment, yyyy-MM-ddTHH:mm:ss.SSSZ, of the years 1 to 9999")
    return seconds_of(given), {"timestamp": given}
