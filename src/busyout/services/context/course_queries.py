"""Services, states and tasks, read."""

from typing import Any, Final

from busyout.domain.context.course import MAX_LISTED, Course
from busyout.domain.context.query import ServiceQuery, StateQuery, TaskQuery, Views
from busyout.domain.context.schema import Subject
from busyout.domain.errors import NoSuchState, NoSuchTask
from busyout.ports.context_courses import CourseIndex, Owner, Selection
from busyout.services.context.business import BusinessAttributes
from busyout.services.context.schemas import ContextSchemas
from busyout.services.context.telling import Telling, extensions_named, matching

LONGEST_NUMBER: Final = 19
"""Digits of the first number that may be too large."""


class CourseQueries:
    """Tells of services with their states and tasks."""

    def __init__(self, store: CourseIndex, schemas: ContextSchemas, business: BusinessAttributes) -> None:
        self._store = store
        self._schemas = schemas
        self._business = business

    async def service(self, service: int, *, views: Views) -> dict[str, Any]:
        """A service, with what is asked for of its states, tasks and extensions.

        Raises:
            NoSuchService, NoSuchExtension
        """
        found = await self._store.whole(service)
        return (await self._telling(found if _nested(views) else found[:1], views)).service(found[0])

    async def of_customer(self, customer: str, query: ServiceQuery) -> tuple[dict[str, Any], ...]:
        """The newest services of a customer, by id.

        Raises:
            NoSuchCustomer, NoSuchExtension
            InvalidValue: A type is none, or that is too much for one answer.
        """
        return await self._of(Owner(customer=customer), query)

    async def of_contact(self, contact: str, query: ServiceQuery) -> tuple[dict[str, Any], ...]:
        """The newest services of somebody who is not known as a customer, by id; raises as `of_customer`."""
        return await self._of(Owner(contact=contact), query)

    async def state(self, service: int, state: int, *, views: Views) -> dict[str, Any]:
        """A state, with what is asked for of its tasks and extensions.

        Raises:
            NoSuchService, NoSuchState, NoSuchExtension
        """
        found = await self._store.whole(service)
        own = next((one for one in found if one.subject is Subject.STATE and one.id == state), None)
        if own is None:
            raise NoSuchState(f"there is no state {state}")
        parts = (own, *(one for one in found if one.state == state))
        return (await self._telling(parts, views)).state(own, alone=True)

    async def states(self, service: int, query: StateQuery) -> tuple[dict[str, Any], ...]:
        """States of a service, by id.

        Raises:
            NoSuchService, NoSuchExtension
        """
        found = await self._store.whole(service)
        telling = await self._telling(found, query.views)
        chosen = matching(found, Subject.STATE, query.which, self._types(Subject.STATE, query.types))
        return tuple(telling.state(one, alone=True) for one in chosen[-MAX_LISTED:])

    async def task(self, service: int, task: int, *, extensions: tuple[str, ...]) -> dict[str, Any]:
        """A task, with the extensions that are asked for.

        Raises:
            NoSuchService, NoSuchTask, NoSuchExtension
        """
        found = await self._store.whole(service)
        own = next((one for one in found if one.subject is Subject.TASK and one.id == task), None)
        if own is None:
            raise NoSuchTask(f"there is no task {task}")
        return (await self._telling((own,), Views(extensions=extensions))).task(own, alone=True)

    async def tasks(self, service: int, query: TaskQuery) -> tuple[dict[str, Any], ...]:
        """Tasks of a service, by id.

        Raises:
            NoSuchService, NoSuchExtension
        """
        found = matching(
            await self._store.whole(service), Subject.TASK, query.which, self._types(Subject.TASK, query.types)
        )
        chosen = tuple(one for one in found if query.state is None or one.state == query.state)[-MAX_LISTED:]
        telling = await self._telling(chosen, Views(extensions=query.extensions))
        return tuple(telling.task(one, alone=True) for one in chosen)

    async def _of(self, owner: Owner, query: ServiceQuery) -> tuple[dict[str, Any], ...]:
        types = tuple(form for one in self._types(Subject.SERVICE, query.types) for form in _forms(one))
        selection = Selection(query.which, types, query.started_from, query.started_to)
        found = await self._store.of_owner(owner, selection, nested=_nested(query.views), limit=MAX_LISTED)
        telling = await self._telling(found, query.views)
        return tuple(telling.service(one) for one in found if one.subject is Subject.SERVICE)

    async def _telling(self, found: tuple[Course, ...], views: Views) -> Telling:
        schemas = self._schemas.schemas
        wanted = {own.id: own for name in views.extensions for own in extensions_named(schemas, name)}
        extensions = tuple(wanted.values())
        return Telling(found, views, extensions, await self._store.records(found, extensions), self._business.told)

    def _types(self, subject: Subject, types: tuple[str, ...]) -> tuple[str, ...]:
        """Types as they are kept, in text."""
        name = f"{subject.value.capitalize()}.type"
        return tuple(str(self._business.check(name, type)) for type in types)


def _nested(views: Views) -> bool:
    return views.active_states or views.completed_states or views.active_tasks or views.completed_tasks


def _forms(type: str) -> tuple[int | str, ...]:
    """What a type in text may be kept as: itself, or the number that it is."""
    return (type, int(type)) if len(type) < LONGEST_NUMBER and type.isdecimal() and str(int(type)) == type else (type,)
