"""Services, states and tasks between the wire and ours: addresses and queries."""

from collections.abc import Mapping

from msgspec import Struct

from busyout.domain.context.course import MISSING
from busyout.domain.context.query import PartQuery, ServiceQuery, Views, Which
from busyout.domain.context.schema import Subject
from busyout.domain.errors import InvalidValue
from busyout.faces.ucs.translate.asked import flag_of, names_of, number_of, time_of
from busyout.ports.context_courses import Place

__all__ = [
    "Asked",
    "PartQuery",
    "Place",
    "Selection",
    "ServiceQuery",
    "StateSelection",
    "Subject",
    "TaskAsked",
    "TaskSelection",
    "Views",
    "Which",
    "address_of",
    "place_of",
    "query_of",
    "service_of",
    "states_of",
    "tasks_of",
    "views_of",
    "within",
]


class Asked(Struct, frozen=True):
    """What is told beside a service, a state or a task; each `true` or `false` but the last, a list of names."""

    active_states: str = "false"
    completed_states: str = "false"
    active_tasks: str = "false"
    completed_tasks: str = "false"
    extensions: str = ""


class Selection(Asked, frozen=True):
    """Which services of somebody."""

    service_types: str = ""
    started_from: str = ""
    started_to: str = ""


class StateSelection(Asked, frozen=True):
    """Which states of a service."""

    state_types: str = ""


class TaskAsked(Struct, frozen=True):
    """What is told beside a task."""

    extensions: str = ""


class TaskSelection(TaskAsked, frozen=True):
    """Which tasks of a service."""

    task_types: str = ""
    state_id: str = ""


def service_of(path: Mapping[str, str]) -> int:
    """The service that an address names.

    Raises:
        NoSuchService: That is no number.
    """
    return _number(path, Subject.SERVICE)


def place_of(subject: Subject, path: Mapping[str, str]) -> Place:
    """The service, the state or the task that an address names.

    Raises:
        NoSuchService, NoSuchState, NoSuchTask: That is no number.
    """
    service = service_of(path)
    return Place(subject, service) if subject is Subject.SERVICE else Place(subject, _number(path, subject), service)


def within(subject: Subject, path: Mapping[str, str]) -> int | None:
    """The service that a state or a task at an address belongs to; None for a service. Raises as `service_of`."""
    return None if subject is Subject.SERVICE else service_of(path)


def address_of(place: Place) -> str:
    """The address of a service, a state or a task, without the prefix."""
    own = f"/{place.subject.value}s/{place.id}"
    return own if place.service is None else f"/services/{place.service}{own}"


def _number(path: Mapping[str, str], subject: Subject) -> int:
    if (number := number_of(path[subject.value])) is None:
        raise MISSING[subject]
    return number


def views_of(asked: Asked | TaskAsked) -> Views:
    """What is to be told.

    Raises:
        InvalidValue: A parameter is neither true nor false.
    """
    if isinstance(asked, TaskAsked):
        return Views(extensions=names_of(asked.extensions))
    return Views(
        active_states=flag_of("active_states", asked.active_states),
        completed_states=flag_of("completed_states", asked.completed_states),
        active_tasks=flag_of("active_tasks", asked.active_tasks),
        completed_tasks=flag_of("completed_tasks", asked.completed_tasks),
        extensions=names_of(asked.extensions),
    )


def query_of(asked: Selection, which: Which) -> ServiceQuery:
    """The services that are asked for.

    Raises:
        InvalidValue: A parameter is not of its type.
    """
    return ServiceQuery(
        which=which,
        types=names_of(asked.service_types),
        started_from=time_of("started_from", asked.started_from) if asked.started_from else None,
        started_to=time_of("started_to", asked.started_to) if asked.started_to else None,
        views=views_of(asked),
    )


def states_of(asked: StateSelection, which: Which) -> PartQuery:
    """The states that are asked for.

    Raises:
        InvalidValue: A parameter is neither true nor false.
    """
    return PartQuery(Subject.STATE, which, types=names_of(asked.state_types), views=views_of(asked))


def tasks_of(asked: TaskSelection, which: Which) -> PartQuery:
    """The tasks that are asked for.

    Raises:
        InvalidValue: `state_id` is no number.
    """
    state = number_of(asked.state_id) if asked.state_id else None
    if asked.state_id and state is None:
        raise InvalidValue("state_id is a number")
    return PartQuery(Subject.TASK, which, types=names_of(asked.task_types), state=state, views=views_of(asked))
