"""How services, states and tasks are told: what is inside them, and the extensions that were asked for."""

from collections.abc import Mapping
from typing import Any

from busyout.domain.context.course import Course, Put, told
from busyout.domain.context.names import shown
from busyout.domain.context.query import Views, Which
from busyout.domain.context.records import Record
from busyout.domain.context.schema import Extension, Kind, Schemas, Subject, named
from busyout.domain.errors import NoSuchExtension


def extensions_named(schemas: Schemas, name: str) -> tuple[Extension, ...]:
    """The extensions of services, states and tasks that have that name, in any case.

    Raises:
        NoSuchExtension: None has.
    """
    own = (named(schemas.of_subject(subject), name) for subject in (Subject.SERVICE, Subject.STATE, Subject.TASK))
    found = tuple(extension for extension in own if extension is not None)
    if not found:
        raise NoSuchExtension(f'there is no extension called "{shown(name)}"')
    return found


def matching(courses: tuple[Course, ...], subject: Subject, which: Which, types: tuple[str, ...]) -> tuple[Course, ...]:
    """Those of a kind that go on, have ended, or either, and are of one of the types where some are named."""
    return tuple(
        course
        for course in courses
        if course.subject is subject and _is(course, which) and (not types or str(course.type) in types)
    )


class Telling:
    """Tells of some courses that were read together."""

    def __init__(
        self,
        courses: tuple[Course, ...],
        views: Views,
        extensions: tuple[Extension, ...],
        records: Mapping[tuple[int, int], tuple[Record, ...]],
        put: Put,
    ) -> None:
        self._states, self._tasks = _by(courses, Subject.STATE), _by(courses, Subject.TASK)
        self._put = put
        self._views = views
        self._extensions = extensions
        self._records = records

    def service(self, course: Course) -> dict[str, Any]:
        """A service."""
        views = self._views
        states = self._states.get(course.id, [])
        tasks = self._tasks.get(course.id, [])
        document = self._own(course, alone=True)
        for name, wanted, which in (
            ("active_states", views.active_states, Which.ACTIVE),
            ("completed_states", views.completed_states, Which.COMPLETED),
        ):
            if wanted:
                document[name] = [self.state(state, alone=False) for state in states if _is(state, which)]
        return self._with_tasks(document, tasks)

    def state(self, course: Course, *, alone: bool) -> dict[str, Any]:
        """A state; one that is told alone says which service it belongs to."""
        return self._with_tasks(self._own(course, alone=alone), self._tasks.get(course.id, []))

    def task(self, course: Course, *, alone: bool) -> dict[str, Any]:
        """A task; one that is told alone says which service it belongs to."""
        return self._own(course, alone=alone)

    def _with_tasks(self, document: dict[str, Any], tasks: list[Course]) -> dict[str, Any]:
        for name, wanted, which in (
            ("active_tasks", self._views.active_tasks, Which.ACTIVE),
            ("completed_tasks", self._views.completed_tasks, Which.COMPLETED),
        ):
            if wanted:
                document[name] = [self.task(task, alone=False) for task in tasks if _is(task, which)]
        return document

    def _own(self, course: Course, *, alone: bool) -> dict[str, Any]:
        document = told(course, alone=alone, put=self._put)
        for extension in self._extensions:
            records = self._records.get((course.id, extension.id), ())
            if extension.kind is Kind.MULTI_VALUED and extension.subject is course.subject:
                document[extension.name] = list(records)
            elif records:
                document[extension.name] = records[0]
        return document


def _by(courses: tuple[Course, ...], subject: Subject) -> dict[int | None, list[Course]]:
    """Courses of a kind by the state that they are within, or else by their service."""
    found: dict[int | None, list[Course]] = {}
    for course in courses:
        if course.subject is subject:
            found.setdefault(course.service if course.state is None else course.state, []).append(course)
    return found


def _is(course: Course, which: Which) -> bool:
    return which is Which.ALL or (course.completed is None) is (which is Which.ACTIVE)
