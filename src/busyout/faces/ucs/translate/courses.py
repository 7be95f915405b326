"""Services, states and tasks between the wire and ours: addresses and queries."""

from collections.abc import Mapping

from msgspec import Struct

from busyout.domain.context.query import ServiceQuery, StateQuery, TaskQuery, Views, Which
from busyout.domain.context.schema import Subject
from busyout.domain.errors import InvalidValue, NoSuchService, NoSuchState, NoSuchTask
from busyout.faces.ucs.translate.asked import flag_of, names_of, number_of, time_of
from busyout.ports.context_courses import Place

__all__ = [
    "Asked",
    "Selection",
    "ServiceQuery",
    "StateSelection",
    "TaskSelection",
    "Which",
    "has_extensions",
    "query_of",
    "service_id",
    "service_place",
    "state_id",
    "state_place",
    "states_of",
    "task_id",
    "task_place",
    "tasks_of",
    "views_of",
]

STATES = ("from", "to")
"""Members of a transition: what is said of the end of one state and of the start of the other."""


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


class TaskSelection(Struct, frozen=True):
    """Which tasks of a service."""

    task_types: str = ""
    state_id: str = ""
    extensions: str = ""


def service_id(path: Mapping[str, str]) -> int:
    """The service that an address names.

    Raises:
        NoSuchService: That is no number.
    """
    if (number := number_of(path["service"])) is None:
        raise NoSuchService
    return number


def state_id(path: Mapping[str, str]) -> int:
    """The state that an address names.

    Raises:
        NoSuchState: That is no number.
    """
    if (number := number_of(path["state"])) is None:
        raise NoSuchState
    return number


def task_id(path: Mapping[str, str]) -> int:
    """The task that an address names.

    Raises:
        NoSuchTask: That is no number.
    """
    if (number := number_of(path["task"])) is None:
        raise NoSuchTask
    return number


def service_place(path: Mapping[str, str]) -> Place:
    """The service that an address names; raises as `service_id`."""
    return Place(Subject.SERVICE, service_id(path))


def state_place(path: Mapping[str, str]) -> Place:
    """The state that an address names; raises as `service_id` and `state_id`."""
    return Place(Subject.STATE, state_id(path), service_id(path))


def task_place(path: Mapping[str, str]) -> Place:
    """The task that an address names; raises as `service_id` and `task_id`."""
    return Place(Subject.TASK, task_id(path), service_id(path))


def has_extensions(document: Mapping[str, object]) -> bool:
    """Whether a body, or a part of a transition, comes with records of extensions."""
    parts = (document, *(part for name in STATES if isinstance(part := document.get(name), dict)))
    return any(isinstance(value, dict | list) for part in parts for name, value in part.items() if name not in STATES)


def views_of(asked: Asked) -> Views:
    """What is to be told.

    Raises:
        InvalidValue: A parameter is neither true nor false.
    """
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


def states_of(asked: StateSelection, which: Which) -> StateQuery:
    """The states that are asked for.

    Raises:
        InvalidValue: A parameter is neither true nor false.
    """
    return StateQuery(which=which, types=names_of(asked.state_types), views=views_of(asked))


def tasks_of(asked: TaskSelection, which: Which) -> TaskQuery:
    """The tasks that are asked for.

    Raises:
        InvalidValue: `state_id` is no number.
    """
    state = number_of(asked.state_id) if asked.state_id else None
    if asked.state_id and state is None:
        raise InvalidValue("state_id is a number")
    return TaskQuery(which=which, types=names_of(asked.task_types), state=state, extensions=names_of(asked.extensions))
