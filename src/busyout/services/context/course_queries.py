"""Services, states and tasks, read."""

from typing import Final

from busyout.domain.context.course import MAX_LISTED, MISSING, Course, as_told
from busyout.domain.context.errors import NoSuchExtension
from busyout.domain.context.names import shown
from busyout.domain.context.query import PartQuery, ServiceQuery, Sight, Views, matching
from busyout.domain.context.schema import Extension, Schemas, Subject, named
from busyout.ports.context_courses import CourseIndex, Owner, Place, Selection
from busyout.services.context.business import BusinessAttributes
from busyout.services.context.schemas import ContextSchemas

LONGEST_NUMBER: Final = 19
"""Digits of the first number that may be too large."""


class CourseQueries:
    """Reads services with their states and tasks."""

    def __init__(self, store: CourseIndex, schemas: ContextSchemas, business: BusinessAttributes) -> None:
        self._store = store
        self._schemas = schemas
        self._business = business

    async def one(self, place: Place, views: Views) -> Sight:
        """A service, a state or a task, with what is asked for of what is within it, and its extensions.

        Raises:
            NoSuchService, NoSuchState, NoSuchTask, NoSuchExtension
        """
        found = await self._store.whole(place.id if place.service is None else place.service)
        own = next((one for one in found if one.subject is place.subject and one.id == place.id), None)
        if own is None:
            raise MISSING[place.subject](f"there is no {place.subject.value} {place.id}")
        within = found if own.subject is Subject.SERVICE else (own, *(one for one in found if one.state == own.id))
        return await self._sight((own,), within if _nested(views) else (own,), views.extensions)

    async def of_customer(self, customer: str, query: ServiceQuery) -> Sight:
        """The newest services of a customer, by id.

        Raises:
            NoSuchCustomer, NoSuchExtension
            InvalidValue: A type is none, or that is too much for one answer.
        """
        return await self._of(Owner(customer=customer), query)

    async def of_contact(self, contact: str, query: ServiceQuery) -> Sight:
        """The newest services of somebody who is not known as a customer, by id; raises as `of_customer`."""
        return await self._of(Owner(contact=contact), query)

    async def parts(self, service: int, query: PartQuery) -> Sight:
        """States or tasks of a service, by id.

        Raises:
            NoSuchService, NoSuchExtension
            InvalidValue: A type is none.
        """
        found = await self._store.whole(service)
        chosen = matching(found, query.subject, query.which, self._types(query.subject, query.types))
        chosen = tuple(one for one in chosen if query.state is None or one.state == query.state)[-MAX_LISTED:]
        return await self._sight(chosen, found if _nested(query.views) else chosen, query.views.extensions)

    async def _of(self, owner: Owner, query: ServiceQuery) -> Sight:
        types = tuple(form for one in self._types(Subject.SERVICE, query.types) for form in _forms(one))
        selection = Selection(query.which, types, query.started_from, query.started_to)
        found = await self._store.of_owner(owner, selection, nested=_nested(query.views), limit=MAX_LISTED)
        asked = tuple(one for one in found if one.subject is Subject.SERVICE)
        return await self._sight(asked, found, query.views.extensions)

    async def _sight(self, asked: tuple[Course, ...], found: tuple[Course, ...], names: tuple[str, ...]) -> Sight:
        """Courses that were found, those asked for among them, with their records of extensions of these names."""
        schemas, told = self._schemas.schemas, self._business.told
        wanted = {own.id: own for name in names for own in extensions_named(schemas, name)}
        extensions = tuple(wanted.values())
        records = await self._store.records(found, extensions)
        by_id = {one.id: as_told(one, told) for one in found}
        return Sight(tuple(by_id[one.id] for one in asked), tuple(by_id.values()), extensions, records)

    def _types(self, subject: Subject, types: tuple[str, ...]) -> tuple[str, ...]:
        """Types as they are kept, in text."""
        name = f"{subject.word}.type"
        return tuple(str(self._business.check(name, type)) for type in types)


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


def _nested(views: Views) -> bool:
    return views.active_states or views.completed_states or views.active_tasks or views.completed_tasks


def _forms(type: str) -> tuple[int | str, ...]:
    """What a type in text may be kept as: itself, or the number that it is."""
    return (type, int(type)) if len(type) < LONGEST_NUMBER and type.isdecimal() and str(int(type)) == type else (type,)
