"""Services as those see them who write and read bodies: the services, behind what the face makes of a body."""

from typing import Any

from tests.world import ADMIN, World

from busyout.domain.context.query import PartQuery, ServiceQuery, Sight, Views
from busyout.domain.context.schema import Subject
from busyout.faces.ucs.translate import starts, telling
from busyout.ports.context_courses import Place

NOTHING = Views()

Body = dict[str, Any]


class Desk:
    """Starts, ends and tells of services, in the name of `ADMIN`."""

    def __init__(self, world: World) -> None:
        self._courses = world.services.courses
        self._queries = world.services.course_queries
        self.put_extension = self._courses.put_extension
        self.associate = self._courses.associate
        self.delete_service = self._courses.delete_service

    async def start_service(self, body: Body) -> int:
        """The id of a new service."""
        return await self._courses.start(ADMIN, starts.start_of(Subject.SERVICE, body))

    async def start_state(self, service: int, body: Body) -> int:
        """The id of a new state."""
        return await self._courses.start(ADMIN, starts.start_of(Subject.STATE, body), service=service)

    async def start_task(self, service: int, body: Body) -> int:
        """The id of a new task."""
        return await self._courses.start(ADMIN, starts.start_of(Subject.TASK, body), service=service)

    async def end_service(self, service: int, body: Body) -> None:
        """End a service."""
        await self._courses.end(ADMIN, Place(Subject.SERVICE, service), starts.end_of(body))

    async def end_state(self, service: int, state: int, body: Body) -> None:
        """End a state."""
        await self._courses.end(ADMIN, Place(Subject.STATE, state, service), starts.end_of(body))

    async def end_task(self, service: int, task: int, body: Body) -> None:
        """End a task."""
        await self._courses.end(ADMIN, Place(Subject.TASK, task, service), starts.end_of(body))

    async def transition(self, service: int, body: Body) -> int:
        """The id of the state that takes the place of another."""
        state, end, start = starts.transition_of(body)
        return await self._courses.transition(ADMIN, Place(Subject.STATE, state, service), end, start)

    async def service(self, service: int, *, views: Views = NOTHING) -> Body:
        """A service."""
        return await self._one(Place(Subject.SERVICE, service), views)

    async def state(self, service: int, state: int, *, views: Views = NOTHING) -> Body:
        """A state."""
        return await self._one(Place(Subject.STATE, state, service), views)

    async def task(self, service: int, task: int, *, extensions: tuple[str, ...] = ()) -> Body:
        """A task."""
        return await self._one(Place(Subject.TASK, task, service), Views(extensions=extensions))

    async def parts(self, service: int, query: PartQuery) -> tuple[Body, ...]:
        """States or tasks."""
        return _told(await self._queries.parts(service, query), query.views)

    async def of_customer(self, customer: str, query: ServiceQuery) -> tuple[Body, ...]:
        """Services of a customer."""
        return _told(await self._queries.of_customer(customer, query), query.views)

    async def of_contact(self, contact: str, query: ServiceQuery) -> tuple[Body, ...]:
        """Services of somebody who is not known."""
        return _told(await self._queries.of_contact(contact, query), query.views)

    async def _one(self, place: Place, views: Views) -> Body:
        (told,) = _told(await self._queries.one(place, views), views)
        return told


def _told(sight: Sight, views: Views) -> tuple[Body, ...]:
    return tuple(telling.told_all(sight, views))
