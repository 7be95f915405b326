"""States and tasks of a service (pages "State Operations" and "Task Operations")."""

from collections.abc import Iterator
from dataclasses import dataclass

from busyout.faces.ucs.routes.base import DONE, Base
from busyout.faces.ucs.routes.services import WHICH
from busyout.faces.ucs.translate import asked, courses
from busyout.http import Reply, Request, RequestClass, Route
from busyout.wire.ucs import privileges as may
from busyout.wire.ucs.messages import StateId, encoded


@dataclass(frozen=True, slots=True)
class States:
    """The handlers."""

    base: Base

    async def start(self, request: Request[object, None]) -> Reply:
        """Begin a state of a service."""
        document, service = self._document(request), courses.service_id(request.path)
        number = await self.base.services.courses.start_state(request.caller, service, document)
        return self.base.created(f"/services/{service}/states/{number}", StateId(number))

    async def end(self, request: Request[object, None]) -> Reply:
        """End a state."""
        document, service = self._document(request), courses.service_id(request.path)
        await self.base.services.courses.end_state(request.caller, service, courses.state_id(request.path), document)
        return DONE

    async def transition(self, request: Request[object, None]) -> Reply:
        """End one state and begin another in one act."""
        document, service = self._document(request), courses.service_id(request.path)
        number = await self.base.services.courses.transition(request.caller, service, document)
        return Reply(body=encoded(StateId(number)))

    async def one(self, request: Request[None, courses.Asked]) -> Reply:
        """A state."""
        views = courses.views_of(request.query)
        if views.extensions:
            self.base.rights.also(request.caller, may.READ_STATE_EXTENSION)
        service, state = courses.service_id(request.path), courses.state_id(request.path)
        return Reply(body=encoded(await self.base.services.course_queries.state(service, state, views=views)))

    async def put_extension(self, request: Request[object, None]) -> Reply:
        """Put records in the place of those that a state has of an extension."""
        place = courses.state_place(request.path)
        extension = request.path["extension"]
        await self.base.services.courses.put_extension(request.caller, place, extension, request.body)
        return DONE

    def _document(self, request: Request[object, None]) -> dict[str, object]:
        document = asked.document_of(request.body)
        if courses.has_extensions(document):
            self.base.rights.also(request.caller, may.CREATE_STATE_EXTENSION)
        return document


@dataclass(frozen=True, slots=True)
class Lists:
    """States of a service, all of them or some."""

    base: Base
    which: courses.Which

    async def of_service(self, request: Request[None, courses.StateSelection]) -> Reply:
        """States of a service."""
        wanted = courses.states_of(request.query, self.which)
        if wanted.views.extensions:
            self.base.rights.also(request.caller, may.READ_STATE_EXTENSION)
        found = await self.base.services.course_queries.states(courses.service_id(request.path), wanted)
        return Reply(body=encoded(found))


def routes(base: Base) -> Iterator[Route]:
    """States."""
    service, kind, path = States(base), RequestClass.DATA, "/services/{service}/states"
    one, read = f"{path}/{{state}}", (may.READ_STATE,)
    yield base.write("POST", f"{path}/start", service.start, (may.START_STATE,), kind)
    yield base.write("POST", f"{path}/transition", service.transition, (may.START_STATE, may.STOP_STATE), kind)
    yield base.write("POST", f"{one}/end", service.end, (may.STOP_STATE,), kind)
    extension = f"{one}/extensions/{{extension}}"
    yield base.write("PUT", extension, service.put_extension, (may.UPDATE_STATE_EXTENSION,), kind)
    for last, which in WHICH:
        yield base.read(path + last, Lists(base, which).of_service, read, kind, query=courses.StateSelection)
    yield base.read(one, service.one, read, kind, query=courses.Asked)
