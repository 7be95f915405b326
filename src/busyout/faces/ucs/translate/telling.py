"""How services, states and tasks are told: what is inside them, and the extensions that were asked for."""

from typing import Any

from busyout.domain.context.course import Course, Occurrence
from busyout.domain.context.moment import text_of
from busyout.domain.context.query import Sight, Views, Which, is_one_of
from busyout.domain.context.schema import Kind, Subject


def told_all(sight: Sight, views: Views) -> list[dict[str, Any]]:
    """The courses that were asked for, with what is to be told beside them."""
    telling = Telling(sight, views)
    return [telling.alone(one) for one in sight.asked]


def told(course: Course, *, alone: bool) -> dict[str, Any]:
    """A course by itself; only one that is told alone says which service it belongs to."""
    word = course.subject.value
    known: dict[str, Any] = {f"{word}_id": course.id}
    if alone and course.service is not None:
        known["service_id"] = course.service
    known |= {
        "customer_id": course.customer,
        "contact_key": course.contact,
        "state_id": course.id if course.subject is Subject.STATE else course.state,
        f"{word}_type": course.type,
        "est_duration": course.est_duration,
        "started": _event(course.started),
        "completed": None if course.completed is None else _event(course.completed),
    }
    return {name: value for name, value in known.items() if value is not None}


def _event(occurrence: Occurrence) -> dict[str, Any]:
    return {"timestamp": text_of(occurrence.at), **occurrence.facts}


class Telling:
    """Tells of some courses that were read together."""

    def __init__(self, sight: Sight, views: Views) -> None:
        self._states, self._tasks = _by(sight.courses, Subject.STATE), _by(sight.courses, Subject.TASK)
        self._sight = sight
        self._views = views

    def alone(self, course: Course) -> dict[str, Any]:
        """A course that is told by itself."""
        document = self._own(course, alone=True)
        if course.subject is Subject.SERVICE:
            document |= self._states_of(course)
        return document if course.subject is Subject.TASK else document | self._tasks_of(course)

    def _states_of(self, course: Course) -> dict[str, Any]:
        views, states = self._views, self._states.get(course.id, [])
        wanted = (
            ("active_states", views.active_states, Which.ACTIVE),
            ("completed_states", views.completed_states, Which.COMPLETED),
        )
        return {
            name: [self._own(one, alone=False) | self._tasks_of(one) for one in states if is_one_of(one, which)]
            for name, is_wanted, which in wanted
            if is_wanted
        }

    def _tasks_of(self, course: Course) -> dict[str, Any]:
        views, tasks = self._views, self._tasks.get(course.id, [])
        wanted = (
            ("active_tasks", views.active_tasks, Which.ACTIVE),
            ("completed_tasks", views.completed_tasks, Which.COMPLETED),
        )
        return {
            name: [self._own(one, alone=False) for one in tasks if is_one_of(one, which)]
            for name, is_wanted, which in wanted
            if is_wanted
        }

    def _own(self, course: Course, *, alone: bool) -> dict[str, Any]:
        """A course with its extensions, and nothing that is inside it."""
        document = told(course, alone=alone)
        for extension in self._sight.extensions:
            records = self._sight.records.get((course.id, extension.id), ())
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
