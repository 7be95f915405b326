"""What is asked of services, states and tasks: which of them, and how much of each is told."""

from collections.abc import Mapping
from enum import Enum

from msgspec import Struct

from busyout.domain.context.course import Course
from busyout.domain.context.records import Record
from busyout.domain.context.schema import Extension, Subject


class Which(Enum):
    """All of them, or by whether they have ended."""

    ALL = "all"
    ACTIVE = "active"
    COMPLETED = "completed"


class Views(Struct, frozen=True):
    """What is told beside a service, a state or a task itself."""

    active_states: bool = False
    completed_states: bool = False
    active_tasks: bool = False
    completed_tasks: bool = False
    extensions: tuple[str, ...] = ()
    """Names of extensions."""


class ServiceQuery(Struct, frozen=True):
    """Which services of somebody."""

    which: Which = Which.ALL
    types: tuple[str, ...] = ()
    """By database id or name; empty for every type."""
    started_from: float | None = None
    """Seconds since the epoch, on or after which they started; None for no bound."""
    started_to: float | None = None
    """Seconds since the epoch, strictly before which they started; None for no bound."""
    views: Views = Views()


class PartQuery(Struct, frozen=True):
    """Which states or tasks of a service."""

    subject: Subject
    which: Which = Which.ALL
    types: tuple[str, ...] = ()
    state: int | None = None
    """Only tasks of that state; None for those of every state and of none."""
    views: Views = Views()


class Sight(Struct, frozen=True):
    """Courses that were read together, as they are told."""

    asked: tuple[Course, ...]
    """Those that were asked for, in the order in which they are told."""
    courses: tuple[Course, ...]
    """Those, and what is within them."""
    extensions: tuple[Extension, ...] = ()
    """Those that were asked for."""
    records: Mapping[tuple[int, int], tuple[Record, ...]] = {}
    """By the ids of the course and of the extension, where there are any."""


def is_one_of(course: Course, which: Which) -> bool:
    """Whether a course goes on, has ended, or does either."""
    return which is Which.ALL or (course.completed is None) is (which is Which.ACTIVE)


def matching(courses: tuple[Course, ...], subject: Subject, which: Which, types: tuple[str, ...]) -> tuple[Course, ...]:
    """Those of a kind that go on, have ended, or either, and are of one of the types where some are named."""
    return tuple(
        course
        for course in courses
        if course.subject is subject and is_one_of(course, which) and (not types or str(course.type) in types)
    )
